import json

import pytest

import cyclekit
from cyclekit.core.metric import MetricUnavailable
from cyclekit.image import metrics
from cyclekit.registry import RecipeError
from tests.pictures import picture, picture_folders
from tests.tiny import TINY


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def trained(data, folder, **changes):
    run = cyclekit.load("recipes/monet2photo", data=str(data), overrides=TINY | {"train.steps": 2} | changes)
    return cyclekit.train(run, folder)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return trained(data, tmp_path_factory.mktemp("runs") / "run", metrics=["structure", "psnr"])


def test_every_direction_stands_beside_copying(run):
    told = []
    result = cyclekit.evaluate(run, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert set(result["directions"]) == {"monet -> photo", "photo -> monet"}
    for measured in result["directions"].values():
        assert set(measured["rows"]) == {"translated", "copy the input"}
        name = "structure kept (gradient correlation)"
        assert measured["rows"]["copy the input"][name]["value"] == pytest.approx(1.0)
        assert measured["rows"]["translated"][name]["value"] < 1.0
        assert measured["better"][name] == "higher"
        assert measured["protocol"][name]
    assert json.loads((run / "metrics.json").read_text()) == result
    assert result["weights"] == "moving average"


def test_without_truth_nothing_is_compared_with_it(run):
    result = cyclekit.evaluate(run)
    assert all("PSNR" not in measured["better"] for measured in result["directions"].values())


def test_with_truth_it_is(tmp_path):
    """Built-in scenes come in both renderings."""
    folder = trained("builtin:landscapes", tmp_path / "run", **{"metrics": ["psnr", "ssim"], "data.held_out": 3})
    result = cyclekit.evaluate(folder)
    assert result["data"].startswith("builtin:landscapes")
    for measured in result["directions"].values():
        assert set(measured["better"]) == {"PSNR", "SSIM"}
        assert 5 < measured["rows"]["copy the input"]["PSNR"]["value"] < 40


def test_what_cannot_be_measured_is_said(run, monkeypatch):
    def missing(self, translated):
        raise MetricUnavailable("needs more")

    monkeypatch.setattr(metrics.StructureKept, "__call__", missing)
    result = cyclekit.evaluate(run)
    for measured in result["directions"].values():
        assert measured["not measured"] == {"structure kept (gradient correlation)": "needs more"}


def test_pictures_of_different_sizes_are_refused(data, tmp_path):
    folder = trained(data, tmp_path / "run", metrics=["structure"])
    other = picture_folders(tmp_path / "other")
    picture(1, size=(40, 28)).save(other / "testA" / "wide.png")
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("  load_size: 20", "  load_size: 20\n  preprocess: none"))
    with pytest.raises(RecipeError, match="held-out items differ in size"):
        cyclekit.evaluate(folder, sources=[str(other)])


def test_a_recipe_without_metrics_says_what_to_add(data, tmp_path):
    folder = trained(data, tmp_path / "run", metrics=[])
    with pytest.raises(RecipeError, match=r"lists no metrics; add some, for example metrics: \[kid, structure\]"):
        cyclekit.evaluate(folder)
