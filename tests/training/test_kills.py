"""A training that is killed before any of its file operations goes on as if nothing had happened: see tests/kills.py.

That a real SIGKILL leaves what is copied at a named point is tested too.
"""

import itertools
import json
import os
import shutil
import signal
import traceback

import pytest
import torch
from safetensors.torch import load_file

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.runs import history
from cyclekit.training.loop import train
from tests.kills import at_every_point, before_each_operation, content, litter, snapshots_of
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT, even_stages

OFTEN = {"train.steps": 4, "train.save_every": 1, "train.sample_every": 2, "train.keep": 2, "train.log_every": 1}

PICTURES = TINY | OFTEN | {
    "data.validation": 2, "validation.metrics": ["structure"], "validation.criterion": "structure",
    "validation.every": 1,
}  # fmt: skip

SENTENCES = TINY_TEXT | OFTEN | {
    "train.stages": even_stages("recipes/formal2informal"), "validation.every": 1, "validation.items": 3,
}  # fmt: skip

POINTS = {
    "mkdir checkpoints/.step-N.partial",
    "open checkpoints/.step-N.partial/codec-b/codec.json",
    "open checkpoints/.step-N.partial/state.json",
    "rename checkpoints/.step-N.partial",
    "symlink .latest.partial",
    "rename .latest.partial",
    "rename .best.partial",
    "open log.jsonl",
    "rename checkpoints/step-N",
    "remove checkpoints/.step-N.deleted/generators.safetensors",
    "rmdir checkpoints/.step-N.deleted",
    "rename .beside-README.md",
    "open samples/.beside-step-N/index.json",
    "rename samples/.beside-step-N",
}
"""Some of the points that a training must have been killed at, or the watching is broken."""

LIFE = ("start", "resume", "end")
"""Kinds of lines that tell of a sitting: one that was killed after its end is begun, and ended, once more."""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), 4)


@pytest.fixture(scope="module")
def pictures(data):
    """Makes a run on pictures."""
    return lambda: cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=PICTURES)


def sentences():
    """Makes a run on sentences."""
    return cyclekit.load("recipes/formal2informal", profile="published", overrides=SENTENCES)


def fresh(run, folder):
    folder.mkdir()
    (folder / "recipe.yaml").write_text(run.recipe.dump())
    return folder


def outcome(folder):
    """What a training leaves, but for times and what went before a resume."""
    tensors = {
        f"{path.parent.name}/{path.name}": load_file(path)
        for path in sorted(folder.glob("checkpoints/*/*.safetensors"))
    }
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    told = [
        (line["kind"], line["step"], *map(line.get, ("terms", "criterion", "file", "cells", "folder")))
        for line in log
        if line["kind"] not in LIFE
    ]
    assert log[-1]["kind"] == "end"
    links = {name: os.readlink(folder / name) for name in ("latest", "best")}
    sheets = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "samples").rglob("*"))
        if path.is_file()
    }
    assert any(path.endswith("index.json") for path in sheets)
    return tensors, told, links, sheets


def assert_same(one, other, where):
    for (name, first), (again, second) in zip(one[0].items(), other[0].items(), strict=True):
        assert name == again, where
        assert all(torch.equal(first[key], second[key]) for key in first), (where, name)
    assert one[1] == other[1], where
    assert one[2] == other[2], where
    assert one[3] == other[3], where


def go_on(place, make):
    return train(make(), place, default_callbacks(), device="cpu", resume=True)


def watched(make, tmp_path):
    """A whole training, and what each of its points would leave."""
    run, folder, at = make(), tmp_path / "run", tmp_path / "at"
    fresh(run, folder), at.mkdir()
    points = snapshots_of(folder, at, lambda: train(run, folder, default_callbacks(), device="cpu"))
    assert history.steps(folder)[-2:] == [3, 4]
    assert {point for named, _ in points for point in named} >= POINTS
    return folder, points


def test_pictures_killed_at_every_point_and_killed_again(pictures, tmp_path):
    folder, points = watched(pictures, tmp_path)
    expected, again = outcome(folder), tmp_path / "again"
    for number, (point, place) in enumerate(at_every_point(points, most=60)):
        if number % 12 == 5:
            again.mkdir()
            twice = snapshots_of(place, again, lambda place=place: go_on(place, pictures))
            for second_point, second in [(point, place), *twice[3 :: max(len(twice) // 3, 1)]]:
                go_on(second, pictures)
                assert_same(outcome(second), expected, f"{point}, then {second_point}")
                assert not litter(second), f"{point}, then {second_point}"
            shutil.rmtree(again)
        else:
            go_on(place, pictures)
            assert_same(outcome(place), expected, point)
            assert not litter(place), point


def test_sentences_killed_at_every_point(tmp_path):
    folder, points = watched(sentences, tmp_path)
    expected = outcome(folder)
    for point, place in at_every_point(points, most=0)[::5]:
        go_on(place, sentences)
        assert_same(outcome(place), expected, point)
        assert not litter(place), point


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        ("rename checkpoints/.step-N.partial", 1),
        ("remove checkpoints/.step-N.deleted/generators.safetensors", 0),
        ("open log.jsonl", 9),
    ],
)
def test_a_real_kill_leaves_what_was_copied(pictures, tmp_path, point, nth):
    """The files and their sizes, but for the log, which holds times; and what was copied goes on as what was killed."""
    folder = fresh(pictures(), tmp_path / "run")
    run, counted, copy = pictures(), itertools.count(), tmp_path / "copy"
    child = os.fork()
    if not child:

        def kill(at):
            if at == point and next(counted) == nth:
                shutil.copytree(folder, copy, symlinks=True)
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            before_each_operation(folder, kill, lambda: train(run, folder, default_callbacks(), device="cpu"))
        except BaseException:  # nobody would see it: a child of a fork has no test that reports it
            traceback.print_exc()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert content(folder) == content(copy)
    go_on(folder, pictures)
    go_on(copy, pictures)
    assert_same(outcome(folder), outcome(copy), point)
