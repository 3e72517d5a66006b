"""Side-by-side pairs are told by their shapes, and their halves are the two domains."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cyclekit.image.picture_set import PictureFiles
from cyclekit.image.side_by_side import halves_of_pictures, shapes_of


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=30)
def test_two_squares_but_for_a_column(tmp_path_factory, width, height):
    file = tmp_path_factory.mktemp("one") / "x.png"
    Image.new("L", (width, height)).save(file)
    found = shapes_of([file])
    assert found.all_two_to_one == (abs(width - 2 * height) <= 1)
    assert found.other == ("" if found.all_two_to_one else f"x.png is {width}x{height}")


def test_pictures_that_lie_are_stood_up_and_broken_ones_say_nothing(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (10, 20)).save(tmp_path / "lying.jpg", exif=exif)
    (tmp_path / "broken.png").write_text("no picture")
    assert shapes_of([tmp_path / "broken.png", tmp_path / "lying.jpg"]) == (True, "")
    assert shapes_of([tmp_path / "broken.png"]) == (False, "")


@pytest.mark.parametrize("left", ["a", "b"])
def test_halves_are_the_two_domains(tmp_path, left):
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = 200
    Image.fromarray(pixels).save(tmp_path / "x.png")
    found = halves_of_pictures(PictureFiles([tmp_path / "x.png"], [Path("x.png")]), None, left, ["a note"])
    dark, light = found.train if left == "a" else found.train.swapped
    assert dark.open(0, 3).getextrema() == ((0, 0),) * 3
    assert light.open(0, 3).getextrema() == ((200, 200),) * 3
    assert (found.paired, found.test.a, found.notes) == (True, None, ("a note",))
