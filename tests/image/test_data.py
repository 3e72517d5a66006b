"""The data part: what a recipe sets, what a run gets, and every way in which pictures can be wrong."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest
import torch
from PIL import Image

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.core.data import loader
from cyclekit.image.data import ImageData
from cyclekit.registry import RecipeError

DOMAINS = Pair("monet", "photo")


def build(*sources, **options):
    given = {"sources": [str(source) for source in sources], "load_size": 18, "crop_size": 16} | options
    return registry.build("data", "images", DOMAINS, options=given, where="data")


def test_what_a_run_gets(unpaired):
    data = build(unpaired)
    assert isinstance(data, ImageData)
    assert data.sizes == (5, 7)
    assert not data.aligned
    assert data.source == str(unpaired)
    assert data.passed_over == []
    assert data.description == "trainA and trainB: monet 5, photo 7; held out monet 2, photo 3"
    pair = data.training_pair(0, 6, seed=1)
    assert pair.map(lambda row: tuple(row.data.shape)) == ((1, 3, 16, 16), (1, 3, 16, 16))
    assert build(unpaired, channels=1).training_pair(0, 0, 0).a.data.shape == (1, 1, 16, 16)


def test_a_training_pair_is_a_function_of_its_arguments(unpaired):
    data = build(unpaired)
    again = pickle.loads(pickle.dumps(data))
    first = data.training_pair(1, 2, 3)
    for other in (data.training_pair(1, 2, 3), again.training_pair(1, 2, 3)):
        assert torch.equal(first.a.data, other.a.data)
        assert torch.equal(first.b.data, other.b.data)
    assert len({data.training_pair(1, 2, seed).a.data.sum().item() for seed in range(40)}) > 6  # of nine crops


def test_pairs_are_augmented_alike_and_others_apart(tmp_path):
    (tmp_path / "train").mkdir()
    half = Image.effect_noise((30, 30), 80)
    both = Image.new("L", (60, 30))
    both.paste(half, (0, 0))
    both.paste(half, (30, 0))
    for name in "xy":
        both.save(tmp_path / f"train/{name}.png")

    def differing(data):
        return sum(
            not torch.equal(pair.a.data, pair.b.data) for pair in (data.training_pair(0, 0, s) for s in range(20))
        )

    assert differing(build(tmp_path)) == 0
    assert differing(build(tmp_path, aligned=False)) > 10
    assert build(tmp_path).aligned
    assert "in pairs" in build(tmp_path).description


def test_a_share_once_held_out_stays_so(tmp_path, pictures):
    for side in "AB":
        pictures(tmp_path / side, *(f"{i:03d}.png" for i in range(40)), size=(18, 18))
    before = build(tmp_path)
    assert before.sizes == (36, 36)
    held = {item.name for item in before.held_out("a")}
    assert held.isdisjoint(before.train.a.names)
    assert held == {item.name for item in build(tmp_path).held_out("a")}
    pictures(tmp_path / "A", *(f"new{i}.png" for i in range(20)), size=(18, 18))
    after = build(tmp_path)
    assert len({item.name for item in after.held_out("a")} & held) >= 2
    assert len(build(tmp_path, held_out=3).held_out("b")) == 3
    assert len(build(tmp_path, test_share=0).held_out("a")) == 0


def test_the_first_source_that_is_there_is_taken_and_the_others_are_told(unpaired, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    data = build("no/such", "hub:some/body", unpaired)
    assert data.source == str(unpaired)
    assert data.passed_over == [
        ("no/such", "no such folder"),
        ("hub:some/body", "HF_HUB_OFFLINE is set, and it is not in the local cache"),
    ]
    with pytest.raises(RecipeError, match=r"data\.sources: none is there: no/such \(no such folder\); hub:some/body"):
        build("no/such", "hub:some/body")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop_size": 20}, r"data\.crop_size: 20 is larger than data\.load_size 18, from which it is cut; set"),
        (
            {"preprocess": "crop", "crop_size": 28},
            r"data\.crop_size: 28 is larger than 5 pictures: 0 is 30x24; .* is 30x24; choose a smaller crop, or",
        ),
        ({"crop_size": 0}, r"data\.crop_size: sizes are at least 1, got load_size 18, crop_size 0"),
        ({"test_share": 1.5}, r"data\.test_share: 1.5 is no share"),
        ({"held_out": 0}, r"data\.held_out: 0 pictures; choose 1 or more, or null for all"),
        ({"channels": 4}, r"trainA/0\.png: has 3 bands, and data\.channels asks for 4"),
        ({"channels": 0}, r"data\.channels: 0 is no number of channels; 1 is grey, 3 colour, or more bands"),
        ({"channels": {"c": 1}}, r"data\.channels: \{'c': 1\} should say it for a and for b"),
        ({"preprocess": "stretch"}, r"data\.preprocess: 'stretch' \(str\) does not fit; .* one of 'resize_and_crop'"),
        ({"sources": []}, r"data\.sources: is empty"),
        (
            {"sources": [{"c": "x"}]},
            r"data\.sources: c: x is no source; a mapping is \{a: PATH, b: PATH\}, where the keys may be",
        ),
        (
            {"sources": ["x/*.png"]},
            r"data\.sources: x/\*\.png is one glob; two domains need two, written GLOB_A,GLOB_B",
        ),
        (
            {"sources": ["builtin:landscape"]},
            r"data\.sources: no builtin is called 'landscape'; did you mean 'landscap",
        ),
        ({"sources": [{"builtin": "landscapes", "scene": 3}]}, r"data\.sources\.scene: .* did you mean 'scenes'"),
        ({"sources": ["builtin:of_another_kind"]}, r"builtin:of_another_kind holds no pictures; data\.name=images"),
        ({"sources": ["hub:landscapes"]}, r"data\.sources: hub:landscapes is no data set's name; write hub:OWNER/NAME"),
    ],
)
def test_options_that_cannot_work(unpaired, options, message, monkeypatch):
    monkeypatch.setitem(registry._parts["builtin"], "of_another_kind", registry.Part(lambda size: size, "test"))
    with pytest.raises(RecipeError, match=message):
        build(unpaired, **options)


def test_a_single_picture_cannot_be_held_out(tmp_path, pictures):
    pictures(tmp_path / "a", "x.png")
    pictures(tmp_path / "b", "x.png", "y.png")
    with pytest.raises(RecipeError, match=r"data: monet has 1 picture, and one is to be held out: add pictures, give"):
        build(tmp_path)


def test_through_the_loader_with_workers(unpaired):
    data = build(unpaired)
    stream = [[pair.a.data for pair in islice(loader(data, 2, seed=5, workers=workers), 4)] for workers in (0, 2)]
    assert all(torch.equal(x, y) for x, y in zip(*stream))
    assert stream[0][0].shape == (2, 3, 16, 16)


def test_validation_pictures_are_training_pictures_that_are_trained_on_no_more(unpaired):
    plain, data = build(unpaired), build(unpaired, validation=2)
    assert data.sizes == (3, 5)
    assert data.description == "trainA and trainB: monet 3, photo 5; held out monet 2, photo 3; validation 2 of each"
    for domain in ("a", "b"):
        aside = data.validation(domain)
        assert len(aside) == 2
        assert all(item.truth is None and item.row.data.shape == (1, 3, 16, 16) for item in aside)
        names = {item.name for item in aside}
        assert names == {item.name for item in build(unpaired, validation=2).validation(domain)}
        train = set(getattr(data.train, domain).names)
        assert not names & train
        assert names | train == set(getattr(plain.train, domain).names)
        assert [item.name for item in data.held_out(domain)] == [item.name for item in plain.held_out(domain)]


def test_auto_validation_says_how_many_it_took(unpaired):
    assert build(unpaired, validation="auto").description.endswith("; validation 2 of each")


def test_without_validation_nothing_changes(unpaired):
    plain, data = build(unpaired), build(unpaired, validation=0)
    assert plain.description == data.description
    assert plain.train.map(lambda side: list(side.names)) == data.train.map(lambda side: list(side.names))
    assert len(data.validation("a")) == len(data.validation("b")) == 0
    assert torch.equal(plain.training_pair(1, 2, 3).a.data, data.training_pair(1, 2, 3).a.data)


def test_validation_pictures_of_pairs_stay_together_and_come_after_a_share_held_out(paired):
    data = build(paired, aligned=True, test_share=0.2, validation=2)
    names = [{item.name for item in data.validation(domain)} for domain in ("a", "b")]
    assert names[0] == names[1]
    held_out = {item.name for item in data.held_out("a")}
    assert (len(held_out), data.sizes) == (1, (3, 3))
    assert not held_out & names[0]


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (-1, r"data\.validation: -1 pictures; choose 0 or more"),
        (5, r"data\.validation: 5 pictures are to be set aside, and monet has 5 to train on; choose fewer"),
    ],
)
def test_validation_that_leaves_nothing_to_learn_is_refused(validation, message, unpaired):
    with pytest.raises(RecipeError, match=message):
        build(unpaired, validation=validation)
