"""The live page in a real Chromium: its camera (a made one), a picture, a video, sentences, at two widths.

Needs a Chromium of the system's.
"""

import json
from pathlib import Path

import av
import pytest
from PIL import Image
from playwright import sync_api as playwright

from tests.chromium import CAMERA, CHROMIUM, launched
from tests.commands import PATIENCE
from tests.live.test_server import serving

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium: apt-get install chromium")

WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth > innerWidth"

DIFFERENT = """() => {
  const of = (id) => document.getElementById(id).getContext("2d").getImageData(0, 0, 32, 32).data.join();
  return of("before") !== of("after");
}"""


SHOWN = '() => document.getElementById("after").getContext("2d").getImageData(0, 0, 32, 32).data.join()'


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as engine:
        opened = launched(engine, *CAMERA)
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """Opens pages; what they complain of or ask for elsewhere fails the test."""
    contexts, complaints, asked = [], [], []

    def opened(address, width=1440):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        contexts[-1].set_default_timeout(PATIENCE * 1000)
        made = contexts[-1].new_page()
        made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on("request", lambda request: asked.append(request.url))
        made.goto(address)
        return made

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_camera_runs_through_the_network(exported_pictures, page, width):
    with serving(exported_pictures) as server:
        shown = page(f"http://{server.host}/", width)
        shown.select_option("#side", "128")
        shown.click("text=Start the camera")
        shown.wait_for_selector("#rate:has-text('frames a second')")
        assert shown.evaluate(DIFFERENT)
        assert not shown.evaluate(WIDER_THAN_THE_WINDOW)
        shown.click("text=Stop the camera")
        assert json.loads(server.ask("GET", "/health")[2])["done"] > 1
        shown.close()  # before the server, which a last frame may still ask


def test_a_picture_is_shown_before_and_after_and_can_be_saved(exported_pictures, page, tmp_path):
    one, none = tmp_path / "one.png", tmp_path / "none.png"
    Image.linear_gradient("L").resize((300, 200)).convert("RGB").save(one)
    none.write_bytes(b"no picture")
    with serving(exported_pictures) as server:
        shown = page(f"http://{server.host}/")
        shown.set_input_files("#file", none)
        shown.wait_for_selector("text=none.png is no picture that the browser can open")
        shown.set_input_files("#file", one)
        with shown.expect_download() as downloaded:
            shown.click("text=Save the translation")
        made = Image.open(Path(downloaded.value.path()))
        assert made.size == (256, 171), "as large as the side that was chosen"
        assert shown.evaluate(DIFFERENT)
        assert shown.text_content("#problem") == ""


def test_a_video_is_played_through_the_network(exported_pictures, page, tmp_path):
    clip, none = tmp_path / "clip.webm", tmp_path / "none.webm"
    none.write_bytes(b"no video")
    with av.open(str(clip), "w") as video:
        stream = video.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in range(0, 200, 20):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (level, 128, 255 - level)))
            video.mux(stream.encode(frame.reformat(format="yuv420p")))
        video.mux(stream.encode())
    with serving(exported_pictures) as server:
        shown = page(f"http://{server.host}/")
        shown.set_input_files("#file", none)
        shown.wait_for_selector("text=none.webm is no video that the browser can open")
        shown.set_input_files("#file", clip)
        shown.wait_for_selector("#rate:has-text('frames a second')")
        first = shown.evaluate(SHOWN)
        shown.wait_for_function(f"first => ({SHOWN})() !== first", arg=first)
        assert shown.evaluate("document.getElementById('before').width") == 64
        assert shown.text_content("#problem") == ""
        shown.click("text=Stop the video")
        shown.wait_for_selector("text=Start the camera")
        shown.close()  # before the server, which a last frame may still ask


def test_sentences_are_answered_below(exported_sentences, page):
    with serving(exported_sentences / "onnx") as server:
        shown = page(f"http://{server.host}/", 390)
        shown.select_option("#to", "informal")
        shown.fill("#text", "I do not know.\n\nThank you for your help.")
        shown.click("button:has-text('Translate')")
        shown.wait_for_selector("#answers li:nth-child(2)")
        assert shown.locator("#answers li").count() == 2
        assert not shown.evaluate(WIDER_THAN_THE_WINDOW)
