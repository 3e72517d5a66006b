"""Two made languages are learned without a translated sentence, to a floor of BLEU, by the training that paints."""

import json

import pytest

import cyclekit

FLOOR = 12.0
"""BLEU of either direction; 0.2 is a copy's. On two cores within a minute."""

SMALL = {
    "data.sources": [{"builtin": "languages", "sentences": 3000, "held_out": 150}],
    "data.vocabulary": 700,
    "generator.width": 64,
    "generator.layers": 1,
    "generator.hidden": 128,
    "train.learning_rate.generators": 4e-3,
    "train.steps": 500,
    "train.batch_size": 32,
    "train.sample_every": 500,
    "train.save_every": 500,
    "validation.items": 60,
    "metrics": ["bleu", "length_ratio"],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = cyclekit.load("north2south", profile="cpu", overrides=SMALL)
    return cyclekit.train(recipe, tmp_path_factory.mktemp("translation") / "run", device="cpu")


def test_two_languages_are_learned_without_a_pair(run):
    directions = cyclekit.evaluate(run, device="cpu")["directions"]
    for name in ("north -> south", "south -> north"):
        rows = directions[name]["rows"]
        bleu = {row: cells["BLEU"]["value"] for row, cells in rows.items() if "BLEU" in cells}
        assert bleu["translated"] > FLOOR, bleu
        assert bleu["copy the input"] < 1
        assert bleu["translated"] > bleu["word by word"] - 5
        assert rows["translated"]["length ratio"]["value"] == pytest.approx(1, abs=0.25)


def test_its_log_and_report_tell_of_the_lexicon(run):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    (record,) = (line for line in lines if line["kind"] == "bootstrap")
    assert record["facts"]["seeds"]["identical"] > 10
    assert len(record["pairs"]["b"]) == 20
    page = (run / "report.html").read_text()
    assert "What the first translations were made of: lexicon" in page
    assert record["pairs"]["b"][5][1] in page
