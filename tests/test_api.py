"""The same as functions: what the package's first lines show, and what they cost to import."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

import cyclekit
from cyclekit import registry
from cyclekit.recipe.loading import profile_for
from cyclekit.registry import RecipeError
from cyclekit.runs import folder as runs
from tests.commands import TINY
from tests.pictures import picture_folders

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=2)


def test_load_train_translate_evaluate(data, tmp_path):
    run = cyclekit.load("monet2photo", profile="small", data=data, overrides=TINY)
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
        cyclekit.train(cyclekit.load("monet2photo", profile="published", data=data, overrides=TINY), folder)


def test_data_is_named_as_paths_or_words(data):
    two = {"a": data / "trainA", "b": data / "trainB"}
    for source in (data, str(data), two, {side: str(path) for side, path in two.items()}):
        run = cyclekit.load("monet2photo", profile="published", data=source, overrides=TINY)
        assert sum(run.data.sizes) == (6 if source in (data, str(data)) else 4)
        (written,) = yaml.safe_load(run.recipe.dump())["data"]["sources"]
        assert written == (str(source) if source in (data, str(data)) else {side: str(two[side]) for side in two})


def test_built_in_data_by_name_is_what_the_recipe_makes_of_it():
    overrides = TINY | {"sample.rows": 1}
    named = cyclekit.load("summer2winter", profile="published", data="builtin:landscapes", overrides=overrides)
    assert "summer and winter" in named.data.description
    assert named.recipe.data.options["sources"] == [{"builtin": "landscapes", "a": "summer", "b": "winter"}]
    other = {"builtin": "landscapes", "a": "spring", "b": "autumn", "scenes": 3}
    given = cyclekit.load("summer2winter", profile="published", data=other, overrides=overrides)
    assert "spring and autumn" in given.data.description
    assert given.data.sizes == (3, 3)


def test_a_device_that_is_none_is_refused_before_a_folder_is_made(data, tmp_path):
    run = cyclekit.load("monet2photo", profile="published", data=data, overrides=TINY)
    with pytest.raises(RecipeError, match="no such device; choose auto, "):
        cyclekit.train(run, tmp_path / "run", device="quantum")
    assert not (tmp_path / "run").exists()


def test_importing_cyclekit_imports_nothing_heavy():
    code = (
        "import sys, cyclekit, cyclekit.cli\n"
        "assert cyclekit.__version__ and cyclekit.RecipeError and cyclekit.register\n"
        "assert {'Batch', 'Decoding', 'Translator', 'evaluate', 'load', 'train'} < set(dir(cyclekit))\n"
        "heavy = {'torch', 'numpy', 'PIL', 'pydantic', 'yaml', 'transformers', 'accelerate'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_everything_public_is_there():
    assert all(getattr(cyclekit, name) is not None for name in cyclekit.__all__)
    assert cyclekit.register is registry.register
    assert cyclekit.RecipeError is RecipeError


SNIPPET = """
from pathlib import Path
import cyclekit
from cyclekit import Batch, Decoding, RecipeError, Translator, register

run = cyclekit.load("monet2photo", overrides={"train.steps": 4}, quiet=True)
reveal_type(run.recipe.title)
reveal_type(cyclekit.train(run, Path("here"), quiet=True))
reveal_type(cyclekit.evaluate("here"))
translator: Translator = Translator.load("here")
print(translator("a.jpg", to="photo"), translator(["a"], decoding=Decoding(beam=4)), cyclekit.__version__)

@register("generator", "mine")
def mine(a: object, b: object, *, width: int = 4) -> float:
    raise RecipeError("none")

def changed(batch: Batch) -> Batch:
    return batch.detach()

