"""Held-out pictures: as the run sees them or whole, read when they are asked for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.codec import ImageCodec
from cyclekit.image.held_out import AsLargeAs, HeldOutPictures, SeenPictures, Whole
from cyclekit.image.pictures import Reading
from cyclekit.image.views import View
from tests.image.test_data import build


def test_held_out_pictures_are_lazy_named_and_the_same_every_time(unpaired):
    data = build(unpaired)
    held = data.held_out("b")
    assert [item.name for item in held] == ["0", "1", "2"]
    assert held[-1].row.data.shape == (1, 3, 16, 16)
    assert held[0].truth is None
    assert [item.name for item in held[1:]] == ["1", "2"]
    assert torch.equal(held[0].row.data, data.held_out("b")[0].row.data)
    with Image.open(unpaired / "testB/0.png") as picture:
        expected = data.codecs.b.encode([picture.resize((16, 16), Image.Resampling.BICUBIC)])
    assert torch.equal(held[0].row.data, expected.data)
    with pytest.raises(IndexError):
        held[3]


@pytest.mark.parametrize("aligned", [None, False])
def test_the_other_half_is_the_truth(paired, aligned):
    data = build(paired, aligned=aligned, test_share=0.4)
    a, b = data.held_out("a"), data.held_out("b")
    assert [item.name for item in a] == [item.name for item in b]
    assert torch.equal(a[0].truth.data, b[0].row.data)
    assert torch.equal(b[1].truth.data, a[1].row.data)
    assert data.sizes == (4, 4)
    assert "held out monet 2, photo 2 (a fixed 40% where there is no test split)" in data.description


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 5000))
@settings(max_examples=60)
def test_a_whole_picture_has_at_most_so_many_pixels_and_its_own_shape(width, height, most):
    whole = Whole(most)
    made = whole.apply(Image.new("L", (width, height)))
    assert made.width * made.height <= most
    if width * height <= most:
        assert (made.size, whole.shrunk) == ((width, height), 0)
    else:
        assert whole.shrunk == 1
        share = (most / (width * height)) ** 0.5
        for now, before in zip(made.size, (width, height)):
            assert now <= max(1, before * share)
        if min(made.size) > 1:  # rounded down, and no further
            assert all(now > before * share - 1 for now, before in zip(made.size, (width, height)))
    assert Whole().apply(Image.new("L", (width, height))).size == (width, height)


class Listed:
    """Grey pictures of these sizes, of one value each."""

    def __init__(self, *sizes):
        self.sizes = sizes
        self.names = [f"n{row}" for row in range(len(sizes))]

    def open(self, index, reading):
        return Image.new("L", self.sizes[index], 10 * index)


def held(*sizes, truth=None, transform=None, view=None):
    seen = [
        None if one is None else SeenPictures(Listed(*one), View(1, 1, view), ImageCodec(1), Reading(1))
        for one in (sizes, truth)
    ]
    return HeldOutPictures(*seen, transform or Whole())


def test_a_truth_has_the_size_of_its_own_picture():
    pictures = held((8, 6), (5, 9), truth=[(16, 12), (5, 9)])
    assert [tuple(item.row.data.shape[2:]) for item in pictures] == [(6, 8), (9, 5)]
    assert [tuple(item.truth.data.shape[2:]) for item in pictures] == [(6, 8), (9, 5)]
    assert AsLargeAs((3, 4)).apply(Image.new("L", (3, 4), 7)).getpixel((0, 0)) == 7


def test_they_are_a_sequence_and_what_was_shrunk_is_counted():
    pictures = held((20, 20), (4, 4), (30, 10), transform=Whole(100))
    assert pictures.shrunk == ""  # nothing was read yet
    assert [item.name for item in pictures] == ["n0", "n1", "n2"]
    assert pictures.shrunk == "2 larger ones shrunk to 100 pixels"
    assert pictures[-1].name == "n2"
    assert [item.name for item in pictures[::2]] == ["n0", "n2"]
    assert len(pictures) == 3
    for outside in (3, -4):
        with pytest.raises(IndexError):
            pictures[outside]
    assert (held(truth=[]).shrunk, len(held())) == ("", 0)


def test_a_view_is_of_the_picture_as_it_is_cut():
    cut = []
    pictures = held((20, 10), view=lambda picture: cut.append(picture.size) or picture.point(lambda value: 255))
    assert (pictures[0].row.data == 1).all()
    assert cut == [(20, 10)]
