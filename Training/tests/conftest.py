"""What the tests of pages share: Debian's Chromium, driven by Playwright.

Where one of them is missing (`apt-get install chromium`, `pip install -e 'Training[browser]'`) the
tests are skipped.
"""

import shutil

import pytest
from test_cloud_formats import ROOT

# What the browser takes for a microphone: it is heard once, from when a page asks for it.
SPOKEN = ROOT / "audio-samples" / "tall-red-chair.wav"


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium: apt-get install chromium")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="pip install -e 'Training[browser]'"
    )
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={SPOKEN}%noloop",
            ],
        )
        yield browser
        browser.close()
