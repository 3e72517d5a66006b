"""The built-in photographs: cuts of files that packages carry, held-out ones of photographs never trained on."""

from __future__ import annotations

import pickle
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cyclekit.builtin import photographs as module
from cyclekit.builtin.photographs import CarriedPhotograph, Cuts, photographs
from cyclekit.core.batch import Pair
from cyclekit.image.data import ImageData
from cyclekit.image.sources import open_source
from cyclekit.registry import RecipeError

DOMAINS = Pair("grey", "colour")


def shown(names):
    return {name.rsplit("-", 1)[0] for name in names}


def pixels(pictures, index, channels=3):
    return np.asarray(pictures.open(index, channels)).astype(int)


def test_held_out_cuts_are_of_other_photographs_than_the_training_ones():
    made = photographs(16, pictures=12, held_out=6)
    assert shown(made.train.a.names) == shown(made.train.b.names) == {"astronaut", "coffee", "china", "flower"}
    assert shown(made.test.a.names) == shown(made.test.b.names) == {"chelsea", "rocket"}
    assert set(made.train.a.names).isdisjoint(made.train.b.names)
    assert made.test_paired
    assert not made.paired


def test_in_pairs_both_domains_are_the_same():
    made = photographs(16, True, pictures=5, held_out=2)
    assert made.paired
    assert list(made.train.a.names) == list(made.train.b.names)
    assert all(np.array_equal(pixels(made.train.a, index), pixels(made.train.b, index)) for index in range(5))


def test_cuts_are_colourful_differ_and_are_the_same_every_time():
    made = photographs(32, pictures=24, held_out=4)
    cuts = [pixels(made.train.b, index) for index in range(24)]
    assert all(cut.shape == (32, 32, 3) for cut in cuts)
    colourfulness = [(cut.max(axis=2) - cut.min(axis=2)).mean() for cut in cuts]
    assert np.mean(colourfulness) > 40
    assert min(colourfulness) > 10
    for first in range(24):
        for second in range(first):
            assert np.abs(cuts[first] - cuts[second]).mean() > 3, (first, second)
    again = pickle.loads(pickle.dumps(made.train.b))
    assert np.array_equal(pixels(again, 7), cuts[7])
    assert again.names == made.train.b.names
    assert not np.array_equal(pixels(photographs(32, pictures=24, seed=1).train.b, 7), cuts[7])
    assert pixels(made.train.b, 7, channels=1).shape == (32, 32)
    assert made.train.b.stored(7) is None


def test_a_cut_shows_the_same_at_every_size():
    small, large = photographs(32, pictures=4).train.a, photographs(128, pictures=4).train.a
    for index in range(4):
        shrunk = np.asarray(large.open(index, 3).resize((32, 32))).astype(int)
        assert np.abs(shrunk - pixels(small, index)).mean() < 5
        assert np.abs(shrunk - pixels(small, (index + 1) % 4)).mean() > 20


def test_every_cut_lies_inside_its_photograph(monkeypatch):
    seen = []

    class Photograph:
        size = (400, 300)

        def resize(self, size, resample, box):
            seen.append(box)
            raise StopIteration

    monkeypatch.setattr(module, "_decoded", lambda path: Photograph())
    cuts = Cuts([Path("x.png")], range(200), 0, 16)
    for index in range(200):
        with pytest.raises(StopIteration):
            cuts.open(index, 3)
    left, top, right, bottom = np.array(seen).T
    assert min(left.min(), top.min()) >= 0
    assert right.max() <= 400
    assert bottom.max() <= 300
    assert np.allclose(right - left, bottom - top)
    assert (right - left).min() >= 0.3 * 300
    assert (right - left).max() > 280


def test_what_a_run_gets():
    source = {"builtin": "photographs", "pictures": 4, "held_out": 2}
    data = ImageData(DOMAINS, sources=[source], load_size=18, crop_size=16)
    assert data.training_pair(0, 1, 0).b.data.shape == (1, 3, 16, 16)
    held = data.held_out("b")
    assert [item.name for item in held] == ["chelsea-000000", "rocket-000001"]
    assert torch.equal(held[0].truth.data, held[0].row.data)
    assert data.description == (
        "cuts of 4 photographs, held out of 2 others (seed 0, 18x18): grey 4, colour 4; held out grey 2, colour 2"
    )


def test_no_package_is_imported_and_no_network_is_asked(monkeypatch):
    before = set(sys.modules)
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a connection was opened"))
    made = photographs(16, pictures=4, held_out=2)
    for pictures in (made.train.a, made.test.a):
        for index in range(len(pictures.names)):
            pictures.open(index, 3)
    assert not {name.split(".")[0] for name in set(sys.modules) - before} & {"skimage", "sklearn", "pooch"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pictures": 0}, "pictures=0, held_out=100: both must be at least 1"),
        ({"held_out": -1}, "pictures=1000, held_out=-1: both must be at least 1"),
        ({"seed": -1}, "seed=-1: must be at least 0"),
        ({"crops": 3}, "builtin 'photographs' has no option 'crops'"),
    ],
)
def test_mistakes(options, message):
    with pytest.raises(RecipeError, match=message):
        open_source({"builtin": "photographs", **options}, DOMAINS, 16, False, "a")


@pytest.mark.parametrize(("package", "distribution"), [("skimage", "scikit-image"), ("sklearn", "scikit-learn")])
def test_without_a_package_the_command_that_installs_it_is_said(monkeypatch, package, distribution):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        RecipeError,
        match=rf"none is there: builtin:photographs \(needs a package: pip install {distribution} \(it is in cyclekit",
    ):
        ImageData(DOMAINS, sources=["builtin:photographs"], load_size=18, crop_size=16)


def test_a_package_without_its_photograph_is_told(monkeypatch):
    monkeypatch.setattr(module, "HELD_OUT", (CarriedPhotograph("skimage", "data/no_such.png"),))
    with pytest.raises(
        RecipeError, match=r"skimage/data/no_such\.png is missing: pip install --force-reinstall scikit-im"
    ):
        ImageData(DOMAINS, sources=["builtin:photographs"], load_size=18, crop_size=16)
