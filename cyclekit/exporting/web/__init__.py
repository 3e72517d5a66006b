"""An exported run as a page that needs no server but for files, works without a network, and installs on a phone."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from importlib import resources
from pathlib import Path

from cyclekit.registry import RecipeError, argument

PACKAGE = "onnxruntime-web"

RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""What of the npm package the page loads."""

ON_GPU = ("ort.webgpu.min.mjs", "ort-wasm-simd-threaded.asyncify.mjs", "ort-wasm-simd-threaded.asyncify.wasm")
"""What it loads in their place where the browser has WebGPU, if that was asked for."""

ICONS = {
    "icon.svg": {"sizes": "any", "type": "image/svg+xml"},
    "icon.png": {"sizes": "512x512", "type": "image/png"},
}
"""Of the installed app; the second is the first drawn for phones that take no SVG."""

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; media-src 'self' blob:"


def find_runtime(named: Path | None, *, gpu: bool = False) -> Path:
    """The folder of the npm package onnxruntime-web.

    Args:
        named: None: the one in `node_modules` here, or in a folder above.
        gpu: whether it must have what WebGPU needs.

    Raises:
        RecipeError: it is not there, or lacks a file.
    """
    here = Path.cwd()
    folders = [named] if named is not None else [each / "node_modules" / PACKAGE for each in (here, *here.parents)]
    for folder in folders:
        if all((folder / "dist" / name).is_file() for name in (*RUNTIME, *(ON_GPU if gpu else ()))):
            return folder
    where = f"{argument('web_runtime', named)}: is not" if named is not None else f"{argument('to', 'web')}: needs"
    raise RecipeError(
        f"{where} the npm package {PACKAGE}; run: npm install {PACKAGE}, or name its folder: {argument('web_runtime')}"
    )


def write_web_page(folder: Path, runtime: Path, title: str, *, gpu: bool = False) -> str:
    """Add page, runtime and service worker to an exported folder.

    Args:
        runtime: from `find_runtime`.
        title: what the app is called.
        gpu: have browsers with WebGPU use it.

    Returns:
        How large all of it is, in words.
    """
    (folder / "ort").mkdir()
    for name in (*RUNTIME, *(ON_GPU if gpu else ())):
        shutil.copyfile(runtime / "dist" / name, folder / "ort" / name)
    own, page = resources.files("cyclekit.exporting.web"), resources.files("cyclekit.live").joinpath("page")
    (folder / "ort" / "LICENSE.txt").write_bytes(own.joinpath("onnxruntime-LICENSE.txt").read_bytes())
    for name in ("live.js", "live.css"):
        (folder / name).write_bytes(page.joinpath(name).read_bytes())
    for name in ("engine.js", *ICONS):
        (folder / name).write_bytes(own.joinpath(name).read_bytes())
    if gpu:
        engine = (folder / "engine.js").read_text(encoding="utf-8")
        (folder / "engine.js").write_text(engine.replace("const GPU = false;", "const GPU = true;"), encoding="utf-8")
    head = (
        f'  <meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '  <link rel="manifest" href="app.webmanifest">\n'
        '  <link rel="apple-touch-icon" href="icon.png">\n'
    )
    shown = page.joinpath("index.html").read_text(encoding="utf-8").replace("</head>", head + "</head>")
    (folder / "index.html").write_text(shown, encoding="utf-8")
    app = {
        "name": title,
        "short_name": title[:12],
        "start_url": "./",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#1f6f6b",
        "icons": [{"src": name, **shape} for name, shape in ICONS.items()],
    }
    (folder / "app.webmanifest").write_text(json.dumps(app, indent=2) + "\n", encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    version = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in files.values())).hexdigest()[:16]
    worker = own.joinpath("sw.js").read_text(encoding="utf-8")
    later = [name for name in files if name.removeprefix("ort/") in ON_GPU]
    at_once = ["./", *(name for name in files if name not in later)]
    worker = worker.replace("const FILES = [];", f"const FILES = {json.dumps(at_once)};")
    worker = worker.replace("const LATER = [];", f"const LATER = {json.dumps(later)};")
    worker = worker.replace('const VERSION = "";', f'const VERSION = "cyclekit-{version}";')
    (folder / "sw.js").write_text(worker, encoding="utf-8")
    packed, more = (
        sum(len(gzip.compress(content, 6)) for name, content in files.items() if (name in later) is on_gpu)
        for on_gpu in (False, True)
    )
    words = f"a page of {packed / 1e6:.1f} MB gzipped, {sum(map(len, files.values())) / 1e6:.1f} MB unpacked"
    return words + (f"; with WebGPU it loads {more / 1e6:.1f} MB gzipped more" if later else "")
