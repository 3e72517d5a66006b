"""The experiments' shared harness: what is done once is not done again, and what is written says where it came from."""

import json
import shlex

import pytest
import torch
from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import RecipeError
from experiments import trial

TINY = {**trial.SMALL_CYCLEGAN, "generator.width": 4, "generator.blocks": 1, "discriminator.width": 4}


def chosen(out, *arguments):
    return trial.settings(
        "name", "about", steps=9, size=64, data="builtin:landscapes", arguments=["--out", str(out), *arguments]
    )


def numbered(calls):
    def one(variant, seed, folder):
        assert not folder.exists()
        folder.mkdir(parents=True)
        calls.append((variant, seed))
        return {"score": len(variant) + 2.0 * seed}

    return one


def test_defaults_take_minutes_and_quick_takes_seconds(tmp_path):
    slow, quick = chosen(tmp_path), chosen(tmp_path, "--quick")
    assert (slow.seeds, slow.steps, slow.size, slow.quick) == ((0, 1, 2), 9, 64, False)
    assert (quick.seeds, quick.steps, quick.size, quick.quick) == ((0,), 2, 32, True)
    assert chosen(tmp_path, "--quick", "--steps", "5").steps == 5


def test_a_killed_experiment_goes_on(tmp_path):
    calls = []
    settings = chosen(tmp_path, "--seeds", "0", "1")
    trial.repeated(settings, ["one", "two more"], numbered(calls))
    assert calls == [("one", 0), ("two more", 0), ("one", 1), ("two more", 1)]

    (settings.folder("two more", 1) / "result.json").unlink()
    calls.clear()
    results = trial.repeated(settings, ["one", "two more"], numbered(calls))
    assert calls == [("two more", 1)]
    assert results["two more"] == {0: {"score": 8.0}, 1: {"score": 10.0}}


def test_results_of_other_settings_are_not_mixed_in(tmp_path):
    trial.repeated(chosen(tmp_path, "--seeds", "0"), ["one"], numbered([]))
    with pytest.raises(RecipeError, match=r"one-seed0/result.json: is of .*'steps': 9.*; choose another --out"):
        trial.repeated(chosen(tmp_path, "--seeds", "0", "--steps", "10"), ["one"], numbered([]))


def test_what_is_written_says_where_it_came_from(tmp_path, capsys):
    trial.repeated(chosen(tmp_path, "--seeds", "0", "1"), ["one"], numbered([]), note="What it means.")
    written = json.loads((tmp_path / "results.json").read_text())
    assert written["command"] == f"python -m experiments.name --out {shlex.quote(str(tmp_path))} --seeds 0 1"
    assert written["data"] == "builtin:landscapes"
    assert written["threads"] == torch.get_num_threads()
    assert written["processor"]
    table = (tmp_path / "table.md").read_text()
    assert "| one | 4 ± 1.41 |" in table
    assert table.endswith("What it means.\n")
    assert table in capsys.readouterr().out


def test_a_number_that_some_variants_lack_leaves_a_gap():
    table = trial.table({"one": {0: {"x": 1.23456}}, "two": {0: {"x": 123456.7, "y": 1.0}}})
    assert table == "| variant | x | y |\n|---|---|---|\n| one | 1.23 | — |\n| two | 123,457 | 1 |\n"


def test_a_trial_trains_with_its_seed_and_shows_held_out_rows(tmp_path):
    settings = chosen(tmp_path, "--quick", "--size", "16")
    outputs = []
    for seed in (0, 0, 1):
        folder = settings.folder(f"variant {len(outputs)}", 0)
        run = trial.trained(settings, folder, seed, "monet2photo", TINY)
        made = trial.translated(run)
        trial.keep_all(folder, made)
        outputs.append(made)
    assert outputs[0].fake.data.shape == outputs[0].source.data.shape == (8, 3, 16, 16)
    assert torch.equal(outputs[0].fake.data, outputs[1].fake.data)
    assert not torch.equal(outputs[0].fake.data, outputs[2].fake.data)

    path = trial.compare(settings, ["variant 0", "variant 2"], "Title")
    assert path == tmp_path / "sheet.png"
    assert Image.open(path).height > trial.SHEET_ROWS * 100


def test_truth_that_is_asked_for_must_be_there(tmp_path):
    made = trial.Translated(*[Batch(torch.zeros(1, 3, 4, 4))] * 3)
    with pytest.raises(RecipeError, match="with their true translation; give other --data"):
        trial.truth_of(made)


@pytest.mark.parametrize("mistake", [RecipeError("data: nothing there"), MetricUnavailable("needs a network")])
def test_a_mistake_is_one_line(mistake, capsys):
    def main():
        raise mistake

    with pytest.raises(SystemExit) as ended:
        trial.as_script(main)
    assert ended.value.code == 2
    line = capsys.readouterr().err
    assert line.endswith(f": {mistake}\n")
    assert line.count("\n") == 1
