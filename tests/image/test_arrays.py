"""Files that hold numbers: read upright and as they are stored, or refused."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cyclekit.image.arrays import (
    UPRIGHT,
    TooLarge,
    check_pixels,
    head_of,
    holds_array,
    pixels_in_words,
    read_array,
)
from cyclekit.image.pictures import UnreadablePicture
from tests.image.odd_pictures import COLOUR, GREY, bands, tiff
from tests.image.test_scientific import read, refusal


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiffs_orientation_is_applied_to_numbers_as_to_pictures(tmp_path, orientation):
    path = tiff(tmp_path / "x.tif", COLOUR, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    assert np.array_equal(read(path, 3)[0], read(path, 3, values=False)[0])


def test_white_that_is_zero_and_compression(tmp_path):
    inverted = tiff(tmp_path / "x.tif", COLOUR[..., 0], photometric="miniswhite")
    assert np.array_equal(read(inverted)[0][..., 0], 255 - COLOUR[..., 0])
    assert np.array_equal(read(inverted, values=False)[0], 255 - COLOUR[..., 0])
    stored = bands(5, 999, np.uint16)
    for compression in ("zlib", "lzw", "zstd"):
        path = tiff(
            tmp_path / f"{compression}.tif", stored, planarconfig="contig", compression=compression, predictor=True
        )
        assert np.array_equal(read(path, 5)[0], stored)


def test_arrays_that_are_no_pictures(tmp_path):
    def saved(values):
        np.save(tmp_path / "x.npy", values)
        return refusal(tmp_path / "x.npy")

    assert saved(np.zeros(5)).startswith("broken picture (an array of shape (5,) is no picture: (H, W)")
    assert saved(np.zeros((2, 3, 4, 5))).startswith("broken picture (an array of shape (2, 3, 4, 5) is no picture")
    assert "type complex128" in saved(np.zeros((4, 4), complex))
    assert "Python objects" in saved(np.array([[{}]], object))  # nothing is unpickled
    missing = np.where(GREY > 0.5, np.nan, GREY)
    assert saved(missing) == "some values are NaN or infinite: fill what is missing with a number"
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "x.npy").startswith("broken picture (")


def test_a_tiff_cut_anywhere_is_whole_or_refused(tmp_path):
    whole = tiff(tmp_path / "x.tif", bands(5, 999, np.uint16), planarconfig="contig", compression="zlib").read_bytes()
    refused = 0
    for cut in range(1, len(whole), 97):
        (tmp_path / "cut.tif").write_bytes(whole[:cut])
        try:
            assert np.array_equal(read(tmp_path / "cut.tif", 5)[0], bands(5, 999, np.uint16))
        except UnreadablePicture:
            refused += 1
    assert refused > 5


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 6), st.booleans())
def test_the_smaller_end_of_an_array_is_that_of_the_bands(height, width, count, first):
    stored = np.arange(height * width * count).reshape(height, width, count)
    held = io.BytesIO()
    np.save(held, np.moveaxis(stored, 2, 0) if first else stored)
    if (count >= width) if first else (height < count):
        return  # a picture narrower than its bands are many cannot be told
    found = read_array(held, 10**6)
    assert found is not None
    assert np.array_equal(found.values, stored)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 8))
def test_a_picture_lies_as_pillow_lays_it(height, width, orientation):
    values = np.arange(height * width, dtype=np.uint8).reshape(height, width)
    laid = UPRIGHT.get(orientation, lambda same: same)(values)
    picture = Image.fromarray(values)
    picture.getexif()[0x0112] = orientation
    held = io.BytesIO()
    picture.save(held, "PNG", exif=picture.getexif())
    assert np.array_equal(laid, np.asarray(ImageOps.exif_transpose(Image.open(held))))


@pytest.mark.parametrize(
    ("pixels", "words"),
    [(0, "0"), (5184, "5,184"), (999_999, "999,999"), (10**6, "1 million"), (178_956_970, "179 million")],
)
def test_pixels_in_words(pixels, words):
    assert pixels_in_words(pixels) == words


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 9000))
def test_exactly_those_with_more_pixels_are_too_large(width, height, most):
    if width * height <= most:
        check_pixels(width, height, most)
        return
    with pytest.raises(TooLarge, match=rf"^{width} x {height} are .* pixels, and at most .* are read: cut"):
        check_pixels(width, height, most)


@pytest.mark.parametrize(
    ("head", "held"),
    [
        (b"II*\0", True), (b"MM\0*", True), (b"II+\0", True), (b"MM\0+", True), (b"\x93NUMPY", True),
        (b"\x89PNG", False), (b"", False),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_what_it_is_whatever_its_name(tmp_path, head, held):
    path = tmp_path / "x.jpg"
    path.write_bytes(head + b"rest")
    assert holds_array(path) == holds_array(io.BytesIO(head + b"rest")) == held
    assert head_of(path) == (head + b"rest")[:8]


def test_true_and_false_are_white_and_black():
    for mask in (np.array([[True, False]]), np.array([[[True], [False]]])):
        held = io.BytesIO()
        np.save(held, mask)
        assert read_array(held, 9).values.tolist() == [[[255], [0]]]


def test_a_mapped_file_is_let_go(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.ones((3, 4)))
    found = read_array(path, 100)
    np.save(path, np.zeros((3, 4)))
    assert (found.values == 1).all()
    assert found.values.flags.writeable
