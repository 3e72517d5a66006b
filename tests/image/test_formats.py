"""What Pillow can open is found in folders, as what it is when it is named itself."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, features

from cyclekit.image.formats import endings, is_picture
from cyclekit.image.pictures import open_picture

OPTIONAL = {"WEBP": "webp", "AVIF": "avif", "JPEG2000": "jpg_2000"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "PPM", "BMP", "TIFF", "TGA", "WEBP", "AVIF", "JPEG2000", "QOI"])
def test_every_ending_of_a_format_is_a_picture_and_opens(tmp_path, kind):
    if kind in OPTIONAL and not features.check(OPTIONAL[kind]):
        pytest.skip(f"this Pillow is built without {kind}")
    Image.init()
    mode, written = ("L", (90,)) if kind == "PPM" else ("RGB", (90, 90, 90))
    held = io.BytesIO()
    Image.new(mode, (8, 8), written if mode == "RGB" else written[0]).save(held, format=kind)
    own = [ending for ending, name in Image.registered_extensions().items() if name == kind]
    assert own
    for ending in own:
        path = tmp_path / f"x{ending.upper()}"
        path.write_bytes(held.getvalue())
        assert is_picture(path)
        assert open_picture(path).size == (8, 8)


def test_what_people_bring_is_found():
    wanted = ".jpg .jpeg .jfif .png .gif .pgm .ppm .pbm .tga .bmp .tif .tiff .webp .ico .psd .jp2 .avif"
    assert set(wanted.split()) <= endings()


def test_what_is_no_picture_by_name():
    for name in ("x.txt", "._x.jpg", "jpg", "x.eps", "x.mpg", "x.mpeg", "x.h5", "x.wmf", "x.pdf", "x.heic", "x.npz"):
        assert not is_picture(Path(name)), name