reveal_type(mine)
cyclekit.lod("monet2photo")
cyclekit.load(3)
Decoding(beam="4")
"""


def test_a_type_checker_knows_what_is_public(tmp_path):
    """mypy on a user's file, with the house's own cache of what it knows of torch."""
    (tmp_path / "mine.py").write_text(SNIPPET)
    checker = [sys.executable, "-m", "mypy", "--follow-imports=silent", tmp_path / "mine.py"]
    where = {**os.environ, "MYPYPATH": str(ROOT)}
    told = subprocess.run(checker, capture_output=True, text=True, cwd=ROOT, env=where).stdout
    found = [line.partition(": ")[2] for line in told.splitlines() if "mine.py:" in line]
    assert found == [
        'note: Revealed type is "str"',
        'note: Revealed type is "pathlib.Path"',
        'note: Revealed type is "dict[str, Any]"',
        'note: Revealed type is "def (a: object, b: object, *, width: int =) -> float"',
        'error: Module has no attribute "lod"; maybe "load"?  [attr-defined]',
        'error: Argument 1 to "load" has incompatible type "int"; expected "str | Path"  [arg-type]',
        'error: Argument "beam" to "Decoding" has incompatible type "str"; expected "int | None"  [arg-type]',
    ], told


def test_the_wheel_says_that_it_is_typed_and_carries_the_recipes(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    assert Path(built).name.startswith(f"cyclekit-{cyclekit.__version__}-")
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
    assert {"cyclekit/py.typed", "cyclekit/_recipes/monet2photo/recipe.yaml"} < names


def test_the_profile_is_the_commands(data, capsys):
    run = cyclekit.load("vangogh2photo", data=data, overrides=TINY, device="cpu")
    assert run.recipe.profile == "cpu"
    assert "profile: cpu (no accelerator; the profile published has the published settings)" in capsys.readouterr().err
    for profile, device, chosen in [
        ("published", "auto", None),
        (None, "cuda", "gpu"),
        (None, "mps", None),
        ("cpu", "cuda", "cpu"),
    ]:
        assert choose(profile, device) == chosen
    cyclekit.load("vangogh2photo", data=data, overrides=TINY, device="cpu", quiet=True)
    assert capsys.readouterr() == ("", "")


def test_a_runs_profile_is_its_own(data, tmp_path, capsys):
    run = cyclekit.load("vangogh2photo", data=data, overrides=TINY, device="cpu", quiet=True)
    runs.create(run.recipe, tmp_path / "run")
    cyclekit.load(tmp_path / "run", device="cpu")
    assert "profile: cpu (the run's own)" in capsys.readouterr().err


BUILT_IN = {"builtin": "landscapes", "scenes": 2, "held_out": 2}


def test_built_in_data_have_a_profile_of_their_own(data, capsys):
    small = {"data.load_size": 36, "data.crop_size": 32}
    assert cyclekit.load("monet2photo", data=BUILT_IN, overrides=small, device="cpu").recipe.profile == "made"
    assert "profile: made (for built-in data; data of your own have another)" in capsys.readouterr().err
    assert cyclekit.load("monet2photo", data=data, overrides=small, device="cpu", quiet=True).recipe.profile == "cpu"
    asked = cyclekit.load("monet2photo", profile="cpu", data=BUILT_IN, overrides=small, quiet=True)
    assert asked.recipe.profile == "cpu"


def test_overrides_may_fit_only_the_profile_that_is_taken(tmp_path, data):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "recipe.yaml").write_text(
        "base: image_cyclegan\n"
        "data: {sources: [{builtin: landscapes, scenes: 2, held_out: 2}], validation: 0}\n"
        "validation: {metrics: [], criterion: null}\n"
        "profiles: {cpu: {discriminator: {name: patchgan}}, made: {discriminator: {name: multiscale}}}\n"
    )
    fits_made = {"discriminator.scales": 1, "data.load_size": 36, "data.crop_size": 32}
    run = cyclekit.load(tmp_path / "own", overrides=fits_made, device="cpu", quiet=True)
    assert run.recipe.profile == "made"
    with pytest.raises(RecipeError, match="discriminator 'patchgan' has no option 'scales'"):
        cyclekit.load(tmp_path / "own", data=data, overrides=fits_made, device="cpu", quiet=True)


def choose(profile, device):
    return profile_for("monet2photo", profile, device)[0]


def test_quiet_is_quiet(data, tmp_path, capsys):
    run = cyclekit.load("monet2photo", data=data, overrides=TINY, profile="published", quiet=True)
    folder = cyclekit.train(run, tmp_path / "run", device="cpu", quiet=True)
    cyclekit.evaluate(folder, device="cpu", quiet=True)
    cyclekit.Translator.load(folder, device="cpu")([data / "testA" / "00.png"], quiet=True)
    assert capsys.readouterr() == ("", "")
    again = cyclekit.load("monet2photo", data=data, overrides=TINY, profile="published")
    cyclekit.train(again, tmp_path / "again", device="cpu")
    assert "speed: cpu" in capsys.readouterr().err


def test_one_item_is_one_and_pictures_are_taken_as_anything(data, tmp_path):
    run = cyclekit.load("monet2photo", data=data, overrides=TINY, profile="published", quiet=True)
    translator = cyclekit.Translator.load(cyclekit.train(run, tmp_path / "run", device="cpu", quiet=True), device="cpu")
    path = data / "testA" / "00.png"
    expected = np.asarray(translator([path])[0])
    picture = Image.open(path).convert("RGB")
    array = np.asarray(picture)
    tensor = torch.from_numpy(array.copy()).permute(2, 0, 1)
    for item in (path, str(path), picture, array, array / 255.0, tensor, tensor.float() / 255):
        one = translator(item)
        assert isinstance(one, Image.Image)
        assert np.array_equal(np.asarray(one), expected)
    for items in ([path], (str(path),), iter([array]), array[None], tensor[None]):
        (one,) = translator(items)
        assert np.array_equal(np.asarray(one), expected)
    assert translator([]) == []
    for wrong, line in {
        "nowhere.jpg": "nowhere.jpg: no such file",
        "two words.": "two words.: no such file",
    }.items():
        with pytest.raises(RecipeError, match=line):
            translator(wrong)
    with pytest.raises(RecipeError, match=r"a picture in memory: values from -0\.9"):
        translator(tensor.float() / 127.5 - 1)


def test_what_the_package_does_not_have():
    with pytest.raises(AttributeError, match="module 'cyclekit' has no attribute 'trian'"):
        cyclekit.trian  # noqa: B018 - the look-up is the test
