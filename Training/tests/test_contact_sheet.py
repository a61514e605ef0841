"""The contact sheet in a browser: clouds are drawn, and turn under the pointer and the keys.

Chromium shows it and Playwright plays the user (conftest.py says where they come from).
"""

import subprocess
from pathlib import Path

import pytest
from test_cloud_formats import ROOT, program
from turning import check_turning

DURATION = """audio => new Promise((done) => {
  audio.onloadedmetadata = () => done(audio.duration);
  audio.onerror = () => done(-1);
  audio.preload = "metadata";
  audio.load();
})"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sheet")
    broken = folder / "broken.wav"
    broken.write_text("no sound")
    sample = ROOT / "audio-samples" / "red-ball.flac"
    run = subprocess.run(
        [program(), "convert", sample, broken, "-o", folder, "--contact-sheet", folder / "a.html"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    return folder / "a.html"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 420)])
def test_a_user_turns_a_cloud(page, browser, scheme, width):
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 1100}, has_touch=True
    )
    tab = context.new_page()
    complaints, loaded = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: loaded.append(request.url))
    tab.goto(page.as_uri())
    canvas = tab.locator("canvas").first
    check_turning(tab, canvas)

    assert tab.locator("audio").first.evaluate(DURATION) == pytest.approx(1.77, abs=0.05)
    assert tab.locator("img").first.evaluate("image => image.decode().then(() => image.width > 0)")
    assert "broken.wav" in tab.locator("#failed").inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(22, 23, 26)") == (scheme == "dark"), ground
    assert not complaints, complaints
    assert all(url.startswith(("data:", "blob:")) for url in loaded[1:]), loaded
    context.close()
