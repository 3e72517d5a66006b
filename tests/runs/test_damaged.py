"""Every file of a run folder is damaged in many ways: what follows is as before, or one line, and never a traceback."""

import json
import random
import shutil

import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import load_file

import cyclekit
from cyclekit.runs import history
from tests.commands import call
from tests.pictures import picture_folders
from tests.tiny import TINY

WRONG = [None, True, -1, 3.5, "x", [], {}, [1, "x", None], {"x": [1]}, "1" * 50]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), 3, 2)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A run with checkpoints of the steps 2 and 4, a best one, and metrics."""
    settings = TINY | {
        "train.steps": 4, "data.validation": 2, "validation.metrics": ["structure"],
        "validation.criterion": "structure", "validation.every": 2, "metrics": ["structure"],
    }  # fmt: skip
    made = cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=settings)
    folder = cyclekit.train(made, tmp_path_factory.mktemp("whole") / "run", device="cpu")
    assert call("evaluate", folder, "--device", "cpu").status == 0
    return folder


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "x.png"
    Image.radial_gradient("L").resize((16, 16)).convert("RGB").save(path)
    return path


def damages(path, chance):
    """Contents to put in a file's place, each with a name; None to remove it."""
    content = path.read_bytes()
    yield "gone", None
    yield "empty", b""
    yield "cut", content[: chance.randrange(len(content))] if content else b"x"
    yield "garbage", chance.randbytes(200)
    for _ in range(2):
        flipped = bytearray(content)
        place = chance.randrange(len(content) * 8)
        flipped[place // 8] ^= 1 << place % 8
        yield f"flipped {place}", bytes(flipped)
    if path.suffix == ".json":
        for number in range(4):
            yield f"typed {number}", json.dumps(retyped(json.loads(content), chance)).encode()
    if path.suffix == ".yaml":
        for number in range(8):
            yield f"typed {number}", yaml.safe_dump(retyped(yaml.safe_load(content), chance)).encode()
    if path.suffix == ".jsonl":
        lines = content.splitlines()
        for number in range(4):
            typed = [json.dumps(retyped(json.loads(line), chance)).encode() for line in lines]
            yield f"typed {number}", b"\n".join(typed) + b"\n"


def retyped(content, chance):
    """One value somewhere in it is of another type."""
    if isinstance(content, dict) and content and chance.random() < 0.9:
        key = chance.choice(list(content))
        return {**content, key: retyped(content[key], chance)}
    if isinstance(content, list) and content and chance.random() < 0.5:
        place = chance.randrange(len(content))
        return [*content[:place], retyped(content[place], chance), *content[place + 1 :]]
    return chance.choice(WRONG)


def weights_of(folder):
    return {path.name: load_file(path) for path in sorted(history.latest(folder).glob("*.safetensors"))}


def same(one, other):
    return one.keys() == other.keys() and all(
        one[name].keys() == other[name].keys()
        and all(torch.equal(one[name][key], other[name][key]) for key in one[name])
        for name in one
    )


FILES = [
    "recipe.yaml", "environment.json", "log.jsonl", "metrics.json", "README.md", "report.html",
    "samples/step-00000004.png", "samples/step-00000004/index.json", "samples/step-00000004/0-0.png",
    *(f"checkpoints/step-00000004/{name}" for name in (
        "state.json", "codec-a/codec.json", "codec-b/codec.json", "average.safetensors", "discriminators.safetensors",
        "generators.safetensors", "objective.safetensors", "optimizers.safetensors", "random.safetensors",
    )),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old"),
    [*((file, False) for file in FILES), *((file, True) for file in FILES if file.startswith("checkpoints"))],
)
def test_a_damaged_file_changes_nothing_or_is_said_in_one_line(whole, data, picture, tmp_path, file, old):
    expected = tmp_path / "expected.png"
    assert call("translate", whole, picture, "--to", "photo", "--device", "cpu", "--out", tmp_path / "out").status == 0
    (tmp_path / "out" / "x.png").rename(expected)
    chance = random.Random(f"{file} {old}")
    for name, content in damages(whole / file, chance):
        folder = tmp_path / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder, symlinks=True)
        if old:
            for place in (folder / "checkpoints").iterdir():
                state = json.loads((place / "state.json").read_text())
                del state["sha256"]
                (place / "state.json").write_text(json.dumps(state))
        (folder / file).unlink()
        if content is not None:
            (folder / file).write_bytes(content)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        commands = {
            "translate": ["translate", folder, picture, "--to", "photo", "--device", "cpu", "--out", tmp_path / "out"],
            "report": ["report", folder],
            "evaluate": ["evaluate", folder, "--device", "cpu"],
            "resume": ["run", "--resume", folder, "--device", "cpu"],
        }
        for command, words in commands.items():
            where = f"{command}: {file} {name}"
            result = call(*words)
            assert result.status in (0, 2), where
            assert "Traceback" not in result.err, where
            told = [line for line in result.err.splitlines() if line.startswith("cyclekit: ")]
            assert len(told) == (result.status == 2), (where, result.err)
            unchecked = old or file == "recipe.yaml"
            if result.status == 0 and not unchecked and command == "translate":
                assert (tmp_path / "out" / "x.png").read_bytes() == expected.read_bytes(), where
            if result.status == 0 and not unchecked and command == "resume":
                assert same(weights_of(folder), weights_of(whole)), where
