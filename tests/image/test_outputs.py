"""Translations are written as their inputs lay: transparency, profile, resolution, type, order of bands."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from cyclekit.image.codec import ImageCodec
from cyclekit.image.files import translate_pictures
from cyclekit.image.formats import endings
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError
from tests.image.odd_pictures import COLOUR, GREY, bands, encoded, png16, profile, tiff
from tests.refusals import below

EIGHT = ImageCodec(3)


def translated(source: ImageCodec, target: ImageCodec, *inputs, out):
    """Translate without a network: the first band of what is read, in every band of what is written."""

    def copy(pictures):
        for picture in pictures:
            row = source.encode([picture])
            row = row._replace(data=row.data[:, :1].expand(-1, target.channels, -1, -1))
            yield target.decode(row)[0]

    return translate_pictures(copy, [str(one) for one in inputs], out, lambda *_: None, source=source, target=target)


def kept(pictures):
    yield from pictures


def through(path, out, target=EIGHT):
    """Translate by doing nothing."""
    return translate_pictures(kept, [str(path)], out, lambda *_: None, source=EIGHT, target=target)


@pytest.mark.parametrize("name", ["x.png", "x.webp", "x.tif", "x.gif", "x.tga", "x.jp2"])
@pytest.mark.parametrize("grey", [False, True])
def test_transparency_is_kept(tmp_path, name, grey):
    clear = Image.fromarray(COLOUR).convert("LA" if grey and name != "x.gif" else "RGBA")
    alpha = np.zeros((20, 24), np.uint8)
    alpha[:, 12:] = 255
    clear.putalpha(Image.fromarray(alpha))
    clear.save(tmp_path / name, **({"lossless": True} if name == "x.webp" else {}))
    written = through(tmp_path / name, tmp_path / "out", ImageCodec(1) if grey else EIGHT)
    assert written.notes == []
    with Image.open(tmp_path / "out" / name) as made:
        assert np.array_equal(np.asarray(made.convert("RGBA").getchannel("A")), alpha)


@pytest.mark.parametrize("channels", [2, 4])
def test_sixteen_bit_transparency_palettes_and_single_clear_colours(tmp_path, channels):
    png16(tmp_path / "x.png", np.concatenate([bands(channels - 1, 65535, np.uint16), bands(1, 65535, np.uint16)], -1))
    through(tmp_path / "x.png", tmp_path / "out")
    with Image.open(tmp_path / "out/x.png") as made:
        assert np.abs(np.asarray(made.getchannel("A")).astype(float) - GREY * 255).max() <= 1
    palette = Image.fromarray(COLOUR).quantize(16)
    palette.save(tmp_path / "p.png", transparency=3)
    through(tmp_path / "p.png", tmp_path / "out")
    with Image.open(tmp_path / "out/p.png") as made:
        assert np.array_equal(np.asarray(made.getchannel("A")) == 0, np.asarray(palette) == 3)


def test_transparency_lies_as_the_picture_does(tmp_path):
    clear = Image.new("RGBA", (6, 4), (0, 0, 0, 255))
    clear.putpixel((0, 0), (0, 0, 0, 0))
    exif = Image.Exif()
    exif[0x112] = 6
    clear.save(tmp_path / "x.png", exif=exif)
    through(tmp_path / "x.png", tmp_path / "out")
    with Image.open(tmp_path / "out/x.png") as made:
        assert (made.size, made.getpixel((3, 0))[3]) == ((4, 6), 0)


def test_what_a_format_cannot_keep_is_said(tmp_path):
    (tmp_path / "x.jpg").write_bytes(encoded("PNG", Image.new("RGBA", (9, 9), (0, 0, 0, 5))))
    (tmp_path / "a.gif").write_bytes(encoded("GIF", save_all=True, append_images=[Image.fromarray(255 - COLOUR)]))
    (tmp_path / "c.jpg").write_bytes(
        encoded("JPEG", Image.fromarray(COLOUR).convert("CMYK"), icc_profile=profile("LAB"))
    )
    tiff(tmp_path / "d.tif", (GREY * 4095).astype(np.uint16))
    assert set(through(tmp_path, tmp_path / "out").notes) == {
        "1 have several frames or pages, of which the first was translated",
        "1 have 16 bits and use little of their range, so that they are read as dark: a run that was trained with "
        "data.range reads them whole",
        "1 without their colour profile, which is of other colours than the translation's",
        "1 without their transparency, which JPEG does not hold",
    }


@pytest.mark.parametrize(("name", "kind"), [("x.jpg", "JPEG"), ("x.png", "PNG"), ("x.tif", "TIFF"), ("x.webp", "WEBP")])
def test_profile_and_resolution_are_kept(tmp_path, name, kind):
    own = profile("sRGB")
    (tmp_path / name).write_bytes(encoded(kind, icc_profile=own, dpi=(300, 150)))
    through(tmp_path / name, tmp_path / "out")
    with Image.open(tmp_path / "out" / name) as made:
        assert made.info["icc_profile"] == own
        if kind != "WEBP":
            assert made.info["dpi"] == pytest.approx((300, 150), abs=0.1)


def test_a_profile_of_other_colours_is_not_given_to_grey(tmp_path):
    (tmp_path / "x.png").write_bytes(encoded("PNG", icc_profile=profile("sRGB")))
    written = through(tmp_path / "x.png", tmp_path / "out", ImageCodec(1))
    made = Image.open(tmp_path / "out/x.png")
    assert made.mode == "RGB" or "icc_profile" not in made.info
    assert len(written.notes) == (made.mode != "RGB")


CT = ImageCodec(1, Scale.of([-1000], [3000], "int16"))
SATELLITE = ImageCodec(13, Scale.of([0] * 13, [10000] * 13, "uint16"))


def test_thirteen_bands_of_one_and_one_of_thirteen(tmp_path):
    tiff(tmp_path / "ct.tif", (GREY * 4000 - 1000).astype(np.int16))
    assert translated(CT, SATELLITE, tmp_path / "ct.tif", out=tmp_path / "out").notes == []
    made = tifffile.imread(tmp_path / "out/ct.tif")
    assert (made.shape, made.dtype) == ((20, 24, 13), np.uint16)
    assert np.abs(made[..., 0] - GREY * 10000).max() <= 4
    assert translated(SATELLITE, CT, tmp_path / "out/ct.tif", out=tmp_path / "back").notes == []
    back = tifffile.imread(tmp_path / "back/ct.tif")
    assert (back.shape, back.dtype) == ((20, 24), np.int16)
    assert np.abs(back - (GREY * 4000 - 1000)).max() <= 2


@pytest.mark.parametrize("lying", ["pages.tif", "first.npy", "last.npy"])
def test_bands_lie_as_in_the_input(tmp_path, lying):
    stored = bands(13, 10000, np.uint16)
    path = tmp_path / lying
    if lying == "pages.tif":
        tiff(path, np.moveaxis(stored, 2, 0), photometric="minisblack")
    else:
        np.save(path, stored if lying == "last.npy" else np.moveaxis(stored, 2, 0))
    translated(SATELLITE, SATELLITE, path, out=tmp_path / "out")
    read = np.load if lying.endswith("npy") else tifffile.imread
    assert read(tmp_path / "out" / lying).shape == read(path).shape


@pytest.mark.parametrize("count", [1, 3, 13])
@pytest.mark.parametrize("numbers", [False, True])
def test_where_on_the_earth_a_picture_lies_is_kept(tmp_path, count, numbers):
    tags = {
        33550: (12, (10.0, 10.0, 0.0)),
        33922: (12, (0.0, 0.0, 0.0, 399960.0, 5300040.0, 0.0)),
        34735: (3, (1, 1, 0, 1, 1024, 0, 1, 1)),
        34737: (2, "WGS 84 / UTM zone 32N|"),
        42113: (2, "0"),
    }
    extra = [(code, kind, len(value), value, True) for code, (kind, value) in tags.items()]
    stored = bands(count, 255 if not numbers else 9999, np.uint16 if numbers else np.uint8)
    stored = stored[..., 0] if count == 1 else stored
    more = {"planarconfig": "contig"} if count > 1 else {}
    tiff(tmp_path / "x.tif", stored, photometric="rgb" if count == 3 else "minisblack", extratags=extra, **more)
    kind = "uint16" if numbers else "uint8"
    scale = Scale.of_type(kind, count) if numbers or count == 13 else None
    codec = ImageCodec(count, scale)
    translated(codec, codec, tmp_path / "x.tif", out=tmp_path / "out")
    with tifffile.TiffFile(tmp_path / "out/x.tif") as made:
        assert {code: made.pages[0].tags[code].value for code in tags} == {
            code: value for code, (_, value) in tags.items()
        }


def test_what_the_format_of_a_name_cannot_hold_becomes_a_tiff(tmp_path):
    (tmp_path / "x.png").write_bytes(encoded("PNG"))
    written = translated(EIGHT, SATELLITE, tmp_path / "x.png", out=tmp_path / "out")
    assert below(tmp_path / "out") == {"x.tif"}
    assert written.notes == ["1 written as .tif: .png does not hold such pictures"]
    grey = ImageCodec(1, Scale.of([0], [4095], "uint16"))
    translated(EIGHT, grey, tmp_path / "x.png", out=tmp_path / "deep")
    with Image.open(tmp_path / "deep/x.png") as made:
        assert made.mode == "I;16"
        assert np.asarray(made).max() > 255
    (tmp_path / "x.jpg").write_bytes(encoded("JPEG"))
    with pytest.raises(RecipeError, match=r"would both be written as x\.tif; translate them apart"):
        translated(EIGHT, SATELLITE, tmp_path / "x.png", tmp_path / "x.jpg", out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("codec", [ImageCodec(1), ImageCodec(3)], ids=["grey", "colour"])
def test_every_name_that_is_found_is_written_at_its_size(tmp_path, codec):
    for ending in endings() - {".npy"}:
        (tmp_path / ("x" + ending.removeprefix("."))).with_suffix(ending).write_bytes(encoded("PNG"))
    written = translated(EIGHT, codec, tmp_path, out=tmp_path / "out")
    assert written.failures == []
    assert written.done == len(endings()) - 1
    for name in below(tmp_path / "out"):
        with Image.open(tmp_path / "out" / name) as made:
            assert made.size == (24, 20), name
    assert any("written as .png: .xbm does not hold such pictures" in note for note in written.notes)


def test_a_package_that_writes_is_missed_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "x.png").write_bytes(encoded("PNG"))
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(RecipeError, match=r"out: a TIFF of this kind needs tifffile: pip install 'cyclekit"):
        translated(EIGHT, SATELLITE, tmp_path / "x.png", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
