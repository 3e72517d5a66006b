"""The page about starting from weights: what its commands load, on networks made for it."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import cyclekit
from cyclekit.recipe.loading import load_recipe
from cyclekit.runs import history
from tests.docs.pages import ROOT, blocks, text_of
from tests.docs.places import fine_tune
from tests.docs.walking import follow

PAGE = ROOT / "docs" / "fine-tune.md"


def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    names: dict[str, object] = {}
    commands = 0
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*starts? fresh")  # in Python, all is loaded
        for done in follow(PAGE, fine_tune(tmp_path), monkeypatch, names):
            commands += 1
            if done.words[0] == "run":
                told = done.result.err
                started = [line for line in told.splitlines() if line.startswith("start: the generator")]
                assert started, done.words
                # A direction that the source has not is the only network that may begin without its weights.
                assert all(re.search(r": all \d+ tensors|starts fresh$", line) for line in started), told
                made = Path(done.result.out.splitlines()[-1])
                assert load_recipe(made).train.start_from is not None
                assert history.steps(made)[-1] == 2
    assert commands == 7
    (setting,) = (block.text for block in blocks(PAGE) if block.language == "yaml")
    assert "start_from: runs/mine" in setting
    folder = names["folder"]
    assert history.steps(folder)[-1] == 2
    (resume,) = re.findall(r"`(cyclekit\.train\(cyclekit\.load\(folder.*?)`", text_of(PAGE))
    exec(resume, {"cyclekit": cyclekit, "folder": folder})
