"""Pictures of every mode and depth come out as their viewer sees them, and broken ones say what they are."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
from PIL import Image

from cyclekit.image.pictures import UnreadablePicture, open_picture

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


UNKNOWN = ", of which none is known to be white: set data.range to auto, or to the lowest and the highest"


def values(picture):
    return np.asarray(picture)


@pytest.mark.parametrize("suffix", ["jpg", "JPEG", "png", "ppm", "bmp", "tif", "TIFF", "webp"])
def test_every_extension_in_any_case(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    Image.new("RGB", (8, 6), (200, 30, 60)).save(path)
    picture = open_picture(path)
    assert (picture.mode, picture.size) == ("RGB", (8, 6))
    assert np.abs(values(picture).astype(int) - (200, 30, 60)).max() < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_keeps_black_and_white(mode, channels, tmp_path):
    grey = Image.fromarray(np.array([[0, 255]], np.uint8))
    if mode in ("I;16", "I"):
        picture = Image.fromarray(np.array([[0, 65535]], np.uint16 if mode == "I;16" else np.int32))
    else:
        picture = grey.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "P") else grey.convert(mode)
    assert picture.mode == mode
    path = tmp_path / "x.tiff"
    picture.save(path)
    for source in (picture, path):
        opened = open_picture(source, channels)
        assert opened.mode == {1: "L", 3: "RGB"}[channels]
        assert values(opened).reshape(2, -1).tolist() == [[0] * channels, [255] * channels]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_over_their_range_not_clipped(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(RAMP.astype(np.uint16) * 257).save(path)
    assert values(open_picture(path, 1)).tolist() == RAMP.tolist()
    Image.fromarray(np.full((2, 2), 300, np.uint16)).save(path)
    assert values(open_picture(path, 1)).max() == 1  # clipping would make it white


def test_sixteen_bit_colour(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "x.tif", np.dstack([RAMP, RAMP.T, RAMP]).astype(np.uint16) * 257, photometric="rgb")
    assert values(open_picture(tmp_path / "x.tif")).tolist() == np.dstack([RAMP, RAMP.T, RAMP]).tolist()


def test_floats_are_shares_of_white_or_levels():
    assert values(open_picture(Image.fromarray(RAMP.astype(np.float32) / 255), 1)).tolist() == RAMP.tolist()
    assert values(open_picture(Image.fromarray(RAMP.astype(np.float32)), 1)).tolist() == RAMP.tolist()


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.array([[-1.0, 2.0]], np.float32), "values from -1 to 2" + UNKNOWN),
        (np.array([[np.nan, 1.0]], np.float32), "some values are NaN or infinite: fill what is missing with a number"),
        (np.array([[0, 70000]], np.int32), "values from 0 to 70,000" + UNKNOWN),
    ],
)
def test_values_without_a_scale_are_refused(array, why, tmp_path):
    path = tmp_path / "x.tif"
    Image.fromarray(array).save(path)
    with pytest.raises(UnreadablePicture) as refused:
        open_picture(path)
    assert refused.value.why == why


def test_transparency_is_laid_on_white(tmp_path):
    clear = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    clear.putpixel((1, 0), (255, 0, 0, 255))
    clear.save(tmp_path / "x.png")
    assert values(open_picture(tmp_path / "x.png")).tolist() == [[[255, 255, 255], [255, 0, 0]]]
    half = Image.new("LA", (1, 1), (0, 128))
    assert values(open_picture(half, 1)).item() in (126, 127, 128)
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "p.png", transparency=0)
    assert values(open_picture(tmp_path / "p.png")).tolist() == [[[255, 255, 255], [0, 0, 255]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_orientation_is_applied(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.new("L", (16, 8), 0)
    picture.paste(255, (0, 0, 8, 4))  # white in the stored upper left
    picture.save(tmp_path / "x.png", exif=exif)
    opened = open_picture(tmp_path / "x.png", 1)
    assert opened.size == ((16, 8) if orientation <= 4 else (8, 16))
    shown = values(opened)
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert shown[corner[orientation]] == 255
    assert (shown == 255).mean() == 0.25


def test_a_picture_in_memory_is_left_as_it_is():
    picture = Image.new("RGBA", (2, 2))
    open_picture(picture, 1)
    assert (picture.mode, picture.getpixel((0, 0))) == ("RGBA", (0, 0, 0, 0))


def test_broken_files_say_what_they_are(tmp_path):
    whole = io.BytesIO()
    Image.fromarray(RAMP.repeat(8, 0).repeat(8, 1)).save(whole, "JPEG")
    cases = {
        "empty.png": (b"", "the file is empty"),
        "text.jpg": (b"not a picture at all", "not a picture in any known format"),
        "cut.jpg": (whole.getvalue()[: whole.getbuffer().nbytes // 2], r"broken picture \(.*[tT]runcated.*\)"),
    }
    for name, (content, why) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadablePicture, match=f"{name}: {why}"):
            open_picture(tmp_path / name)
    with pytest.raises(UnreadablePicture, match=r"gone\.png: no such file"):
        open_picture(tmp_path / "gone.png")
    with pytest.raises(UnreadablePicture, match="row 7: not a picture"):
        open_picture(io.BytesIO(b"nothing"), name="row 7")


def test_a_cut_png_is_either_whole_or_refused():
    whole = io.BytesIO()
    Image.fromarray(RAMP).save(whole, "PNG")
    refused = 0
    for cut in range(1, whole.getbuffer().nbytes):
        try:
            assert np.array_equal(values(open_picture(io.BytesIO(whole.getvalue()[:cut]), 1)), RAMP)
        except UnreadablePicture:
            refused += 1
    assert refused > 40  # the rest lacks only the end mark


def test_the_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(UnreadablePicture("x.png", "the file is empty")))
    assert (str(error), error.why) == ("x.png: the file is empty", "the file is empty")
