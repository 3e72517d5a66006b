"""Resize, crop and flip against the published arithmetic."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.transform import CENTRE, Augmentation, Transform

sizes = st.tuples(st.integers(1, 90), st.integers(1, 90))
augmentations = st.builds(lambda seed: Augmentation.drawn(Random(seed), flip=True), st.integers(0, 10**6))


def noise(width, height):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


@given(sizes, augmentations)
@settings(max_examples=50, deadline=None)
def test_cropping_modes_give_squares_of_the_crop(size, augmentation):
    for preprocess in ("resize_and_crop", "scale_width_and_crop"):
        assert Transform(preprocess, 40, 32).apply(noise(*size), augmentation).size == (32, 32)


@given(sizes, augmentations)
@settings(max_examples=50, deadline=None)
def test_the_others_give_multiples_of_four(size, augmentation):
    for preprocess in ("scale_width", "none"):
        result = Transform(preprocess, 40, 32).apply(noise(*size), augmentation)
        assert all(side >= 4 and side % 4 == 0 for side in result.size)
    assert Transform("scale_width", 40, 32).apply(noise(*size)).width == 40


def test_resize_and_crop_is_pillows_bicubic_then_a_cut():
    picture = noise(50, 30)
    whole = picture.resize((40, 40), Image.Resampling.BICUBIC)
    cut = Transform("resize_and_crop", 40, 32).apply(picture, Augmentation(0.99, 0.0, mirrored=False))
    assert cut.tobytes() == whole.crop((8, 0, 40, 32)).tobytes()
    mirrored = Transform("resize_and_crop", 40, 32).apply(picture, Augmentation(0.99, 0.0, mirrored=True))
    assert np.array_equal(np.asarray(mirrored), np.asarray(cut)[:, ::-1])


def test_held_out_pictures_are_scaled_to_the_crop():
    picture = noise(50, 30)
    result = Transform("resize_and_crop", 40, 32).unaugmented().apply(picture)
    assert result.tobytes() == picture.resize((32, 32), Image.Resampling.BICUBIC).tobytes()
    assert Transform("crop", 40, 20).unaugmented().apply(picture).tobytes() == picture.crop((15, 5, 35, 25)).tobytes()


def test_a_picture_of_the_right_size_is_untouched():
    assert Transform("none", 1, 1).apply(noise(8, 4)).tobytes() == noise(8, 4).tobytes()


def test_every_place_of_the_crop_is_drawn_and_half_are_mirrored():
    random = Random(0)
    drawn = [Augmentation.drawn(random, flip=True) for _ in range(400)]
    places = {int(one.across * 5) for one in drawn}
    assert places == {0, 1, 2, 3, 4}
    assert 150 < sum(one.mirrored for one in drawn) < 250
    assert not any(Augmentation.drawn(random, flip=False).mirrored for _ in range(50))
    assert not CENTRE.mirrored


def test_a_crop_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="a picture of 20x30 is smaller than the crop of 32x32"):
        Transform("crop", 40, 32).apply(noise(20, 30))
