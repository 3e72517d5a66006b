"""Built-in landscapes: other scenes for each domain, truth for the held-out ones, kept once rendered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cyclekit import registry
from cyclekit.builtin import scenes as builtin
from cyclekit.core.batch import Pair
from cyclekit.image.data import ImageData


def data(**options):
    source = {"builtin": "landscapes", "scenes": 4, "held_out": 3}
    return ImageData(Pair("painting", "photo"), sources=[source | options], load_size=18, crop_size=16)


def test_domains_show_different_scenes_and_held_out_ones_come_in_both_renderings():
    made = data()
    assert set(made.train.a.names).isdisjoint(made.train.b.names)
    assert set(made.train.a.names).isdisjoint(made.test.a.names)
    a, b = made.held_out("a"), made.held_out("b")
    assert [item.name for item in a] == [item.name for item in b]
    assert torch.equal(a[1].truth.data, b[1].row.data)
    assert torch.equal(b[2].truth.data, a[2].row.data)
    assert not torch.equal(a[0].row.data, a[0].truth.data)
    assert made.description == (
        "procedural landscapes, no real pictures (painting and photograph; seed 0, 18x18): painting 4, photo 4; "
        "held out painting 3, photo 3"
    )


def test_the_held_out_scenes_do_not_depend_on_how_many_are_trained_on():
    assert data(scenes=2).test.a.names == data(scenes=9).test.a.names


def test_in_pairs_both_domains_show_the_same_scenes():
    source = {"builtin": "landscapes", "scenes": 2, "held_out": 1}
    made = ImageData(Pair("painting", "photo"), sources=[source], load_size=18, crop_size=16, aligned=True)
    assert list(made.train.a.names) == list(made.train.b.names)
    assert made.aligned


WORLDS = [
    name for name, part in registry.registered()["builtin"].items() if part.factory.__module__ == builtin.__name__
]


@pytest.mark.parametrize("world", WORLDS)
def test_every_world_gives_pictures_in_both_its_looks(world):
    pictures = registry.build("builtin", world, 16, False, options={"scenes": 2, "held_out": 1}, where="data")
    for side in pictures.train:
        picture = side.open(0, 3)
        assert picture.size == (16, 16)
        assert len(np.unique(np.asarray(picture))) > 3, side.look
    assert "no real pictures" in pictures.words
    assert pictures.test_paired
