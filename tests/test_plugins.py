"""Parts from elsewhere: an installed package, a recipe's own plugin.py, and what happens when either fails."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cyclekit
from cyclekit import plugins, registry
from cyclekit.plugins import load_plugins
from cyclekit.registry import RecipeError
from tests.commands import TINY, call, flags, mistake, process
from tests.pictures import picture_folders

SEPIA = '''
"""A generator that mixes colours: small, but a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.registry import register

if TYPE_CHECKING:
    from cyclekit.image.codec import ImageCodec


@register("generator", "sepia")
class Sepia(nn.Module):
    def __init__(
        self, source: ImageCodec, target: ImageCodec, *, strength: float = 1.0, tint: Literal["warm", "cold"] = "warm"
    ) -> None:
        super().__init__()
        self.strength = strength
        self.mix = nn.Conv2d(source.channels, target.channels, 1)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        return Batch(torch.tanh(self.mix(source.data) * self.strength))
'''

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "cyclekit-sepia"
version = "0.3"

[project.entry-points."cyclekit.plugins"]
sepia = "cyclekit_sepia"
"""


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """What a test loads in this process, it takes away again."""
    load_plugins()
    monkeypatch.setattr(registry, "_parts", {kind: dict(parts) for kind, parts in registry._parts.items()})
    monkeypatch.setattr(plugins, "_loaded", set(plugins._loaded))
    modules = set(sys.modules)
    yield
    for name in set(sys.modules) - modules:
        if name.startswith(("cyclekit_", "plug_")):
            del sys.modules[name]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=2, test=1)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which pip has built and installed a plugin package, without asking any network."""
    project, site = tmp_path_factory.mktemp("cyclekit-sepia"), tmp_path_factory.mktemp("site")
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "cyclekit_sepia.py").write_text(SEPIA)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--target", str(site)]
    done = subprocess.run([*pip, *offline, str(project)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return site


def packaged(folder: Path, name: str, code: str, version: str = "1.0", plugin: str | None = None) -> Path:
    """An installed package as pip leaves it behind, quicker than pip."""
    module = f"plug_{name.replace('-', '_')}"
    information = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (information / "entry_points.txt").write_text(f"[cyclekit.plugins]\n{plugin or name} = {module}\n")
    (folder / f"{module}.py").write_text(code)
    return folder


def own_recipe(folder: Path, code: str) -> Path:
    """A recipe with a plugin of its own."""
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text("base: image_cyclegan\ndata: {sources: []}\ngenerator: sepia\n")
    (folder / "plugin.py").write_text(code)
    return folder


WITHOUT_GENERATOR = {key: value for key, value in TINY.items() if not key.startswith("generator.")}

PART = "from cyclekit.registry import register\n@register('generator', '{}')\ndef made(a, b, *, width: int = 1): ...\n"


def test_an_installed_package_brings_a_generator(installed, data, tmp_path):
    here = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path)}
    listed = process("list", "generator", **here)
    assert listed.status == 0
    assert re.search(r"^  sepia +\[sepia\]\n +strength=1.0, tint=warm$", listed.out, re.MULTILINE)
    assert sum(line.endswith("]") for line in listed.out.splitlines()) == 1  # the house's own need no origin

    settings = WITHOUT_GENERATOR | {"generator": "sepia", "generator.strength": 0.5, "train.steps": 2}
    ran = process("run", "monet2photo", "--data", data, "--out", tmp_path / "run", *flags(settings), **here)
    assert (ran.status, ran.out.splitlines()[-1]) == (0, str(tmp_path / "run")), ran.err

    translated = process("translate", tmp_path / "run", data / "testA", "--out", tmp_path / "out", **here)
    assert translated.status == 0, translated.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00.png"]


def test_a_plugins_options_are_checked_like_any_others(installed, data, monkeypatch):
    monkeypatch.syspath_prepend(installed)
    for option, complaint in {
        "strenght": "generator 'sepia' has no option 'strenght'; did you mean 'strength'?; it has: strength, tint",
        "tint": "3 (int) does not fit; generator 'sepia' wants one of 'warm', 'cold'",
    }.items():
        with pytest.raises(RecipeError) as refused:
            cyclekit.load(
                "monet2photo",
                profile="published",
                data=data,
                overrides=WITHOUT_GENERATOR | {"generator": {"name": "sepia", option: 3}},
            )
        assert str(refused.value) == f"generator.{option}: {complaint}"


def test_a_failing_plugin_names_package_and_cause_and_can_be_left_out(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(packaged(tmp_path, "cyclekit-broken", "import nowhere_at_all\n", "0.7", "broken"))
    packaged(tmp_path, "good", PART.format("fine"))
    line = (
        "plugin 'broken' of cyclekit-broken 0.7 fails to load: ModuleNotFoundError: No module named 'nowhere_at_all'; "
        "mend or uninstall it, or go on with --without broken"
    )
    assert mistake(call("list", "generator")) == line
    assert mistake(call("run", "monet2photo", "--data", tmp_path)) == line
    without = call("list", "generator", "--without", "broken")
    assert without.status == 0
    assert re.search(r"^  fine +\[good\]\n +width=1$", without.out, re.MULTILINE)


@pytest.mark.parametrize("command", ["run", "check", "list", "translate", "evaluate", "import"])
def test_every_command_that_loads_plugins_can_leave_one_out(command):
    assert "--without" in call(command, "--help").out


def test_leaving_out_what_is_not_there(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(packaged(tmp_path, "sepia", PART.format("sepia")))
    line = mistake(call("list", "--without", "sepai"))
    assert line == "--without sepai: no installed plugin is called so; installed: sepia"


def test_nothing_of_a_plugin_that_fails_halfway_stays(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(packaged(tmp_path, "half", PART.format("half") + "1 / 0\n"))
    with pytest.raises(RecipeError, match=r"^plugin 'half' of half 1\.0 fails to load: ZeroDivisionError: division by"):
        load_plugins()
    assert "half" not in registry.names("generator")


def test_a_plugin_takes_no_name_that_is_taken(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(packaged(tmp_path, "greedy", PART.format("resnet")))
    with pytest.raises(RecipeError) as refused:
        load_plugins()
    assert "generator 'resnet' from greedy is already brought by cyclekit: choose another name" in str(refused.value)
    load_plugins(without=["greedy"])
    assert registry.part("generator", "resnet").origin == "cyclekit"


def test_two_packages_never_share_a_plugins_name(tmp_path, monkeypatch):
    packaged(tmp_path, "one", PART.format("first"), "1.0", "sepia")
    monkeypatch.syspath_prepend(packaged(tmp_path, "two", PART.format("second"), "2.0", "sepia"))
    with pytest.raises(RecipeError) as refused:
        load_plugins()
    text = str(refused.value)
    assert text.startswith("plugin 'sepia' is brought by ")
    assert all(package in text for package in ("one 1.0", "two 2.0", "uninstall one, or go on with --without sepia"))
    load_plugins(without=["sepia"])
    assert not {"first", "second"} & set(registry.names("generator"))


def test_loading_twice_is_harmless(tmp_path, monkeypatch):
    count = "import pathlib\nwith open(pathlib.Path(__file__).with_suffix('.log'), 'a') as f: f.write('x')\n"
    monkeypatch.syspath_prepend(packaged(tmp_path / "site", "sepia", count))
    recipe = own_recipe(tmp_path / "mine", count)
    for _ in range(3):
        load_plugins(recipe)
    assert (tmp_path / "site" / "plug_sepia.log").read_text() == "x"
    assert (recipe / "plugin.log").read_text() == "x"


def test_a_recipes_own_plugin_travels_with_its_runs(data, tmp_path):
    recipe = own_recipe(tmp_path / "mine", SEPIA)
    run = cyclekit.train(
        cyclekit.load(recipe, profile="published", data=data, overrides=WITHOUT_GENERATOR), tmp_path / "run"
    )
    assert registry.part("generator", "sepia").origin == "plugin.py"
    assert (run / "plugin.py").read_text() == SEPIA
    shutil.rmtree(recipe)
    translated = process("translate", run, data / "testA", "--out", tmp_path / "out")
    assert translated.status == 0, translated.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00.png"]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import nowhere_at_all\n", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def broken(:\n", "SyntaxError: invalid syntax (plugin.py, line 1)"),
        ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
        (PART.format("unet"), "RecipeError: generator 'unet' from plugin.py is already brought by cyclekit: choose"),
    ],
)
def test_a_recipes_plugin_that_fails_names_itself_and_the_cause(code, cause, tmp_path):
    recipe = own_recipe(tmp_path / "mine", code)
    for command in (["run", recipe], ["translate", recipe, tmp_path]):
        assert mistake(call(*command)).startswith(f"{recipe / 'plugin.py'}: fails to load: {cause}")
    assert not (tmp_path / "runs").exists()
