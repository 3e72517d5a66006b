"""Going on with a run: longer, elsewhere, from before its first checkpoint, and never twice at once."""

import json
import re
import shlex
import shutil

import psutil
import pytest
import torch

import cyclekit
from cyclekit.api import read
from cyclekit.assembling.assemble import assemble
from cyclekit.callbacks import default_callbacks
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, going_on, history
from cyclekit.runs import folder as runs
from cyclekit.training.loop import planned, prepare, train
from tests.commands import PATIENCE, call, flags, mistake, process, start, wait_for
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT, even_stages
from tests.training.test_loop import assert_same_weights, tensors_of, tiny_run


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def rates(folder):
    """Step -> the generators' learning rate in it."""
    return {line["step"]: line["learning_rate"]["generators"] for line in log_of(folder) if line["kind"] == "terms"}


# Longer

EACH = {"train.log_every": 1, "train.learning_rate": 1.0e-3}


@pytest.fixture(scope="module")
def done(data, tmp_path_factory):
    """A run of four steps, done."""
    return cyclekit.train(tiny_run(data, train__steps=4, **EACH), tmp_path_factory.mktemp("done") / "run")


def longer(done, tmp_path, *settings):
    """The same run, made longer: it needs its folder alone."""
    folder = shutil.copytree(done, tmp_path / "moved", symlinks=True)
    ended = call("run", "--resume", folder, *settings)
    assert ended.status == 0, ended.err
    return folder, ended


@pytest.mark.parametrize(
    ("extend", "expected"),
    [
        ("schedule", [1, 1, 1, 2 / 3, 1, 4 / 5, 3 / 5, 2 / 5]),
        ("constant", [1, 1, 1, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3]),
        (0.5, [1, 1, 1, 2 / 3, 0.5, 0.5, 0.5, 0.5]),
    ],
)
def test_a_longer_run_is_the_one_that_its_recipe_tells(done, tmp_path, extend, expected):
    """Its rates are those of the new length; and a run from its recipe.yaml, in one go, has the same weights."""
    folder, ended = longer(done, tmp_path, *flags({"train.steps": 8, "train.extend": extend}))
    assert list(rates(folder).values()) == pytest.approx([1e-3 * factor for factor in expected])
    assert "changed: train.steps (4 there, 8 now)" in ended.err
    resumed = next(line for line in log_of(folder) if line["kind"] == "resume")
    assert resumed["steps"] == 8
    assert "train.steps (4 there, 8 now)" in resumed["changed"]
    (extension,) = load_recipe(folder).extended
    assert (extension.until, extension.steps) == (4, 4)
    again = cyclekit.train(assemble(read(folder)), tmp_path / "again")
    assert_same_weights(folder, again)


def test_a_longer_run_that_is_killed_again_is_still_the_same(data, done, tmp_path):
    folder, _ = longer(done, tmp_path, *flags({"train.steps": 8}))
    killed = shutil.copytree(done, tmp_path / "killed", symlinks=True)
    recipe, changed = going_on.resumed(killed, read(killed, overrides={"train.steps": 8}))
    train(assemble(recipe), killed, default_callbacks(), resume=True, until=5, changed=changed)
    cyclekit.train(assemble(read(killed)), killed, resume=True)
    assert_same_weights(killed, folder)


def test_a_run_of_stages_made_longer_goes_on_with_its_last(tmp_path):
    settings = {**TINY_TEXT, "train.stages": even_stages("recipes/formal2informal"), "train.save_every": 8}
    run = cyclekit.load("recipes/formal2informal", overrides=settings | {"health.checks": []})
    planned_before = [planned(prepare(run, tmp_path), step)[0] for step in range(8)]
    folder = cyclekit.train(run, tmp_path / "run")
    recipe, _ = going_on.resumed(folder, read(folder, overrides={"train.steps": 12}))
    longer = assemble(recipe)
    planned_now = [planned(prepare(longer, folder), step)[0] for step in range(12)]
    assert planned_now[:8] == planned_before
    assert {now.stage.name for now in planned_now[8:]} == {planned_before[-1].stage.name}
    cyclekit.train(longer, folder, resume=True)
    assert history.steps(folder)[-1] == 12
    begun = [line["name"] for line in log_of(folder) if line["kind"] == "stage"]
    assert begun == list(dict.fromkeys(now.stage.name for now in planned_before))


