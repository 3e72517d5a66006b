"""Domain adaptation in its quick mode, and its measures on data whose answer is known."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from experiments import domain_adaptation as experiment
from experiments.adaptation_data import Examples, drawn_digit
from experiments.domain_adaptation import AS_IT_IS, MATCHED, NO_GAP, TRANSLATED


def test_every_part_runs_and_goes_on_where_it_stopped(tmp_path, capsys):
    found = experiment.main(["--quick", "--out", str(tmp_path)])
    assert list(found) == ["streets", "digits", "weather"]
    assert found["streets"]["results"].keys() == {AS_IT_IS, MATCHED, TRANSLATED, NO_GAP}
    assert found["weather"]["results"].keys() == {"fog", "rain", "snow"}
    assert found["weather"]["results"]["snow"][0].keys() == {AS_IT_IS, MATCHED, TRANSLATED, NO_GAP}
    for part in found:
        Image.open(tmp_path / part / "sheet.png").load()
    assert json.loads((tmp_path / "results.json").read_text()).keys() == found.keys()
    assert "streets, share of the gap closed: colours matched" in capsys.readouterr().out

    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*/result.json")}
    assert len(kept) == 4 + 4 + 3
    (tmp_path / "digits" / "translated-seed0" / "result.json").unlink()
    experiment.main(["--quick", "--part", "digits", "--out", str(tmp_path)])
    again = {path for path, time in kept.items() if path.stat().st_mtime_ns != time}
    assert {path.parent.name for path in again} == {"translated-seed0"}
    assert json.loads((tmp_path / "results.json").read_text()).keys() == found.keys()  # the other parts' numbers stay


def test_scenes_and_digits_are_in_one_set_only():
    for make in (experiment.make_streets, experiment.make_digits):
        sets = [{picture.tobytes() for picture in examples.pictures} for examples in make(0, True)]
        assert all(sets)
        assert not sets[0] & sets[1]
        assert not sets[1] & sets[2]


def test_digits_are_drawn_white_and_whole():
    random = np.random.default_rng(0)
    drawn = [drawn_digit(digit, random) for digit in range(10) for _ in range(6)]
    for picture in drawn:
        assert picture.shape == (32, 32)
        assert picture.dtype == np.uint8
        assert picture.max() > 150
        assert 0.05 < (picture > 100).mean() < 0.75
    assert len({picture.tobytes() for picture in drawn}) == len(drawn)


def test_intersection_over_union_is_counted_over_all_pictures():
    truth = np.array([[[0, 0], [2, 2]], [[0, 2], [2, 2]]])
    assert experiment.scores(truth, truth) == {"mean IoU": 100, "road": 100, "building": 100}
    found = np.array([[[0, 0], [2, 0]], [[0, 5], [2, 2]]])
    scores = experiment.scores(found, truth)
    assert scores["road"] == pytest.approx(100 * 3 / 4)
    assert scores["building"] == pytest.approx(100 * 3 / 5)
    assert scores["mean IoU"] == pytest.approx(100 * (3 / 4 + 3 / 5) / 2)  # class 5 is not in the truth


def test_accuracy():
    assert experiment.scores(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 0])) == {"accuracy": 75}


@pytest.mark.parametrize("shape", [(12, 16, 16, 3), (12, 16, 16)])
def test_matched_pictures_have_the_others_mean_and_spread(shape):
    random = np.random.default_rng(0)
    mixing = np.eye(3) + 0.3 if len(shape) == 4 else np.eye(16)
    ours = (random.normal(0, 15, shape) @ mixing + 100).clip(0, 255).astype(np.uint8)
    theirs = random.normal(140, 8, shape).clip(0, 255).astype(np.uint8)
    matched = experiment.matched(ours, theirs)
    assert matched.shape == shape
    assert matched.mean() == pytest.approx(theirs.mean(), abs=0.5)
    assert matched.std() == pytest.approx(theirs.std(), abs=0.3)
    if len(shape) == 4:
        pixels, wanted = matched.reshape(-1, 3).T, theirs.reshape(-1, 3).T
        assert np.allclose(np.cov(pixels), np.cov(wanted), atol=2)


def test_the_share_of_the_gap_is_counted_for_each_seed():
    results = {
        AS_IT_IS: {0: {"accuracy": 50.0}, 1: {"accuracy": 60.0}},
        MATCHED: {0: {"accuracy": 50.0}, 1: {"accuracy": 50.0}},
        TRANSLATED: {0: {"accuracy": 75.0}, 1: {"accuracy": 80.0}},
        NO_GAP: {0: {"accuracy": 100.0}, 1: {"accuracy": 80.0}},
    }
    closed = experiment.gap_closed(results)
    assert closed == {"all": {MATCHED: [0, -50], TRANSLATED: [50, 100]}}
    assert experiment.in_words(closed) == "colours matched -25 ± 35 %; translated 75 ± 35 %"
    weather = {"fog": {0: {AS_IT_IS: 50.0, MATCHED: 50.0, TRANSLATED: 75.0, NO_GAP: 50.0}}}
    assert "fog, translated there is no gap" in experiment.in_words(experiment.gap_closed(weather))


def test_a_network_learns_what_can_be_learned():
    """Bright pictures are class 1; and a colour is a class for every pixel."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 32)
    pictures = (random.uniform(0, 100, (32, 16, 16)) + 120 * labels[:, None, None]).astype(np.uint8)
    network = experiment.taught(Examples(pictures, labels), 2, 25, 0)
    assert (experiment.answers(network, pictures) == labels).mean() > 0.95

    ids = np.repeat(np.repeat(random.integers(0, 2, (16, 4, 4)), 4, axis=1), 4, axis=2)
    coloured = np.where(ids[..., None] == 1, (200, 30, 30), (30, 30, 200)).astype(np.uint8)
    network = experiment.taught(Examples(coloured, ids), 2, 40, 0)
    assert (experiment.answers(network, coloured) == ids).mean() > 0.95
