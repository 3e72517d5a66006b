"""What all worlds of pictures promise alike; what each shows is tested in a file of its own."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from PIL import Image

SIZES = {
    "aerial": (8, 33, 64, 128),
    "bowls": (8, 31, 64, 130),
    "creatures": (8, 31, 64, 130),
    "facades": (8, 33, 64, 100),
    "streets": (8, 33, 64, 129),
}
REFUSED = {
    "aerial": ("maps", "map", " of aerial"),
    "bowls": ("bowls", "bowl", ""),
    "creatures": ("stripes", "striped", ""),
    "facades": ("label", "labels", " of facades"),
    "streets": ("rendred", "rendered", ""),
}
"""A look that is nearly one, the one that is meant, and how the world calls itself."""
LARGER = {
    "aerial": (192, 12, 0.4, 0.85),
    "bowls": (256, 6, 0.2, 0.96),
    "creatures": (256, 8, 0.3, 0.94),
    "facades": (192, 15, 0.4, 0.85),
}
"""A larger side; how many levels such a picture, shrunk to 64 px, may differ from the small one, at most this share of
what two scenes differ by; and how well both correlate. Streets, whose labels do not blend, have a test of their own."""


def world(name):
    return import_module(f"cyclekit.builtin.worlds.{name}")


LOOKS = [(name, look) for name in SIZES for look in world(name).LOOKS]


@pytest.mark.parametrize(("name", "look", "size"), [(*of, size) for of in LOOKS for size in SIZES[of[0]]])
def test_any_size_gives_bytes_of_that_size(name, look, size):
    classes = (name, look) == ("streets", "labels")
    for index in range(6):
        picture = world(name).render(look, 0, index, size)
        assert picture.shape == ((size, size) if classes else (size, size, 3))
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous


@pytest.mark.parametrize(("name", "look"), LOOKS)
def test_the_same_numbers_give_the_same_picture(name, look):
    render = world(name).render
    np.random.seed(1)
    first = render(look, 5, 3, 64)
    np.random.seed(2)
    render(look, 5, 4, 48)
    assert np.array_equal(render(look, 5, 3, 64), first)


@pytest.mark.parametrize(("name", "look"), [of for of in LOOKS if of[0] in ("bowls", "creatures")])
def test_scenes_differ(name, look):
    render = world(name).render
    pictures = [render(look, 7, index, 64).astype(float) for index in range(24)]
    assert np.abs(render(look, 8, 0, 64) - pictures[0]).mean() > 8
    for first in range(len(pictures)):
        for second in range(first):
            assert np.abs(pictures[first] - pictures[second]).mean() > 8, (first, second)


@pytest.mark.parametrize(("name", "look"), [of for of in LOOKS if of[0] in LARGER])
def test_a_larger_picture_shows_the_same_scene(name, look):
    render, (size, levels, share, correlation) = world(name).render, LARGER[name]
    for index in range(8):
        small = render(look, 3, index, 64).astype(float)
        large = Image.fromarray(render(look, 3, index, size))
        shrunk = np.asarray(large.resize((64, 64), Image.Resampling.BOX)).astype(float)
        other = render(look, 3, index + 8, 64).astype(float)
        assert np.abs(small - shrunk).mean() < min(levels, share * np.abs(small - other).mean()), index
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > correlation, index


@pytest.mark.parametrize("name", SIZES)
def test_an_unknown_look_is_refused_with_a_guess(name):
    wrong, meant, of = REFUSED[name]
    looks = ", ".join(world(name).LOOKS)
    with pytest.raises(ValueError, match=rf"unknown look '{wrong}'{of}: did you mean '{meant}'\? looks are {looks}"):
        world(name).render(wrong, 0, 0, 64)
    with pytest.raises(ValueError, match=f"unknown look 'zzz'{of}: looks are {looks}"):
        world(name).render("zzz", 0, 0, 64)


@pytest.mark.parametrize("numbers", [(-1, 0), (0, -1)])
@pytest.mark.parametrize(("name", "look"), LOOKS)
def test_negative_numbers_are_refused(name, look, numbers):
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0"):
        world(name).render(look, *numbers, 64)


@pytest.mark.parametrize(("name", "look"), LOOKS)
def test_a_size_below_eight_is_refused(name, look):
    with pytest.raises(ValueError, match="a size of at least 8, got 7"):
        world(name).render(look, 0, 0, 7)
