"""Checkpoints: whole or not at all, checked when they are read, and swept."""

import json
import os
import random
import shutil

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

import cyclekit
from cyclekit import Translator
from cyclekit.callbacks import default_callbacks
from cyclekit.files.whole_file import HERE
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.runs.checkpoint import Damaged
from cyclekit.training.loop import prepare, train
from cyclekit.training.resuming import restore
from tests.pictures import picture_folders
from tests.tiny import TINY

FILES = [
    "state.json", "codec-a/codec.json", "codec-b/codec.json",
    "average.safetensors", "discriminators.safetensors", "generators.safetensors", "objective.safetensors",
    "optimizers.safetensors", "random.safetensors",
]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def assembled(data):
    return cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=TINY)


@pytest.fixture(scope="module")
def straight(data, tmp_path_factory):
    """A run with checkpoints of the steps 2, 4 and 6."""
    return cyclekit.train(assembled(data), tmp_path_factory.mktemp("straight") / "run")


@pytest.fixture
def copied(straight, tmp_path):
    """A copy of the run, to break."""
    return shutil.copytree(straight, tmp_path / "run", symlinks=True)


def forget_checksums(place):
    """Make of a checkpoint one as they were before there were checksums."""
    state = json.loads((place / "state.json").read_text())
    del state["sha256"]
    (place / "state.json").write_text(json.dumps(state))


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def assert_same(one, other):
    """The same tensors in every file of two checkpoints."""
    for name in FILES[3:]:
        first, second = load_file(one / name), load_file(other / name)
        assert first.keys() == second.keys()
        assert all(torch.equal(first[key], second[key]) for key in first), name


def test_a_checkpoint_holds_the_checksum_of_every_file(straight):
    place = history.latest(straight)
    state = json.loads((place / "state.json").read_text())
    assert sorted(state["sha256"]) == sorted(FILES)
    assert {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()} == set(FILES)


@given(name=st.sampled_from(FILES), share=st.floats(0, 1, exclude_max=True))
def test_a_flipped_bit_anywhere_is_found(straight, name, share):
    place = history.latest(straight)
    path, (tensors, state) = place / name, checkpoint.load(place)
    before = path.read_bytes()
    flip(path, int(share * 8 * len(before)))
    try:
        found, told = checkpoint.load(place)
    except Damaged as damaged:
        said = str(damaged)
    else:
        said = None
    finally:
        path.write_bytes(before)
    if said is None:  # a letter of an escape sequence in JSON is one bit away from its capital, and means the same
        assert (name, told) == ("state.json", state)
        assert found.keys() == tensors.keys()
        return
    assert "\n" not in said
    assert said.startswith(f"{place}: the checkpoint is damaged: {name} ")
    assert said.endswith("; go on from the one before with resume=True from_step=4")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["gone", "flipped"])
