"""Numbers of any type and bands: read as they are stored, or refused in one line; nothing is dropped without a word."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from cyclekit.image.bands import Bands
from cyclekit.image.pictures import Contents, Reading, UnreadablePicture, read_picture
from tests.image.odd_pictures import COLOUR, GREY, bands, encoded, png16, tiff

UNKNOWN = "of which none is known to be white: set data.range to auto, or to the lowest and the highest"


def read(path, channels=1, values=True, **options):
    """What is read, as an array, and what was noticed."""
    held: list[Contents] = []
    picture = read_picture(path, Reading(channels, values, noticed=held.append, **options))
    return (picture.values if isinstance(picture, Bands) else np.asarray(picture)), held[0]


def refusal(path, channels=1, values=True, **options):
    with pytest.raises(UnreadablePicture) as refused:
        read(path, channels, values, **options)
    return refused.value.why


@pytest.mark.parametrize(
    ("kind", "scale", "offset"),
    [
        (np.uint8, 255, 0), (np.uint16, 4095, 0), (np.uint32, 4e6, 0), (np.int16, 4000, -1000), (np.int8, 200, -100),
        (np.float32, 1, 0), (np.float64, 3, -1), (np.float16, 1, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["tif", "npy"])
def test_every_type_of_number_is_read_as_it_is_stored(tmp_path, kind, scale, offset, ending):
    stored = (GREY * scale + offset).astype(kind)
    path = tmp_path / f"x.{ending}"
    np.save(path, stored) if ending == "npy" else tiff(path, stored)
    values, held = read(path)
    assert np.array_equal(values[..., 0], stored.astype(np.float32))
    assert (held.type, held.bands, held.used, held.others) == (np.dtype(kind).name, 1, 1, 0)
    assert (held.lowest, held.highest) == (stored.min(), stored.max())


def test_twelve_bits_in_sixteen_keep_all_their_levels(tmp_path):
    stored = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], -1)
    colour = tiff(tmp_path / "rgb12in16.tif", (stored * 4095).astype(np.uint16), photometric="rgb")
    values, held = read(colour, 3)
    assert len(np.unique(values)) > 300
    assert (held.lowest, held.highest, held.type) == (0, 4095, "uint16")
    eight, held = read(colour, 3, values=False)
    assert eight.max() == 15  # as without a range, where the set is said to use a sixteenth
    assert held.highest == 4095


def test_what_eight_bits_cannot_say_is_refused_with_the_remedy(tmp_path):
    signed = tiff(tmp_path / "int16ct.tif", (GREY * 4000 - 1000).astype(np.int16))
    assert refusal(signed, 3, values=False) == f"values from -1,000 to 3,000, {UNKNOWN}"
    long = tiff(tmp_path / "uint32.tif", (GREY * 4e6).astype(np.uint32))
    assert refusal(long, 3, values=False) == f"values from 0 to 4,000,000, {UNKNOWN}"


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("white", [1, 255])
@pytest.mark.parametrize("coloured", [False, True])
def test_floats_up_to_1_or_255_are_pictures_without_a_range_too(tmp_path, kind, white, coloured):
    stored = (np.stack([GREY] * 3, -1) if coloured else GREY).astype(kind) * white
    path = tiff(tmp_path / "x.tif", stored, photometric="rgb" if coloured else "minisblack")
    eight, _ = read(path, 1, values=False)
    assert np.abs(eight.astype(float) - GREY * 255).max() <= 1


@pytest.mark.parametrize("count", [2, 4, 5, 13])
@pytest.mark.parametrize("lying", ["contig", "separate", "pages", "last.npy", "first.npy"])
def test_all_bands_are_used_where_channels_say_so(tmp_path, count, lying):
    stored = bands(count, 10000, np.uint16)
    path = tmp_path / ("x.npy" if lying.endswith("npy") else "x.tif")
    if lying == "contig":
        tiff(path, stored, photometric="minisblack", planarconfig="contig")
    elif lying.endswith("npy"):
        np.save(path, stored if lying == "last.npy" else np.moveaxis(stored, 2, 0))
    else:
        separate = {"planarconfig": "separate"} if lying == "separate" else {}
        tiff(path, np.moveaxis(stored, 2, 0), photometric="minisblack", **separate)
    values, held = read(path, count)
    assert np.array_equal(values, stored.astype(np.float32))
    assert (held.bands, held.used) == (count, count)
    assert held.layout == ("bands last" if lying in ("contig", "last.npy") else "bands first")
    # Fewer channels take the first of them, and what is left is counted.
    values, held = read(path, 1)
    assert np.array_equal(values[..., 0], stored[..., 0].astype(np.float32))
    assert (held.bands, held.used) == (count, 1)
    assert refusal(path, count + 1) == f"has {count} bands, and data.channels asks for {count + 1}"


def test_bands_that_eight_bits_leave_out_are_counted(tmp_path):
    path = tiff(tmp_path / "band4_rgbnir.tif", bands(4, 255, np.uint8), photometric="rgb", extrasamples=["unspecified"])
    assert read(path, 3, values=False)[1][1:4] == (4, 3, 0)
    path = tiff(tmp_path / "band4.tif", bands(4, 255, np.uint8), photometric="minisblack", planarconfig="contig")
    eight, held = read(path, 3, values=False)
    assert held[1:4] == (4, 3, 0)
    assert np.array_equal(eight, bands(4, 255, np.uint8)[..., :3])
    path = tiff(tmp_path / "band2.tif", bands(2, 255, np.uint8), photometric="minisblack", planarconfig="contig")
    assert read(path, 3, values=False)[1][1:4] == (2, 1, 0)
    path = tiff(tmp_path / "band13.tif", np.moveaxis(bands(13, 9999, np.uint16), 2, 0), photometric="minisblack")
    assert read(path, 3, values=False)[1][1:4] == (13, 1, 0)
    (tmp_path / "a.gif").write_bytes(encoded("GIF", save_all=True, append_images=[Image.fromarray(255 - COLOUR)]))
    assert read(tmp_path / "a.gif", 3, values=False)[1].others == 1


def test_three_grey_pages_are_three_channels(tmp_path):
    stored = bands(3, 255, np.uint8)
    path = tiff(tmp_path / "stack.tif", np.moveaxis(stored, 2, 0), photometric="minisblack")
    for values in (False, True):
        assert np.array_equal(read(path, 3, values)[0], stored)
    assert np.array_equal(read(path, 1)[0][..., 0], stored[..., 0])  # a page, and no mixture of three


def test_bands_that_were_written_as_the_rows_of_pages_are_refused(tmp_path):
    path = tiff(tmp_path / "x.tif", bands(5, 999, np.uint16))  # what tifffile makes of (H, W, bands) by itself
    assert refusal(path, 5) == (
        "broken picture (20 pages of 5 x 24 pixels: was (H, W, bands) written without planarconfig='contig'?)"
    )


def test_colour_in_grey_and_grey_in_colour(tmp_path):
    path = tiff(tmp_path / "x.tif", COLOUR, photometric="rgb")
    assert np.abs(read(path, 1)[0][..., 0] - np.asarray(Image.fromarray(COLOUR).convert("L"))).max() <= 1
    path = tiff(tmp_path / "y.tif", COLOUR[..., 0])
    assert np.array_equal(read(path, 3)[0], np.stack([COLOUR[..., 0]] * 3, -1))


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colour_png_is_read_whole(tmp_path, channels):
    stored = bands(channels, 4095, np.uint16)
    values, held = read(png16(tmp_path / "x.png", stored), channels)
    assert np.array_equal(values, stored)
    assert held.type == "uint16"


@pytest.mark.parametrize("package", ["tifffile", "imagecodecs"])
def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch, package):
    paths = {
        "tifffile": tiff(tmp_path / "x.tif", bands(5, 1, np.float32), photometric="minisblack"),
        "imagecodecs": png16(tmp_path / "x.png", bands(3, 9, np.uint16)),
    }
    monkeypatch.setitem(sys.modules, package, None)
    why = refusal(paths[package], 3)
    assert why.endswith(f"needs {package}: pip install 'cyclekit[scientific]'")


@pytest.mark.parametrize("kind", ["tif", "npy", "png"])
def test_too_many_pixels_are_named_before_they_are_decoded(tmp_path, kind):
    path = tmp_path / f"x.{kind}"
    if kind == "npy":
        np.save(path, GREY)
    elif kind == "tif":
        tiff(path, GREY)
    else:
        Image.fromarray(COLOUR).save(path)
    for values in (False, True):
        why = refusal(path, 3, values, max_pixels=479)
        assert why.startswith("24 x 20 are 480 pixels, and at most 479 are read: cut or scale it, or raise")
        assert "DOS" not in why
        read(path, 3, values, max_pixels=480)


def test_a_picture_beyond_pillows_own_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # of which 480 pixels are more than twice
    (tmp_path / "x.png").write_bytes(encoded("PNG"))
    assert read(tmp_path / "x.png", 3, values=False, max_pixels=480)[0].shape == (20, 24, 3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert refusal(tmp_path / "x.png", 3, values=False, max_pixels=200).startswith(
        "over 400 pixels, and at most 200 are read"
    )