def test_a_run_is_not_made_shorter_than_it_is(done, tmp_path):
    line = mistake(call("run", "--resume", done, "--set", "train.steps=3"))
    assert line.startswith(f"{done}: has done 4 steps, and train.steps is 3; ")
    line = mistake(call("run", "--resume", done, "--set", "train.epochs=1", "--set", "train.steps=null"))
    assert line.startswith(f"{done}: has done 4 steps, and its length is 3; ")
    assert load_recipe(done).train.steps == 4


def test_a_run_goes_on_with_what_may_change_and_with_nothing_else(done, tmp_path):
    folder, _ = longer(
        done, tmp_path, *flags({"train.steps": 6, "train.workers": 1, "train.save_every": 1, "health.checks": []})
    )
    assert history.steps(folder) == [4, 5, 6]
    assert load_recipe(folder).train.workers == 1
    line = mistake(call("run", "--resume", folder, "--set", "generator.width=8"))
    assert line.startswith(f"{folder}: was made from a recipe that differs in generator.width (4 there, 8 now)")
    line = mistake(call("run", "--resume", folder, "--profile", "cpu"))
    assert "no profile is called 'cpu'" in line
    line = mistake(call("run", "--resume", folder, "--out", tmp_path / "other"))
    assert line.startswith(f"--out {tmp_path / 'other'}: a run goes on in its own folder")
    line = mistake(call("run", "--resume", folder.parent))
    assert line == f"{folder.parent}: is not a run folder (no recipe.yaml); did you mean {folder}?"


# Elsewhere


def test_data_that_moved_is_known_again_and_other_data_is_refused(data, done, tmp_path):
    folder = shutil.copytree(done, tmp_path / "moved", symlinks=True)
    shutil.copytree(data, tmp_path / "there")
    settings = ["--set", "train.steps=5"]
    ended = call("run", "--resume", folder, "--data", tmp_path / "there", *settings)
    assert ended.status == 0, ended.err
    assert history.steps(folder)[-1] == 5
    other = shutil.copytree(data, tmp_path / "other")
    (other / "trainA").rename(tmp_path / "A")
    (other / "trainB").rename(other / "trainA")
    (tmp_path / "A").rename(other / "trainB")
    line = mistake(call("run", "--resume", folder, "--data", other))
    assert re.search(
        r"was trained on [^:]+there, and now the data is [^:]+other \(as many items as there, and others\)", line
    )
    for picture in sorted((tmp_path / "there" / "trainA").iterdir())[:1]:
        picture.unlink()
    line = mistake(call("run", "--resume", folder))
    assert "is not what it was when the run was trained on it (" in line
    assert "Traceback" not in line


def test_a_run_keeps_its_precision_on_another_machine(data, done, tmp_path):
    for began in ("float32", "bf16"):
        folder = shutil.copytree(done, tmp_path / began, symlinks=True)
        place = history.latest(folder)
        checkpoint.amend(place, {"precision": began})
        training = train(tiny_run(data, train__steps=5, **EACH), folder, resume=True)
        assert (training.step, training.precision) == (5, began)
        run = tiny_run(data, train__steps=5, train__precision={"bf16": "float32", "float32": "bf16"}[began], **EACH)
        with pytest.raises(RecipeError, match=f"set train.precision={began}"):
            train(run, folder, resume=True)


# Before the first checkpoint


