"""A training that is killed before any single one of its file operations goes on as if nothing had happened.

What a kill leaves is what lies in the folder at that instant, since files are only changed by operations that raise an
audit event. So one training is watched, and its folder copied before each of them, in place of as many trainings; that
a real SIGKILL leaves the same is tested too.
"""

import hashlib
import itertools
import json
import os
import shutil
import signal
import sys
import threading

import pytest
import torch
from safetensors.torch import load_file

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.runs import checkpoint
from cyclekit.training.loop import train
from tests.pictures import picture_folders
from tests.tiny import TINY

SHORT = TINY | {
    "train.steps": 4, "train.save_every": 1, "train.sample_every": 2, "train.keep": 2, "train.log_every": 1,
    "data.validation": 2, "validation.metrics": ["structure"], "validation.criterion": "structure",
    "validation.every": 1,
}  # fmt: skip

CHANGING = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.truncate"}

LIFE = ("start", "resume", "end")
"""Kinds of lines that tell of a sitting: one that was killed after its end is begun, and ended, once more."""

watched: dict = {"folder": None, "seen": None}


def _changes(event, arguments):
    if event == "open":
        path, _, flags = arguments
        return isinstance(path, str | bytes | os.PathLike) and bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
    return event in CHANGING


def _hook(event, arguments):
    folder, seen = watched["folder"], watched["seen"]
    if folder is None or threading.current_thread() is not threading.main_thread() or not _changes(event, arguments):
        return
    if str(folder) not in os.fsdecode(arguments[0]) and str(folder) not in str(arguments[1]):
        return
    watched["folder"] = None  # what `seen` does is none of it
    try:
        seen()
    finally:
        watched["folder"] = folder


sys.addaudithook(_hook)


def before_each_operation(folder, seen, work):
    """Work, and call `seen` before each operation that changes something in a folder."""
    watched.update(folder=folder, seen=seen)
    try:
        return work()
    finally:
        watched.update(folder=None, seen=None)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), 4)


def assembled(data, **more):
    return cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=SHORT | more)


def content(folder):
    """All that a resume reads, by path."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and "tensorboard" not in path.parts and path.suffix != ".html"
    }


def fresh(run, folder):
    folder.mkdir()
    (folder / "recipe.yaml").write_text(run.recipe.dump())
    return folder


def snapshots_of(folder, to, work):
    """Copies of a folder as it is before each operation, those alike left out."""
    found = {}

    def copy():
        print_of = hashlib.sha256(repr(sorted(content(folder).items())).encode()).hexdigest()
        if print_of not in found:
            place = to / f"{len(found):04d}"
            shutil.copytree(folder, place, symlinks=True, ignore=shutil.ignore_patterns("tensorboard"))
            found[print_of] = place

    before_each_operation(folder, copy, work)
    return list(found.values())


def outcome(folder):
    """What a training leaves, but for times and what went before a resume."""
    tensors = {
        f"{path.parent.name}/{path.name}": load_file(path)
        for path in sorted(folder.glob("checkpoints/*/*.safetensors"))
    }
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    told = [
        (line["kind"], line["step"], line.get("terms"), line.get("criterion"), line.get("file"), line.get("folder"))
        for line in log
        if line["kind"] not in LIFE
    ]
    assert log[-1]["kind"] == "end"
    links = {name: os.readlink(folder / name) for name in ("latest", "best")}
    return tensors, told, links


def litter(folder):
    return [path for path in folder.rglob(".*") if path.name != ".lock"]


def assert_same(one, other, where):
    for (name, first), (again, second) in zip(one[0].items(), other[0].items(), strict=True):
        assert name == again, where
        assert all(torch.equal(first[key], second[key]) for key in first), (where, name)
    assert one[1] == other[1], where
    assert one[2] == other[2], where


def go_on(place, data):
    return train(assembled(data), place, default_callbacks(), device="cpu", resume=True)


def test_killed_before_any_file_operation_and_killed_again(data, tmp_path):
    folder, expected = fresh(assembled(data), tmp_path / "run"), None
    run, at, again = assembled(data), tmp_path / "at", tmp_path / "again"
    at.mkdir(), again.mkdir()
    places = snapshots_of(folder, at, lambda: train(run, folder, default_callbacks(), device="cpu"))
    expected = outcome(folder)
    assert checkpoint.steps(folder)[-2:] == [3, 4]
    assert len(places) > 60
    for number, place in enumerate(places):
        if number % 12 == 5:
            twice = snapshots_of(place, again, lambda place=place: go_on(place, data))
            for second in [place, *twice[3 :: max(len(twice) // 3, 1)]]:
                go_on(second, data)
                assert_same(outcome(second), expected, f"{place.name}, {second.name}")
                assert not litter(second), f"{place.name}, {second.name}"
            shutil.rmtree(again), again.mkdir()
        else:
            go_on(place, data)
            assert_same(outcome(place), expected, place.name)
            assert not litter(place), place.name


@pytest.mark.parametrize("number", [5, 40, 80])
def test_a_real_kill_leaves_what_was_copied(data, tmp_path, number):
    """The files and their sizes, but for the log, which holds times; and what was copied goes on as what was killed."""
    folder = fresh(assembled(data), tmp_path / "run")
    run, counted, copy = assembled(data), itertools.count(), tmp_path / "copy"
    child = os.fork()
    if not child:

        def kill():
            if next(counted) == number:
                shutil.copytree(folder, copy, symlinks=True)
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            before_each_operation(folder, kill, lambda: train(run, folder, default_callbacks(), device="cpu"))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert content(folder) == content(copy)
    go_on(folder, data)
    go_on(copy, data)
    assert_same(outcome(folder), outcome(copy), number)
