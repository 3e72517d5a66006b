"""Every command and every line of Python on the page about starting from weights, on networks made for it."""

from __future__ import annotations

import re
import shlex
import warnings
from pathlib import Path

import pytest
import torch

import cyclekit
from cyclekit.recipe.loading import load_recipe
from cyclekit.runs import checkpoint
from tests import sentences
from tests.commands import call, flags
from tests.image.importing.foreign import ForeignResNet, drawn
from tests.pictures import picture_folders
from tests.tiny import TINY

PAGE = Path(__file__).parents[2] / "docs" / "fine-tune.md"
SMALL = TINY | {"generator.width": 4, "generator.blocks": 2, "generator.dropout": 0.0, "train.steps": 2}
SMALL_TEXT = sentences.TINY | {"domains.a": "negative", "domains.b": "positive", "train.steps": 2}


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"the page has no {language}"
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with everything that the page's commands name."""
    place = tmp_path_factory.mktemp("page")
    picture_folders(place / "my_animals")
    forth, back = (drawn(ForeignResNet(width=4), seed).state_dict() for seed in (1, 2))
    torch.save(forth, place / "latest_net_G_A.pth")
    torch.save({"netG_A": forth, "netG_B": back}, place / "both.ckpt")
    formal, informal = sentences.formal_and_informal(place / "hotels")
    formal.rename(place / "hotels" / "negative.txt")
    informal.rename(place / "hotels" / "positive.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for recipe, data, settings, out in (
            ("horse2zebra", "my_animals", SMALL, "runs/mine"),
            ("negative2positive", "hotels/negative.txt,hotels/positive.txt", SMALL_TEXT, "runs/reviews"),
        ):
            made = call("run", recipe, "--data", data, *flags(settings), "--out", out)
            assert made.status == 0, made.err
    return place


def test_the_commands_do_what_the_page_says(place, monkeypatch):
    monkeypatch.chdir(place)
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 7
    for number, command in enumerate(commands):
        program, *words = shlex.split(command)
        assert program == "cyclekit"
        if words[0] == "run":
            words += flags(SMALL_TEXT if "negative2positive" in words else SMALL)
            words += ["--out", f"runs/{number}"]
        ran = call(*words)
        assert ran.status == 0, (command, ran.err)
        if words[0] == "run":
            started = [line for line in ran.err.splitlines() if line.startswith("start: the generator")]
            assert started, command
            # A direction that the source has not is the only network that may begin without its weights.
            assert all(re.search(r": all \d+ tensors|starts fresh$", line) for line in started), ran.err
            assert load_recipe(Path(f"runs/{number}")).train.start_from is not None
            assert checkpoint.steps(Path(f"runs/{number}"))[-1] == 2


def test_the_recipe_and_the_python_do(place, monkeypatch):
    monkeypatch.chdir(place)
    (setting,) = blocks("yaml")
    (code,) = blocks("python")
    assert "start_from: runs/mine" in setting
    load = cyclekit.load
    monkeypatch.setattr(cyclekit, "load", lambda *args, **named: load(*args, overrides=SMALL, **named))
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # all is loaded
        exec(code, names)
    folder = names["folder"]
    assert checkpoint.steps(folder)[-1] == 2
    (resume,) = re.findall(r"`(cyclekit\.train\(cyclekit\.load\(folder.*?)`", PAGE.read_text())
    monkeypatch.setattr(cyclekit, "load", load)
    exec(resume, {"cyclekit": cyclekit, "folder": folder})
