"""What the tests of pages share: a user turns a cloud by mouse, keys and finger."""

LOOK = "canvas => canvas.toDataURL()"
# The part of the canvas on which there is something red, whatever it is drawn with.
RED = """canvas => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let red = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] && data[i] > 2 * data[i + 2]) red++;
  return (4 * red) / data.length;
}"""


def check_turning(tab, canvas) -> None:
    """Holds a canvas with a red ball to what every page's does."""

    def look() -> str:
        tab.wait_for_timeout(300)
        return canvas.evaluate(LOOK)

    canvas.scroll_into_view_if_needed()
    first = look()
    assert 0.05 < canvas.evaluate(RED) < 0.9, "a red ball fills a part of the canvas"
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 90, y + 20, steps=3)
    tab.mouse.up()
    dragged = look()
    assert dragged != first, "dragging turns it"
    tab.mouse.move(x, y)
    assert look() == dragged, "moving without a button does not"
    canvas.focus()
    tab.keyboard.press("ArrowLeft")
    assert look() != dragged, "so do the keys"
    tab.keyboard.press("+")
    tab.keyboard.press("Home")
    assert look() == first
    for kind, far in (("pointerdown", 0), ("pointermove", 60), ("pointerup", 60)):
        touch = {"pointerId": 7, "pointerType": "touch", "button": 0, "bubbles": True}
        canvas.evaluate("canvas => (canvas.setPointerCapture = () => {})")
        canvas.dispatch_event(kind, touch | {"clientX": x + far, "clientY": y})
    assert look() != first, "so does a finger"
