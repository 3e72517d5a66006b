"""The page without a server: what is in its folder, and what a real Chromium does with it.

Its tests in a browser need a Chromium of the system's and the npm package onnxruntime-web.
"""

import functools
import gzip
import http.server
import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright import sync_api as playwright

from cyclekit import exported
from cyclekit.exporting.folder import export
from cyclekit.exporting.web import ON_GPU, RUNTIME, find_runtime, write_web_page
from cyclekit.registry import RecipeError
from tests.chromium import CAMERA, CHROMIUM, launched
from tests.commands import PATIENCE
from tests.made_run import made_run

NPM = Path(os.environ.get("ONNXRUNTIME_WEB", Path(__file__).parents[2] / "node_modules" / "onnxruntime-web"))

in_a_browser = pytest.mark.skipif(
    not CHROMIUM or not NPM.is_dir(),
    reason="needs a Chromium and: npm install onnxruntime-web (or its folder in ONNXRUNTIME_WEB)",
)


@pytest.fixture
def package(tmp_path):
    """A stand-in for the npm package."""
    (tmp_path / "package" / "dist").mkdir(parents=True)
    for name in RUNTIME:
        (tmp_path / "package" / "dist" / name).write_text(f"// {name}")
    return tmp_path / "package"


def test_the_folder_has_all_that_it_names(tmp_path, package):
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a-to-b.onnx").write_text("weights")
    (folder / "manifest.json").write_text("{}")
    assert write_web_page(folder, package, "monet2photo").startswith("a page of 0.0 MB gzipped")
    worker = (folder / "sw.js").read_text()
    kept = json.loads(worker.split("const FILES = ")[1].split(";")[0])
    assert kept[0] == "./"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(kept[1:]) == there - {"sw.js"}
    assert {"index.html", "ort/LICENSE.txt", "app.webmanifest", "a-to-b.onnx"} <= there
    icons = json.loads((folder / "app.webmanifest").read_text())["icons"]
    assert {icon["src"] for icon in icons} <= there
    drawn = Image.open(folder / "icon.png")
    assert [icon["sizes"] for icon in icons if icon["src"] == "icon.png"] == ["{}x{}".format(*drawn.size)]
    page = (folder / "index.html").read_text()
    assert 'rel="manifest"' in page
    assert "Content-Security-Policy" in page
    before = worker.split("const VERSION = ")[1]
    again = tmp_path / "again"
    shutil.copytree(folder, again, ignore=shutil.ignore_patterns("sw.js", "ort"))
    (again / "a-to-b.onnx").write_text("other weights")
    write_web_page(again, package, "monet2photo")
    assert (again / "sw.js").read_text().split("const VERSION = ")[1] != before, "browsers would keep the old weights"


def test_what_webgpu_needs_is_kept_only_once_it_was_asked_for(tmp_path, package):
    with pytest.raises(RecipeError, match=r"web_runtime=.* is not the npm package"):
        find_runtime(package, gpu=True)
    for name in ON_GPU:
        (package / "dist" / name).write_text(f"// {name}")
    assert find_runtime(package, gpu=True) == package
    pages = {}
    for gpu in (False, True):
        pages[gpu] = tmp_path / f"app {gpu}"
        pages[gpu].mkdir()
        assert ("WebGPU" in write_web_page(pages[gpu], package, "monet2photo", gpu=gpu)) is gpu
    lists = [
        json.loads((pages[True] / "sw.js").read_text().split(f"const {name} = ")[1].split(";")[0]) for name in KEPT
    ]
    assert set(lists[1]) == {f"ort/{name}" for name in ON_GPU}
    assert not set(lists[0]) & set(lists[1])
    assert all((pages[True] / name).is_file() for name in (*lists[0][1:], *lists[1]))
    for gpu, folder in pages.items():
        assert (f"const GPU = {str(gpu).lower()};" in (folder / "engine.js").read_text()) is True
        assert (folder / "ort" / ON_GPU[0]).exists() is gpu


KEPT = ("FILES", "LATER")


def test_a_missing_package_is_one_line(tmp_path, package, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError, match="to=web: needs the npm package onnxruntime-web; run: npm install"):
        find_runtime(None)
    with pytest.raises(RecipeError, match="web_runtime=elsewhere: is not the npm package"):
        find_runtime(Path("elsewhere"))
    (tmp_path / "node_modules").mkdir()
    shutil.copytree(package, tmp_path / "node_modules" / "onnxruntime-web")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert find_runtime(None) == tmp_path / "node_modules" / "onnxruntime-web"


@in_a_browser
@pytest.mark.parametrize("width", [390, 1440])
def test_pictures_come_out_as_in_python_and_a_camera_runs(tmp_path, width):
    made_run(tmp_path / "run")
    export(tmp_path / "run", tmp_path / "app", to="web", direction="photo", web_runtime=NPM)
    packed = sum(len(gzip.compress(path.read_bytes())) for path in (tmp_path / "app").rglob("*") if path.is_file())
    assert packed < 5e6
    levels = np.random.default_rng(0).integers(0, 256, (31, 45, 3), np.uint8)
    Image.fromarray(levels).save(tmp_path / "one.png")
    expected = np.asarray(exported.load(tmp_path / "app")(levels, to="photo"), np.int16)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "app"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    complaints, asked = [], []
    with playwright.sync_playwright() as engine:
        browser = launched(engine, *CAMERA)
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_selector("#to option", state="attached")
        page.set_input_files("#file", tmp_path / "one.png")
        with page.expect_download() as downloaded:
            page.click("text=Save the translation")
        made = np.asarray(Image.open(Path(downloaded.value.path())).convert("RGB"), np.int16)
        page.select_option("#side", "128")
        page.click("text=Start the camera")
        page.wait_for_selector("#rate:has-text('frames a second')")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        asked_to_install = page.context.new_cdp_session(page)
        assert asked_to_install.send("Page.getAppManifest")["errors"] == []
        found = asked_to_install.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert {error["errorId"] for error in found} <= {"in-incognito"}, "as every window of a test is"
        server.shutdown()
        server.server_close()
        page.reload()  # without the server: from what the service worker keeps
        page.wait_for_selector("#to option", state="attached")
        browser.close()
    assert made.shape == expected.shape
    assert np.abs(made - expected).max() <= 1
    assert complaints == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []
