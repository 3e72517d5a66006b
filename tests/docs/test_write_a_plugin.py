"""The page about plugins, as written: the recipe, the parts, the commands that use them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from cyclekit.recipe.loading import load_recipe
from tests.commands import call
from tests.docs.pages import ROOT, blocks
from tests.docs.places import write_a_plugin
from tests.docs.walking import follow

PAGE = ROOT / "docs" / "write-a-plugin.md"


@pytest.mark.usefixtures("own_parts")
def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    done = {step.words[0]: step.result for step in follow(PAGE, write_a_plugin(tmp_path), monkeypatch)}
    assert list(done) == ["new", "run", "evaluate", "translate"]
    assert "interval" not in done["evaluate"].out  # the page's metric gives none
    made = load_recipe(Path("runs/rounded"))
    assert (made.generator.name, made.reconstruction.name) == ("sharpen", "rounded_l1")
    measured = json.loads(Path("runs/rounded/metrics.json").read_text())["directions"]["monet -> photo"]
    log = Path("runs/rounded/log.jsonl").read_text()
    assert '"same_brightness": ' in log
    assert "brightness, off by" in measured["rows"]["translated"]
    assert list(Path("runs/rounded/translated/photo").iterdir())

    # An objective of one direction, and data made by code.
    one_way = [json.loads(line) for line in Path("runs/one-way/log.jsonl").read_text().splitlines()]
    assert {name for line in one_way if line["kind"] == "terms" for name in line["terms"]} == {
        "adversarial.photo", "coarse.photo", "discriminator.photo",
    }  # fmt: skip
    assert load_recipe(Path("runs/one-way")).objective.options == {"coarse": 5}
    assert "discs, " in next(json.loads(line) for line in Path("runs/discs/log.jsonl").read_text().splitlines())["data"]

    # The recipe that chooses the part for good, with the profile that a machine without an accelerator takes.
    (recipe,) = (block.text for block in blocks(PAGE) if block.language == "yaml")
    Path("chosen").mkdir()
    Path("chosen/recipe.yaml").write_text(recipe)
    Path("chosen/plugin.py").write_bytes(Path("sharper/plugin.py").read_bytes())
    for profile in ("cpu", "published"):
        checked = call("check", "chosen", "--profile", profile)
        assert checked.status == 0, checked.err
        assert "name: sharpen" in checked.out


def test_the_pages_callback_asks_for_an_end():
    (text,) = (block.text for block in blocks(PAGE) if "(Callback)" in block.text)
    names: dict = {}
    exec(text, names)
    for value, asked in ((0.01, names["Stop"]("both ways back are exact to 0.02")), (0.03, None)):
        training = SimpleNamespace(terms={"cycle.a": torch.tensor(0.01), "cycle.b": torch.tensor(value)})
        assert names["Enough"]().stepped(training) == asked
