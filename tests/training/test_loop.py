"""The loop: exact resumes, kills at any instant, and every way a run may break off."""

import functools
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import load_file

import cyclekit
from cyclekit.callbacks import Log, Saver, default_callbacks
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.training.loop import prepare, train
from cyclekit.training.resuming import restore
from cyclekit.training.state import Callback
from tests.commands import PATIENCE, flags, start, start_held, wait_for
from tests.pictures import picture_folders
from tests.tiny import TINY


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def tiny_run(data, **overrides):
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=TINY | changed)


def tensors_of(folder):
    """Every tensor of a run's newest checkpoint."""
    files = sorted(history.latest(folder).glob("*.safetensors"))
    assert len(files) == 6
    return {f"{path.stem}.{key}": value for path in files for key, value in load_file(path).items()}


def assert_same_weights(one, other):
    first, second = tensors_of(one), tensors_of(other)
    assert first.keys() == second.keys()
    different = [key for key in first if not torch.equal(first[key], second[key])]
    assert not different


@pytest.fixture(scope="module")
def straight(data, tmp_path_factory):
    """A run that went through in one go."""
    return cyclekit.train(tiny_run(data), tmp_path_factory.mktemp("straight") / "run")


@pytest.mark.parametrize("stop_at", [1, 3, 4])
def test_a_resumed_run_equals_one_that_went_through(data, straight, tmp_path, stop_at):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.yaml").write_text(tiny_run(data).recipe.dump())
    stopped = train(tiny_run(data), tmp_path / "run", default_callbacks(), until=stop_at)
    assert (stopped.step, stopped.stop) == (stop_at, "interrupted")
    torch.rand(17)  # the resume must bring its own random state
    cyclekit.train(tiny_run(data), tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", straight)


def test_worker_processes_do_not_change_the_weights(data, straight, tmp_path):
    # The recipe differs in train.workers alone, which no step depends on.
    cyclekit.train(tiny_run(data, train__workers=2), tmp_path / "run")
    assert_same_weights(tmp_path / "run", straight)


def test_callbacks_do_not_change_the_weights(data, straight, tmp_path):
    (tmp_path / "run").mkdir()
    log = Log()
    train(tiny_run(data, train__save_every=6), tmp_path / "run", [log, Saver(log)])
    assert_same_weights(tmp_path / "run", straight)


def test_the_seed_decides_everything(data, straight, tmp_path):
    cyclekit.train(tiny_run(data, train__seed=1), tmp_path / "run")
    first, second = tensors_of(tmp_path / "run"), tensors_of(straight)
    assert not torch.equal(
        first["generators.a.head.convolution.weight"], second["generators.a.head.convolution.weight"]
    )


def test_what_a_run_folder_holds(straight):
    lines = [json.loads(line) for line in (straight / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if line["kind"] == "terms"] == [2, 4, 6]
    assert [line["step"] for line in lines if line["kind"] == "sample"] == [0, 4, 6]
    assert lines[0]["kind"] == "start"
    assert lines[-1]["kind"] == "end"
    terms = next(line["terms"] for line in lines if line["kind"] == "terms")
    kinds = ("adversarial", "cycle", "identity", "discriminator")
    assert set(terms) == {f"{kind}.{domain}" for kind in kinds for domain in ("monet", "photo")}
    for line in lines:
        if line["kind"] == "sample":
            assert (straight / line["file"]).stat().st_size > 0
    assert history.steps(straight) == [2, 4, 6]
    assert (straight / "latest").resolve() == history.latest(straight).resolve()
    assert "<html" in (straight / "report.html").read_text()
    environment = json.loads((straight / "environment.json").read_text())
    assert torch.__version__.startswith(environment["torch"])
    assert list((straight / "tensorboard").glob("events.*"))


def test_only_the_newest_checkpoints_are_kept(data, tmp_path):
    folder = cyclekit.train(tiny_run(data, train__save_every=1, train__keep=2), tmp_path / "run")
    assert history.steps(folder) == [5, 6]


def start_run(folder, data, *more, held_at=None, **settings):
    """A training in a process of its own; held at a step, it waits there to be ended."""
    begin = start if held_at is None else functools.partial(start_held, held_at)
    named = flags(TINY | {f"train.{key}": value for key, value in settings.items()})
    return begin("run", "recipes/monet2photo", "--profile", "published", "--data", data, "--out", folder, *named, *more)


def test_a_run_killed_at_random_instants_ends_with_the_same_weights(data, tmp_path):
    """Where exactly, chance says: tests/training/test_kills.py kills at every single point."""
    length = {"steps": 40, "save_every": 1}
    run = tiny_run(data, **{f"train__{key}": value for key, value in length.items()})
    through, killed, chance = cyclekit.train(run, tmp_path / "through"), tmp_path / "killed", random.Random(0)
    for reached, more in ((2, []), (12, ["--resume"])):
        running = start_run(killed, data, *more, held_at=30, **length)
        wait_for(lambda least=reached: history.steps(killed)[-1:] >= [least], running)
        time.sleep(chance.random() * 0.02)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    cyclekit.train(run, killed, resume=True)
    assert_same_weights(killed, through)
    steps = [json.loads(line)["step"] for line in (killed / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(steps), "the log tells each step once"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_says_how_to_go_on(data, tmp_path, asked):
    """As a terminal or a cluster does it: the signal reaches the loader's workers too."""
    running = start_run(tmp_path / "run", data, save_every=1000, steps=100000, workers=1)
    log = tmp_path / "run" / "log.jsonl"
    wait_for(lambda: log.exists() and '"terms"' in log.read_text(), running)
    os.killpg(running.pid, asked)
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    (saved,) = history.steps(tmp_path / "run")
    assert f"interrupted at step {saved:,}; saved. Go on with: " in errors
    assert errors.rstrip().endswith(f"run --resume {shlex.quote(str(tmp_path / 'run'))}")
    assert "Traceback" not in errors


class Poison(Callback):
    """Makes a weight infinite before a step."""

    def __init__(self, step):
        self.step = step

    def stepped(self, training):
        if training.step == self.step:
            next(training.run.networks.generators.b.parameters()).data.fill_(float("inf"))


def test_a_term_that_is_not_finite_stops_the_run_and_is_named(data, tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(RecipeError, match=r"the term cycle\.a became nan at step 4; the checkpoint of step 2 is kept"):
        train(tiny_run(data), tmp_path / "run", [*default_callbacks(), Poison(3)])
    assert history.steps(tmp_path / "run") == [2]
    last = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])
    assert last["kind"] == "failed"
    assert "became nan" in last["message"]


def test_weights_that_are_not_finite_are_never_saved(data, tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(RecipeError, match="no longer finite; not saved"):
        train(tiny_run(data), tmp_path / "run", [Poison(4), *default_callbacks()])
    assert history.steps(tmp_path / "run") == [2]


class Refuses(Callback):
    """Finds something wrong before the first step."""

    def started(self, training):
        raise RecipeError("not like this")


class Remembers(Callback):
    """What it was told."""

    def __init__(self):
        self.told = []

    def started(self, training):
        self.told.append("started")

    def failed(self, training, error):
        self.told.append(str(error))


def test_who_was_ready_hears_that_another_refused_to_start(data, tmp_path):
    before, after = Remembers(), Remembers()
    with pytest.raises(RecipeError, match="not like this"):
        train(tiny_run(data), tmp_path, [before, Refuses(), after])
    assert before.told == ["started", "not like this"]
    assert after.told == []


FULL_DISK = """
import resource, sys
from cyclekit.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
main()
"""


def test_a_disk_that_refuses_is_one_clear_line_and_nothing_is_lost(data, tmp_path, straight):
    """A limit on file sizes stands in for a full disk: the write fails in the middle of a checkpoint."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(tiny_run(data).recipe.dump())
    train(tiny_run(data), folder, default_callbacks(), until=2)
    settings = flags(TINY)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, "run", "recipes/monet2photo", "--profile", "published", "--data", str(data),
         "--out", str(folder), "--resume", *settings],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert history.steps(folder) == [2]
    cyclekit.train(tiny_run(data), folder, resume=True)
    assert_same_weights(folder, straight)


def test_resuming_on_other_data_is_refused(data, straight, tmp_path):
    other = picture_folders(tmp_path / "other", train=5)
    with pytest.raises(RecipeError, match=r"was trained on .*resume with data="):
        restore(prepare(tiny_run(other), straight))


@pytest.mark.parametrize("objective", ["cyclegan", "pix2pix"])
@pytest.mark.parametrize("gan_loss", ["lsgan", "bce", "hinge", "wgan_gp"])
def test_every_loss_trains_every_objective(data, tmp_path, objective, gan_loss):
    run = cyclekit.load(
        "recipes/monet2photo",
        profile="published",
        data=str(data),
        overrides={key: value for key, value in TINY.items() if not key.startswith("objective.")}
        | {"objective": {"name": objective}, "gan_loss": gan_loss, "train.steps": 2},
    )
    folder = cyclekit.train(run, tmp_path / "run")
    assert history.steps(folder) == [2]


def test_a_penalty_refuses_batch_norm(data):
    with pytest.raises(RecipeError, match=r"gan_loss: 'wgan_gp' needs .*discriminator\.norm=instance"):
        tiny_run(data, gan_loss="wgan_gp", discriminator__norm="batch")


@pytest.mark.parametrize(
    "discriminator", [{"name": "pixel"}, {"name": "multiscale", "scales": 2, "layers": 1}, {"count": 3, "layers": 1}]
)
def test_panels_of_any_make(data, tmp_path, discriminator):
    changes = {f"discriminator.{key}": value for key, value in discriminator.items()}
    overrides = {key: value for key, value in TINY.items() if not key.startswith("discriminator.")}
    run = cyclekit.load(
        "recipes/monet2photo",
        profile="published",
        data=str(data),
        overrides=overrides | {"discriminator.width": 4} | changes | {"train.steps": 1},
    )
    sizes = {"pixel": 1, "multiscale": 2}
    assert len(run.networks.discriminators.a) == sizes.get(discriminator.get("name"), discriminator.get("count", 1))
    cyclekit.train(run, tmp_path / "run")


def test_epochs_decay_at_their_end(data, tmp_path):
    run = tiny_run(data, train__steps=None, train__epochs=4, train__log_every=1, train__batch_size=6)
    folder = cyclekit.train(run, tmp_path / "run")
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    rates = [line["learning_rate"]["generators"] for line in lines if line["kind"] == "terms"]
    assert rates == pytest.approx([2e-4, 2e-4, 2e-4, 2e-4 * 2 / 3])


def test_runs_of_different_precision_live_in_one_process(data, tmp_path):
    for precision in ("bf16", "float32", "bf16"):
        run = tiny_run(data, train__precision=precision, train__steps=1)
        training = train(run, tmp_path)
        assert training.precision == precision
        with training.autocast():
            product = torch.ones(2, 2) @ torch.ones(2, 2)
        assert product.dtype == (torch.bfloat16 if precision == "bf16" else torch.float32)
