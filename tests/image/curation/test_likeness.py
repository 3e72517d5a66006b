"""Near duplicates are found however they were stored; pictures that only resemble each other are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from cyclekit.builtin.worlds.landscapes import photograph, scene
from cyclekit.image.curation.likeness import LEAST_CORRELATION, MOST_BITS, Likeness, distance, likeness, near_duplicates


def recompressed(picture):
    memory = io.BytesIO()
    picture.save(memory, "JPEG", quality=30)
    return Image.open(memory)


CHANGES = {
    "recompressed": recompressed,
    "half as large": lambda picture: picture.resize((48, 48), Image.Resampling.BICUBIC),
    "stretched": lambda picture: picture.resize((200, 96), Image.Resampling.BICUBIC),
    "grey": lambda picture: picture.convert("L"),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "flatter": lambda picture: ImageEnhance.Contrast(picture).enhance(0.7),
}


@pytest.fixture(scope="module")
def photographs():
    return [Image.fromarray(photograph(scene(11, index), (96, 96))) for index in range(40)]


@pytest.fixture(scope="module")
def originals(photographs):
    return [likeness(picture) for picture in photographs]


def pairs(found):
    return {
        (int(first), int(second), bool(mirrored))
        for alike in found
        for first, second, mirrored in zip(alike.first, alike.second, alike.mirrored)
    }


def test_what_a_picture_is_recognised_by(originals):
    one = originals[0]
    assert (one.bits.shape, one.mirrored.shape, one.thumbnail.shape) == ((64,), (64,), (16, 16))
    assert set(one.bits) == {-1, 1}
    assert int((one.bits == 1).sum()) == 32  # above the median or not
    assert np.linalg.norm(one.thumbnail) == pytest.approx(1, abs=1e-5)
    assert one.thumbnail.mean() == pytest.approx(0, abs=1e-6)


def test_the_hash_of_the_mirror_image_is_known_beforehand(photographs, originals):
    for picture, original in zip(photographs, originals):
        mirror = likeness(ImageOps.mirror(picture))
        assert int((mirror.bits != original.mirrored).sum()) <= 2  # rounding, where a frequency is the median itself


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_nothing_else(photographs, originals, change):
    copies = [likeness(CHANGES[change](picture)) for picture in photographs]
    found = pairs(near_duplicates([*originals, *copies]))
    expected = {(index, index + 40) for index in range(40)}
    straight = {(first, second) for first, second, mirrored in found if not mirrored}
    assert len(straight & expected) >= 39
    assert not {pair for pair in straight if pair[1] < 40}  # among the originals


def test_a_mirrored_copy_is_found_as_one(photographs, originals):
    found = pairs(near_duplicates([*originals[:5], likeness(ImageOps.mirror(photographs[3]))]))
    assert (3, 5, True) in found
    assert (3, 5, False) not in found


def test_alike_in_bits_alone_is_not_enough():
    """Two pictures whose coarse frequencies agree in sign, and whose greys do not."""
    one = likeness(Image.fromarray(photograph(scene(1, 1), (64, 64))))
    other = one._replace(thumbnail=np.random.default_rng(0).permutation(one.thumbnail.ravel()).reshape(16, 16))
    assert distance(one, other) == 0
    assert float((one.thumbnail * other.thumbnail).sum()) < LEAST_CORRELATION
    assert not pairs(near_duplicates([one, other]))


def made(random):
    thumbnail = random.standard_normal((16, 16)).astype(np.float32)
    bits = np.where(random.random(64) > 0.5, 1, -1).astype(np.int8)
    return Likeness(bits, bits[::-1].copy(), thumbnail / np.linalg.norm(thumbnail))


def test_agrees_with_looking_at_every_pair_over_several_blocks():
    random = np.random.default_rng(5)
    many = [made(random) for _ in range(1200)]
    for source, place in ((3, 900), (511, 512), (600, 1199), (10, 20)):
        bits = many[source].bits.copy()
        bits[: MOST_BITS if place != 20 else MOST_BITS + 1] *= -1
        many[place] = Likeness(bits, bits[::-1].copy(), many[source].thumbnail)
    found = {pair for pair in pairs(near_duplicates(many)) if not pair[2]}
    assert found == {(3, 900, False), (511, 512, False), (600, 1199, False)}
    alike = next(one for one in near_duplicates(many) if len(one.first) and not one.mirrored.any())
    assert set(alike.bits) == {MOST_BITS}


def test_many_that_are_all_alike_do_not_exhaust_the_memory(originals):
    found = sum(len(alike.first) for alike in near_duplicates([originals[0]] * 700))
    assert found >= 700 * 699 // 2


def test_nothing_is_like_nothing():
    assert list(near_duplicates([])) == []
    constant = likeness(Image.new("RGB", (9, 9), "teal"))
    assert not constant.thumbnail.any()
    assert not pairs(near_duplicates([constant, constant]))
