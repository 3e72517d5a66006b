"""A run on 12-bit scans and 13 satellite bands, from training to translation: one range from end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

import cyclekit
from cyclekit.registry import RecipeError
from cyclekit.sheets.cells import load_cells
from cyclekit.training.loop import prepare
from cyclekit.training.resuming import restore
from cyclekit.use.translate import Translator
from tests.tiny import TINY

SETTINGS = TINY | {
    "data.channels": {"a": 1, "b": 13},
    "data.range": "auto",
    "data.shown": {"b": [4, 3, 2]},
    "objective.identity": 0,
    "train.steps": 2,
    "metrics.measure": ["cycle_error", "kid"],
    "data.validation": 2,
    "validation.metrics": ["kid_and_structure"],
    "validation.criterion": "kid_and_structure",
    "train.sample_every": 1,
}


def scans(folder, top=4095):
    """`trainA` to `testB` of noise, up to `top` and to 10,000."""
    random = np.random.default_rng(0)
    for split in ("train", "test"):
        for name in "AB":
            (folder / (split + name)).mkdir(parents=True)
        for number in range(4):
            grey = random.random((20, 20))
            grey[0, :2] = 0, 1
            high = top if split == "train" else 60000
            tifffile.imwrite(folder / f"{split}A/{number}.tif", (grey * high).astype(np.uint16))
            bands = np.stack([grey * 10000] * 13).astype(np.uint16)
            tifffile.imwrite(folder / f"{split}B/{number}.tif", bands, photometric="minisblack")
    return folder


def made(data, **changed):
    overrides = SETTINGS | {key.replace("__", "."): value for key, value in changed.items()}
    return cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=overrides)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return scans(tmp_path_factory.mktemp("scans"))


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return cyclekit.train(made(data), tmp_path_factory.mktemp("run") / "run")


def test_the_range_of_training_is_that_of_translation(run):
    translator = Translator.load(run)
    assert (translator.codecs.a.scale.high, translator.codecs.b.scale.high) == ((4095.0,), (10000.0,) * 13)
    dark, bright = np.zeros((20, 20), np.uint16), np.full((20, 20), 4095, np.uint16)
    (first,) = translator([dark], to="photo")
    assert (first.shape, first.dtype) == ((20, 20, 13), np.uint16)
    beyond = translator([bright, bright * 2], to="photo")
    assert np.array_equal(*beyond)  # what is beyond the range is clipped
    assert not np.array_equal(first, beyond[0])
    (back,) = translator([first], to="monet")
    assert (back.shape, back.dtype) == ((20, 20, 1), np.uint16)


def test_sheets_show_bands_and_no_domain_as_itself_in_the_other(run):
    (stem, *_) = sorted((run / "samples").glob("*.png"))
    columns = load_cells(stem.with_suffix("")).columns
    headings = [column.heading for column in columns]
    assert headings == ["monet", "to photo", "and back to monet", "photo", "to monet", "and back to photo"]
    with Image.open(stem) as sheet:
        assert sheet.mode == "RGB"


def test_that_no_checkpoint_can_be_chosen_is_said_once(run):
    records = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [record["message"] for record in records if record["kind"] == "note"] == [
        "validation: KID left + structure lost (EfficientNet-Lite0) cannot be had, and no checkpoint is chosen as the "
        "best: needs pictures of 1 or 3 channels; these have 13"
    ]
    assert not (run / "best").exists()


def test_what_can_be_measured_is_and_what_cannot_says_why(run, data, tmp_path):
    measured = cyclekit.evaluate(run)["directions"]["monet -> photo"]
    assert measured["rows"]["translated"]["cycle error"]["value"] > 0
    assert measured["not measured"]["KID (EfficientNet-Lite0)"] == "needs pictures of 1 or 3 channels; these have 13"
    # Other data of a range of their own are read by the run's.
    other = scans(tmp_path / "other", top=20000)
    assert cyclekit.evaluate(run, sources=[str(other)])["directions"]["monet -> photo"]["items"] == 4


def test_a_resume_on_pictures_of_another_range_is_refused(run, data, tmp_path):
    restore(prepare(made(data), run))
    first = data / "trainA/0.tif"
    before = first.read_bytes()
    try:
        tifffile.imwrite(first, np.full((20, 20), 5000, np.uint16))
        with pytest.raises(RecipeError, match=r"monet: values were from 0 to 4,095, and are from 0 to 5,000 by now"):
            restore(prepare(made(data), run))
    finally:
        first.write_bytes(before)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"objective__identity": 5.0},
            "objective.identity: shows each domain to a network of the other, and monet",
        ),
        ({"objective__cross_domain_negatives": 1.0}, r"objective.cross_domain_negatives: .* photo 13; set .*=0"),
        ({"generator__start": "identity"}, "start 'identity' needs as many channels out as in"),
        ({"data__range": None}, None),
    ],
)
def test_what_cannot_be_trained_is_one_line_before_anything_is(data, changed, words):
    if words is None:
        notes = made(data, **changed).data.notes
        assert [note.split(": set")[0][:60] for note in notes]
        assert all("range is used; set data.range." in note for note in notes)
        return
    with pytest.raises(RecipeError, match=words) as refused:
        made(data, **changed)
    assert "\n" not in str(refused.value)
