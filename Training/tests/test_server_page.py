"""The server's page in a browser: people speak, write and drop files, and get clouds that turn.

Chromium shows it and Playwright plays the user (conftest.py says where they come from); what the
browser takes for a microphone plays one of the samples.
"""

import subprocess

import pytest
from test_cloud_formats import ROOT, program
from turning import check_turning

SAMPLES = ROOT / "audio-samples"


@pytest.fixture(scope="module")
def site():
    """The address of a server."""
    command = [program(), "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = server.stdout.readline()
    assert told.startswith("listening on "), told
    yield told.removeprefix("listening on ").strip()
    server.terminate()
    assert server.wait(timeout=30) == 0


@pytest.fixture(
    params=[("light", 1280, 900), ("dark", 1280, 900), ("light", 390, 844), ("dark", 390, 844)],
    ids=lambda given: f"{given[0]}-{given[1]}",
)
def tab(request, browser, site):
    """The page, at a desktop's and a phone's size; it complains of nothing, loads only its own."""
    scheme, width, height = request.param
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, has_touch=width < 800
    )
    context.grant_permissions(["microphone"], origin=site.rstrip("/"))
    tab = context.new_page()
    complaints, loaded = [], []
    tab.on("console", lambda message: complaints.append((message.type, message.text)))
    tab.on("pageerror", lambda error: complaints.append(("error", str(error))))
    tab.on("request", lambda request: loaded.append(request.url))
    tab.goto(site)
    yield tab
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(22, 23, 26)") == (scheme == "dark"), ground
    # The browser itself tells of every answer that is a refusal.
    errors = [text for kind, text in complaints if kind == "error" and "status of 4" not in text]
    assert not errors, errors
    assert all(url.startswith((site, "blob:", "data:")) for url in loaded), loaded
    context.close()


def wait_for(tab, text: str) -> None:
    tab.get_by_role("status").get_by_text(text).wait_for(timeout=20_000)


def test_a_user_speaks(tab):
    record = tab.get_by_role("button", name="Speak")
    record.click()
    partial = tab.locator("#partial")
    partial.get_by_text("red chair").wait_for(timeout=20_000)
    tab.get_by_role("button", name="Make it", pressed=True).click()
    wait_for(tab, "Made in")
    assert "red chair" in tab.locator("#heard").inner_text()
    assert "chair" in tab.get_by_role("listitem").first.inner_text()
    assert tab.get_by_role("img", name="Spectrogram of the recording").is_visible()
    assert tab.get_by_role("button", name="Speak", pressed=False).is_visible()
    assert tab.locator("#level").get_attribute("value") in ("0", None)


def test_a_user_writes_and_turns_what_comes(tab):
    field = tab.get_by_role("textbox", name="Or write")
    field.fill("good morning")
    field.press("Enter")
    wait_for(tab, "No object is described")
    field.fill("a red ball")
    field.press("Enter")
    wait_for(tab, "Made in")
    canvas = tab.get_by_role("img", name="Point cloud: red sphere")
    check_turning(tab, canvas)

    for label, start in {
        "PLY": b"ply\nformat binary",
        "PLY as text": b"ply\nformat ascii",
        "XYZ": None,
        "OBJ": None,
        "GLB": b"glTF",
        "Scene": b"{",
    }.items():
        with tab.expect_download() as download:
            tab.get_by_role("button", name=label, exact=True).click()
        data = download.value.path().read_bytes()
        assert len(data) > 100, label
        assert start is None or data.startswith(start), label
        assert download.value.suggested_filename.startswith("red-sphere")

    tab.reload()
    tab.get_by_role("button", name="a red ball").click()
    tab.get_by_role("img", name="Point cloud: red sphere").wait_for(timeout=20_000)
    tab.get_by_role("button", name="Forget all").click()
    assert tab.get_by_role("button", name="a red ball").count() == 0


def test_a_user_gives_files(tab, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound")
    good = SAMPLES / "red-ball.flac"
    with tab.expect_file_chooser() as chooser:
        tab.get_by_role("button", name="files").click()
    chooser.value.set_files([good])
    wait_for(tab, "Made in")
    tab.get_by_role("img", name="Point cloud: red sphere").wait_for()
    with tab.expect_file_chooser() as chooser:
        tab.get_by_role("button", name="files").click()
    chooser.value.set_files([tmp_path / "broken.wav"])
    tab.get_by_role("status").get_by_text("cannot be read").wait_for(timeout=20_000)


def test_everything_is_reached_by_keys_and_has_a_name(tab):
    reached = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.id"))
    for wanted in ("record", "text", "choose", "choose-folder", "cloud"):
        assert wanted in reached, reached
    nameless = tab.evaluate(
        "[...document.querySelectorAll('button, input:not([hidden]), select, canvas, meter')]"
        ".filter((one) => !(one.innerText || one.labels?.length || one.ariaLabel))"
        ".map((one) => one.id)"
    )
    assert not nameless, nameless
