"""The pages about parts of one's own, one for each kind, as written: the recipe, the part, the commands that use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cyclekit.recipe.loading import load_recipe
from tests.commands import call
from tests.docs.pages import ROOT, blocks
from tests.docs.places import PLACES
from tests.docs.walking import follow

pytestmark = pytest.mark.usefixtures("own_parts")


@pytest.fixture
def followed(tmp_path, monkeypatch):
    """What a page's commands say, by the command; the last where there are several."""

    def follow_it(name):
        place = PLACES[f"docs/{name}.md"](tmp_path)
        return {step.words[0]: step.result for step in follow(ROOT / "docs" / f"{name}.md", place, monkeypatch)}

    return follow_it


def logged(run, kind):
    records = (json.loads(line) for line in Path(run, "log.jsonl").read_text().splitlines())
    return [record for record in records if record["kind"] == kind]


def test_a_generator(followed):
    assert list(followed("add-a-generator")) == ["new", "run", "translate"]
    assert load_recipe(Path("runs/sharper")).generator.options["strength"] == 0.5
    assert list(Path("runs/sharper/translated/photo").iterdir())
    # The recipe that chooses it for good, with the profile that a machine without an accelerator takes.
    page = ROOT / "docs" / "add-a-generator.md"
    (recipe,) = (block.text for block in blocks(page) if block.language == "yaml")
    Path("chosen").mkdir()
    Path("chosen/recipe.yaml").write_text(recipe)
    Path("chosen/plugin.py").write_bytes(Path("sharper/plugin.py").read_bytes())
    for profile in ("cpu", "published"):
        checked = call("check", "chosen", "--profile", profile)
        assert checked.status == 0, checked.err
        assert "name: sharpen" in checked.out


def test_a_loss_term(followed):
    assert list(followed("add-a-loss-term")) == ["new", "run"]
    assert "same_brightness" in logged("runs/even", "terms")[-1]["terms"]
    assert load_recipe(Path("runs/rounded")).reconstruction.options == {"epsilon": 0.05}


def test_a_metric(followed):
    done = followed("add-a-metric")
    assert list(done) == ["new", "run", "evaluate"]
    assert "interval" not in done["evaluate"].out  # the page's metric gives none
    measured = json.loads(Path("runs/bright/metrics.json").read_text())["directions"]["monet -> photo"]
    assert "brightness, off by" in measured["rows"]["translated"]


def test_an_objective(followed):
    assert list(followed("add-an-objective")) == ["new", "run"]
    assert {name for record in logged("runs/oneway", "terms") for name in record["terms"]} == {
        "adversarial.photo", "coarse.photo", "discriminator.photo",
    }  # fmt: skip
    assert load_recipe(Path("runs/oneway")).objective.options == {"coarse": 5}


def test_a_data_source(followed):
    assert list(followed("add-a-data-source")) == ["new", "run"]
    assert "discs, " in Path("runs/rings/log.jsonl").read_text().splitlines()[0]
