"""Several processes that train together: they equal one with all rows, resume exactly, and end together."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file

from cyclekit.core import processes
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.training.loop import prepare
from tests.commands import PATIENCE, call, flags, mistake, wait_for
from tests.groups import ended, started
from tests.pictures import picture_folders
from tests.training import together
from tests.training.together import PICTURES, RUNS

EQUAL = ["cyclegan", "pix2pix", "cut", "sentences"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What two processes made of every run, each of them with half of every batch: once for all of xdist's workers."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "together"
    with FileLock(f"{folder}.lock"):
        if not (folder / "made").exists():
            folder.mkdir(exist_ok=True)
            picture_folders(folder / "data")
            group = started(2, "-m", "tests.training.together", folder, *RUNS)
            (status, _, err), (killed, *_) = ended(group, PATIENCE)
            assert (status, killed) == (0, -signal.SIGKILL), err
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="module")
def alone(folder, tmp_path_factory):
    """The same runs by one process with all rows: its weights, and the terms of its steps."""
    one = tmp_path_factory.mktemp("alone")
    (one / "data").symlink_to(folder / "data")
    made = {name: together.trained(name, one) for name in EQUAL}
    return {name: (together.weights(training), terms) for name, (training, terms) in made.items()}


def furthest(one, other):
    """The largest relative difference between the terms of two steps."""
    assert one.keys() == other.keys()
    return max(abs(one[name] - other[name]) / max(abs(other[name]), 1e-3) for name in other)


@pytest.mark.parametrize("name", EQUAL)
def test_two_processes_with_half_of_a_batch_each_equal_one_with_all_of_it(folder, alone, name):
    weights, expected = alone[name]
    terms = json.loads((folder / f"{name}.json").read_text())
    assert len(terms) == len(expected) >= 10
    assert furthest(terms[0], expected[0]) < 1e-6
    # What was learned, replayed and averaged so far is the same too: 1e-6, with room for other processors.
    assert max(furthest(*both) for both in zip(terms[:5], expected)) < 1e-3
    # From there on rounding drifts: as far as it takes a run whose sums are in another order (2 % after 50 steps).
    assert furthest(terms[-1], expected[-1]) < 0.2
    made = torch.load(folder / f"{name}-0.pt")
    assert made.keys() == weights.keys()
    for network in {key.partition(".")[0] for key in weights}:
        both = [torch.cat([w[key].flatten() for key in weights if key.startswith(network)]) for w in (made, weights)]
        assert (both[0] - both[1]).norm() < 0.5 * both[1].norm(), network


@pytest.mark.parametrize("name", RUNS)
def test_all_processes_have_the_same_weights(folder, name):
    first, second = (torch.load(folder / f"{name}-{rank}.pt") for rank in range(2))
    assert first.keys() == second.keys()
    assert [key for key in first if not torch.equal(first[key], second[key])] == []


def test_a_resume_in_as_many_processes_is_exact(folder):
    straight, halted = (history.latest(folder / name) for name in ("drawn", "halted/drawn"))
    assert straight.name == halted.name
    for file in straight.glob("*.safetensors"):
        one, other = load_file(file), load_file(halted / file.name)
        assert one.keys() == other.keys()
        assert [key for key in one if not torch.equal(one[key], other[key])] == [], file.name


def test_a_resume_in_another_number_of_processes_is_refused(folder):
    with pytest.raises(RecipeError, match="was trained by 2 processes, and here it would go on by one process"):
        together.trained("drawn", folder, resume=True)


def test_what_processes_answer_each_other(folder):
    said = [torch.load(folder / f"primitives-{rank}.pt") for rank in range(2)]
    for each in said:
        assert each["alone"], "outside of a step nobody is asked"
        first, second, third = each["gradients"]
        assert first.tolist() == [1.5, 3.0]
        assert second.tolist() == [2.0, 3.0], "the other has no gradient for it: a 0"
        assert third is None
        assert {name: float(term) for name, term in each["terms"].items()} == {"term": 3.5}
        assert [rows["data"].tolist() for rows in each["gathered"]] == [[[0, 0]], [[1, 1, 1], [1, 1, 1]]]
        assert all(rows["mask"].all() and rows["mask"].dtype == torch.bool for rows in each["gathered"])
        assert (each["longest"], each["told"], each["alike"]) == (6, "of 0", [True, False])
    # Three tokens of mean 1, and one of 2.
    assert sum(float(each["tokens"]) for each in said) / 2 == 1.25


def stands(folder, name):
    """How the training of each process stood at the end."""
    return [json.loads((folder / f"{name}-{rank}.json").read_text()) for rank in range(2)]


def test_the_first_ones_clock_settles_the_length_for_all(folder):
    first, second = stands(folder, "timed")
    assert first == second
    of_first, of_second = (2 / seconds for seconds in together.SECONDS)
    assert first["stop"] == "finished"
    assert abs(first["step"] - of_first) <= 2 < of_first - of_second
    assert len(json.loads((folder / "timed.json").read_text())) == first["step"]


def test_what_the_first_one_wants_undone_all_undo(folder):
    first, second = stands(folder, "back")
    assert first == second
    assert (first["step"], first["rollbacks"], first["stop"]) == (6, 1, "finished")
    assert first["rate_factor"] < 1
    terms = json.loads((folder / "back.json").read_text())
    assert len(terms) == 4 + 4
    assert terms[4] == terms[2], "step 3, done again"
    assert terms[5] != terms[3], "step 4, after one at a lower rate"


def test_a_signal_to_any_of_them_lets_all_end_their_step_and_save(folder):
    first, second = stands(folder, "asked")
    assert first == second
    assert (first["step"], first["stop"]) == (3, "interrupted")
    assert history.steps(folder / "asked") == [3]


def test_a_process_that_dies_ends_the_others_with_one_line_and_a_good_checkpoint(folder):
    line = (folder / "lost.txt").read_text()
    assert line.startswith(f"ProcessLost: {folder / 'lost'}: another of the 2 processes is gone, at step 3; ")
    assert "; the checkpoint of step 2 is kept. Go on: torchrun --nproc-per-node=2 " in line
    assert len(line.splitlines()) == 1
    checkpoint.load(history.latest(folder / "lost"))


def ours(said):
    """The lines that are not torch's own: of sockets on machines without IPv6, of signals, and the launcher's trace."""
    said = said.partition("Traceback (most recent call last)")[0]
    return [line for line in said.splitlines() if not re.match(r"\[|$|[WE]\d{4} ", line)]


def test_ctrl_c_through_torchrun_saves_and_ends_with_one_line(folder, tmp_path):
    out = tmp_path / "run"
    settings = flags(PICTURES | {"train.steps": 100_000, "train.save_every": 1})
    torchrun = subprocess.Popen(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "cyclekit",
         "run", "recipes/monet2photo", "--profile", "published", "--data", folder / "data", "--out", out,
         "--device", "cpu", *settings],
        env={**os.environ, "OMP_NUM_THREADS": "1", "TORCH_ELASTIC_SHUTDOWN_TIMEOUT": f"{PATIENCE:.0f}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(lambda: max(history.steps(out), default=0) >= 2, torchrun)
        os.killpg(torchrun.pid, signal.SIGINT)  # what a terminal sends; the launcher passes it on to its processes
        answer, said = torchrun.communicate(timeout=PATIENCE)
    finally:
        if torchrun.poll() is None:
            torchrun.terminate()
    assert torchrun.returncode != 0
    step = history.steps(out)[-1]
    again = f"torchrun --nproc-per-node=2 -m cyclekit run --resume {out} --device cpu"
    assert ours(said)[-1] == f"interrupted at step {step:,}; saved. Go on with: {again}"
    assert said.count("interrupted at step") == 1, "the first one speaks"
    assert answer == ""
    assert (out / "report.html").is_file()
    assert mistake(call("run", "--resume", out)).startswith(f"{history.latest(out)}: was trained by 2 processes")


def test_a_batch_that_cannot_be_shared_out_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "world", lambda: 3)
    monkeypatch.setattr("cyclekit.training.loop.check_group", lambda: None)
    with pytest.raises(
        RecipeError, match=r"train\.batch_size=4: cannot be shared out to 3 processes; set a multiple of 3"
    ):
        prepare(together.run("cyclegan", folder), tmp_path)


@pytest.mark.parametrize(
    "command", [["translate", "RUN", "x.png"], ["evaluate", "RUN"], ["list"], ["data", "check", "x"]]
)
def test_other_commands_work_in_one_process(monkeypatch, command):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    assert mistake(call(*command)).startswith(f"WORLD_SIZE=2: cyclekit {command[0]} works in one process")
    monkeypatch.setenv("RANK", "1")
    assert call(*command) == (2, "", ""), "the first one says why"