def test_a_resume_passes_over_a_damaged_checkpoint_says_so_and_ends_the_same(straight, data, copied, name, damage):
    place = history.latest(copied)
    if damage == "gone":
        (place / name).unlink()
    else:
        flip(place / name, 8 * ((place / name).stat().st_size // 2))
    cyclekit.train(assembled(data), copied, resume=True)
    assert_same(history.latest(copied), history.latest(straight))
    log = [json.loads(line) for line in (copied / "log.jsonl").read_text().splitlines()]
    (note,) = [line["message"] for line in log if line["kind"] == "note"]
    assert note.startswith(f"{place}: the checkpoint is damaged: ")
    assert note.endswith("; goes on from step 4, and does the steps since anew")
    assert name in note
    assert [line["step"] for line in log if line["kind"] == "checkpoint"] == [2, 4, 6]


def test_when_all_are_damaged_nothing_is_trained_or_deleted(data, copied):
    for step in (2, 4, 6):
        (history.folder_of(copied, step) / "random.safetensors").unlink()
    with pytest.raises(Damaged, match=r"step-00000006: .*it has no random.safetensors; go on from the one before"):
        restore(prepare(assembled(data), copied))
    assert history.steps(copied) == [2, 4, 6]


def test_a_resume_from_an_earlier_step_does_the_steps_since_again(straight, data, copied):
    training = prepare(assembled(data), copied)
    with pytest.raises(RecipeError, match=r"from_step=3: .*has no such checkpoint; it has: 2, 4, 6"):
        restore(training, 3)
    restore(training, 2)
    assert (training.step, history.steps(copied), training.notes) == (2, [2], [])
    assert (copied / "latest").resolve().name == "step-00000002"
    cyclekit.train(assembled(data), copied, resume=True)
    assert_same(history.latest(copied), history.latest(straight))


def test_checkpoints_from_before_there_were_checksums(straight, data, copied):
    history.discard_after(copied, 4)
    forget_checksums(history.latest(copied))
    Translator.load(copied, device="cpu")
    cyclekit.train(assembled(data), copied, resume=True)
    assert_same(history.latest(copied), history.latest(straight))
    assert '"note"' not in (copied / "log.jsonl").read_text()


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("stem", ["average", "generators", "discriminators"])
def test_weights_that_are_not_finite_are_named_and_not_taken(data, copied, stem, value):
    place = history.latest(copied)
    forget_checksums(place)
    tensors = load_file(place / f"{stem}.safetensors")
    name = random.Random(stem).choice([name for name in tensors if tensors[name].is_floating_point()])
    tensors[name].view(-1)[-1] = value
    save_file(tensors, place / f"{stem}.safetensors")
    with pytest.raises(Damaged, match=rf"{stem}.safetensors: the tensor {name} holds values that are infinite or no"):
        checkpoint.load(place, [stem])
    if stem == "average":
        with pytest.raises(Damaged, match=name):
            Translator.load(copied, device="cpu")
    training = prepare(assembled(data), copied)
    restore(training)
    assert training.step == 4


def test_what_best_points_at(copied):
    history.point(copied / "best", history.folder_of(copied, 4))
    assert history.chosen(copied).name == "step-00000004"
    (history.folder_of(copied, 4) / "average.safetensors").unlink()
    with pytest.raises(Damaged, match=rf"it has no average.*; remove {copied}/best to use the newest checkpoint"):
        Translator.load(copied)
    shutil.rmtree(history.folder_of(copied, 4))
    with pytest.raises(RecipeError, match=r"best: is no link to a checkpoint of this run; remove it to use the newest"):
        Translator.load(copied)


def test_a_start_sweeps_what_kills_left(data, copied, straight):
    history.discard_after(copied, 4)
    places = [".step-00000002.deleted", ".step-00000006.partial"]
    for name in places:
        (copied / "checkpoints" / name / "codec-a").mkdir(parents=True)
    (copied / ".latest.partial").symlink_to("checkpoints/step-00000002")
    (copied / f"{HERE}{os.getpid()}-report.html").touch()
    (copied / "samples" / f"{HERE}4000000-step-00000006.png").touch()
    log = (copied / "log.jsonl").read_text().splitlines(keepends=True)
    (copied / "log.jsonl").write_text("".join(line for line in log if '"checkpoint"' not in line))
    train(assembled(data), copied, default_callbacks(), device="cpu", resume=True)
    assert not [path for path in copied.rglob(".*")]
    kept = [json.loads(line) for line in (copied / "log.jsonl").read_text().splitlines()]
    assert [line["folder"] for line in kept if line["kind"] == "checkpoint"] == [
        f"checkpoints/step-{step:08d}" for step in (2, 4, 6)
    ]
    assert_same(history.latest(copied), history.latest(straight))


@given(value=st.floats() | st.text() | st.lists(st.floats()) | st.dictionaries(st.text(), st.integers() | st.none()))
def test_whatever_a_state_holds_is_taken_for_what_was_written(tmp_path_factory, value):
    place = tmp_path_factory.mktemp("run") / "checkpoints" / "step-00000001"
    place.mkdir(parents=True)
    (place / "state.json").write_text(checkpoint.state_with_checksums({"step": 1, "memory": value, 3: (1, 2)}, {}))
    assert checkpoint.load(place)[1]["3"] == [1, 2]


GARBAGE = [
    b"garbage\n", b"\xff\xfe\x00\n", b"[]\n", b"7\n", b"null\n", b"{}\n", b'{"kind": 1, "step": 2}\n',
    b'{"kind": "terms", "step": "2"}\n', b'{"kind": "terms", "step": 2, "terms": {"x": "y"}}\n',
    b'{"kind": "metrics", "step": 2, "values": [], "criterion": "high", "best": true}\n',
    b'{"kind": "stage", "step": 2}\n', b'{"kind": "health", "step": 2}\n', b"[" * 100_000 + b"\n",
]  # fmt: skip


def test_garbage_in_the_log_is_left_out_and_counted(data, copied):
    path = copied / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for place, garbage in enumerate(GARBAGE):
        lines.insert(place, garbage)
    path.write_bytes(b"".join(lines) + b'{"kind": "cut o')
    cyclekit.train(assembled(data), copied, resume=True)
    log = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["message"] for line in log if line["kind"] == "note"] == [
        f"log.jsonl: {len(GARBAGE)} lines could not be read; left out"
    ]
    assert [line["step"] for line in log if line["kind"] == "terms"] == [2, 4, 6]