def test_a_run_killed_before_its_first_checkpoint_begins_again(data, done, tmp_path):
    """What it had logged is taken back; the weights are those of a run that was never killed."""
    run = tiny_run(data, train__steps=4, **EACH)
    killed = runs.create(run.recipe, tmp_path / "killed")
    train(run, killed, [callback for callback in default_callbacks() if type(callback).__name__ == "Log"], until=3)
    assert history.steps(killed) == []
    torch.rand(3)
    ended = call("run", "--resume", killed)
    assert ended.status == 0, ended.err
    assert "no checkpoint was written yet: begins at step 0 again, as it did before" in ended.err.splitlines()
    assert_same_weights(killed, done)
    assert [line["kind"] for line in log_of(killed)].count("start") == 1
    assert list(rates(killed)) == [1, 2, 3, 4]


# Never twice at once


def training_process(folder, data, *more):
    settings = flags({**TINY, "train.save_every": 1000, "train.steps": 100000, "train.log_every": 1})
    return start(
        "run", "recipes/monet2photo", "--profile", "published", "--data", data, "--out", folder, *settings, *more
    )


def begun(folder):
    return (folder / "log.jsonl").is_file() and '"terms"' in (folder / "log.jsonl").read_text()


def test_processes_of_one_run(data, tmp_path):
    """While one trains, a resume and a start are refused; killed before its first checkpoint it goes on; with a worker
    killed it ends with one line; on the way out nothing stays that would stop the next."""
    folder = tmp_path / "run"
    first = training_process(folder, data, "--set", "train.workers=1")
    wait_for(lambda: begun(folder), first)
    refused = f"{folder}: process {first.pid} on "
    for how in (["--resume", folder], ["--resume", "recipes/monet2photo", "--out", folder]):
        assert mistake(call("run", *how)).startswith(refused)
    assert "is a run already" in mistake(call("run", "recipes/monet2photo", "--out", folder))
    first.kill()
    first.communicate()
    assert history.steps(folder) == []

    (folder / "log.jsonl").unlink()
    both = [start("run", "--resume", folder, "--set", "train.save_every=2") for _ in range(2)]  # at once
    wait_for(lambda: any(one.poll() is not None for one in both), next(one for one in both if one.poll() is None))
    (loser,) = [one for one in both if one.poll() is not None]
    (winner,) = [one for one in both if one.poll() is None]
    assert loser.returncode == 2
    assert f"{folder}: process {winner.pid} on " in loser.communicate()[1]

    wait_for(lambda: history.steps(folder), winner)
    for worker in psutil.Process(winner.pid).children():
        worker.kill()
    _, said = winner.communicate(timeout=PATIENCE)
    assert winner.returncode == 2, said
    assert "Traceback" not in said
    line = said.splitlines()[-1]
    assert re.search(r": a process that reads data was killed \(Killed\) at step \d+, mostly for want of memory", line)
    assert "the checkpoint of step" in line
    assert line.endswith(f"run --resume {shlex.quote(str(folder))} --set train.workers=0")
    steps = [record["step"] for record in log_of(folder)]
    assert steps == sorted(steps)
    assert not (folder / ".lock").exists()
    resumed = process("run", "--resume", folder, *flags({"train.workers": 0, "train.steps": steps[-1] + 2}))
    assert resumed.status == 0, resumed.err
    assert len(tensors_of(folder)) > 6


# Several processes


@pytest.mark.parametrize("variable", ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"])
def test_processes_of_other_launchers_are_refused(data, tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, "2")
    out = ["--out", tmp_path / "run"]
    line = mistake(call("run", "recipes/monet2photo", *out))
    assert line.startswith(f"{variable}=2: each of these processes would train the whole run; several train together")
    with pytest.raises(RecipeError, match=f"{variable}=2: each of these processes"):
        cyclekit.train(tiny_run(data), tmp_path / "run")
    monkeypatch.setenv("RANK", "1")
    assert call("run", "recipes/monet2photo", *out)[::2] == (2, "")  # the other processes leave it to the first
    assert not (tmp_path / "run").exists()
