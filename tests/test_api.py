"""The same as functions: what the package's first lines show, and what they cost to import."""

import json
import subprocess
import sys

import pytest
import yaml
from PIL import Image

import cyclekit
from cyclekit.registry import RecipeError
from tests.commands import TINY
from tests.pictures import picture_folders


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=2)


def test_load_train_translate_evaluate(data, tmp_path):
    run = cyclekit.load("monet2photo", profile="cpu", data=data, overrides=TINY)
    assert (run.display("a"), run.display("b"), run.data.source) == ("monet", "photo", str(data))
    assert run.recipe.train.steps == 4
    folder = cyclekit.train(run, tmp_path / "run", device="cpu")
    assert folder == tmp_path / "run"
    (photo,) = cyclekit.Translator.load(folder, device="cpu")([data / "testA" / "00.png"], to="photo")
    assert isinstance(photo, Image.Image)
    metrics = cyclekit.evaluate(folder, device="cpu")
    assert metrics.keys() >= {"data", "step", "directions"}
    assert list(metrics["directions"]) == ["monet -> photo", "photo -> monet"]
    assert json.loads((folder / "metrics.json").read_text())["step"] == metrics["step"] == 4
    with pytest.raises(RecipeError, match="is a run already"):
        cyclekit.train(cyclekit.load("monet2photo", data=data, overrides=TINY), folder)


def test_data_is_named_as_paths_or_words(data):
    two = {"a": data / "trainA", "b": data / "trainB"}
    for source in (data, str(data), two, {side: str(path) for side, path in two.items()}):
        run = cyclekit.load("monet2photo", data=source, overrides=TINY)
        assert sum(run.data.sizes) == (6 if source in (data, str(data)) else 4)
        (written,) = yaml.safe_load(run.recipe.dump())["data"]["sources"]
        assert written == (str(source) if source in (data, str(data)) else {side: str(two[side]) for side in two})


def test_built_in_data_by_name_is_what_the_recipe_makes_of_it():
    overrides = TINY | {"sample.rows": 1}
    named = cyclekit.load("summer2winter", data="builtin:landscapes", overrides=overrides)
    assert "summer and winter" in named.data.description
    assert named.recipe.data.options["sources"] == [{"builtin": "landscapes", "a": "summer", "b": "winter"}]
    other = {"builtin": "landscapes", "a": "spring", "b": "autumn", "scenes": 3}
    given = cyclekit.load("summer2winter", data=other, overrides=overrides)
    assert "spring and autumn" in given.data.description
    assert given.data.sizes == (3, 3)


def test_a_device_that_is_none_is_refused_before_a_folder_is_made(data, tmp_path):
    run = cyclekit.load("monet2photo", data=data, overrides=TINY)
    with pytest.raises(RecipeError, match="no such device; choose auto, cpu, cuda or mps"):
        cyclekit.train(run, tmp_path / "run", device="quantum")
    assert not (tmp_path / "run").exists()


def test_importing_cyclekit_imports_nothing_heavy():
    code = (
        "import sys, cyclekit, cyclekit.cli\n"
        "assert set(cyclekit.__all__) == {'Translator', 'evaluate', 'load', 'train'}\n"
        "heavy = {'torch', 'numpy', 'PIL', 'pydantic', 'yaml', 'transformers', 'accelerate'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_the_package_does_not_have():
    with pytest.raises(AttributeError, match="module 'cyclekit' has no attribute 'trian'"):
        cyclekit.trian  # noqa: B018 - the look-up is the test
