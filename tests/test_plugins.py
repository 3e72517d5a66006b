"""Parts from elsewhere: an installed package, a recipe's own plugin.py, and what happens when either fails."""

import importlib.util
import io
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cyclekit
from cyclekit import plugins, registry
from cyclekit.cli import console
from cyclekit.plugins import load_plugins
from cyclekit.registry import RecipeError
from cyclekit.use.translate import Translator
from tests.commands import TINY, call, flags, mistake, process
from tests.made_run import made_run
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


pytestmark = pytest.mark.usefixtures("own_parts")


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
    published = ("--profile", "published")
    ran = process("run", "monet2photo", "--data", data, "--out", tmp_path / "run", *flags(settings), *published, **here)
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
    assert all(package in text for package in ("one 1.0", "two 2.0", "uninstall one, or go on with without=sepia"))
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
    for command in (["run", recipe], ["translate", recipe, tmp_path, "--trust-plugin"]):
        assert mistake(call(*command)).startswith(f"{recipe / 'plugin.py'}: fails to load: {cause}")
    assert not (tmp_path / "runs").exists()


REFUSED = "came with this run, and would run on this machine; read it, and if you trust it, add "


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A stranger's run, and the file that its plugin makes when it runs; nothing is trusted on this machine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    run, ran = made_run(tmp_path / "a stranger's"), tmp_path / "ran"
    (run / "plugin.py").write_text(f"from pathlib import Path\nPath({str(ran)!r}).touch()\n")
    return run, ran


def every_way(run, data, out):
    """All commands that load the plugin of a run."""
    yield "translate", run, data / "testA", "--to", "photo", "--out", out, "--device", "cpu"
    yield "evaluate", run, "--data", data, "--device", "cpu", "--set", "metrics=[structure]"
    yield "check", run, "--data", data
    yield "run", run, "--data", data, "--out", out / "new", "--device", "cpu"
    yield "run", "--resume", run, "--device", "cpu"


def test_a_strangers_plugin_never_runs_unasked(stranger, data, tmp_path):
    run, ran = stranger
    for command in every_way(run, data, tmp_path / "out"):
        result = call(*command)
        assert result.status == 2
        assert f"{run / 'plugin.py'}: {REFUSED}--trust-plugin" in result.err, command
        assert result.err.count("\n") == 1
    for load in (Translator.load, cyclekit.load, cyclekit.evaluate):
        with pytest.raises(RecipeError, match=f"{REFUSED}trust_plugin=True"):
            load(run, device="cpu")
    assert not ran.exists()
    assert not (tmp_path / "out").exists()


def test_what_needs_no_part_of_a_strangers_run_runs_none(stranger, tmp_path, monkeypatch):
    run, ran = stranger
    monkeypatch.chdir(tmp_path)
    other = shutil.copytree(run, tmp_path / "other", symlinks=True)
    for command in (["show", run], ["report", run], ["compare", run, other], ["list"]):
        assert call(*command).status == 0, command
    made = call("new", "mine", "--from", run)
    assert "mine/plugin.py: came with" in made.err
    assert made.status == 0
    assert not ran.exists()


@pytest.mark.parametrize("number", range(5))
def test_trust_is_in_a_content_and_is_remembered(stranger, data, tmp_path, number):
    run, ran = stranger
    command = list(every_way(run, data, tmp_path / "out"))[number]
    assert REFUSED not in call(*command, "--trust-plugin").err
    assert ran.exists()
    ran.unlink(), sys.modules.pop(f"cyclekit_recipe_{run.name}")
    Translator.load(run, device="cpu")
    assert ran.exists()
    sys.modules.pop(f"cyclekit_recipe_{run.name}")
    with (run / "plugin.py").open("a") as file:
        file.write("# and more\n")
    with pytest.raises(RecipeError, match=f"{REFUSED}trust_plugin=True"):
        Translator.load(run, device="cpu")


def test_python_trusts_by_an_argument(stranger, data):
    run, ran = stranger
    Translator.load(run, device="cpu", trust_plugin=True)
    assert ran.exists()
    assert plugins.is_trusted((run / "plugin.py").read_bytes())


def test_a_compiled_file_beside_a_plugin_that_is_trusted_never_runs(stranger, tmp_path):
    """One that says of itself that it is current, whatever the source says."""
    run, ran = stranger
    (run / "plugin.py").write_text("# harmless\n")
    evil = tmp_path / "evil.py"
    evil.write_text(f"from pathlib import Path\nPath({str(ran)!r}).touch()\n")
    place = importlib.util.cache_from_source(run / "plugin.py")
    py_compile.compile(str(evil), place, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    Translator.load(run, device="cpu", trust_plugin=True)
    assert not ran.exists()


@pytest.mark.parametrize(("answer", "trusted"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_on_a_terminal_somebody_is_asked(stranger, answer, trusted, monkeypatch):
    run, ran = stranger

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", asked := Terminal())
    assert console.asked_to_trust(run) == trusted
    assert asked.getvalue() == (
        f"{run / 'plugin.py'} came with this run, and would run on this machine. Read it first. Let it run? [y/N]\n"
    )
    plugins.trust(run / "plugin.py", (run / "plugin.py").read_bytes())
    assert not console.asked_to_trust(run)
    assert asked.getvalue().count("\n") == 1
    assert not ran.exists()


def test_who_cannot_remember_says_so(stranger, data, tmp_path, monkeypatch, capsys):
    run, _ = stranger
    (tmp_path / "state").write_text("")
    for _ in range(2):
        Translator.load(run, device="cpu", trust_plugin=True)
        sys.modules.pop(f"cyclekit_recipe_{run.name}")
    assert capsys.readouterr().err.count("plugin.py: that it is trusted cannot be remembered (") == 2
    with pytest.raises(RecipeError, match=f"{REFUSED}trust_plugin=True"):
        Translator.load(run, device="cpu")


def test_a_plugin_of_an_old_run_folder_finds_what_has_moved(tmp_path):
    imports = "".join(f"import {old}\n" for old in plugins.MOVED) + "".join(
        "from {} import {}\n".format(*old.rsplit(".", 1)) for old in plugins.MOVED
    )
    load_plugins(own_recipe(tmp_path / "mine", SEPIA + imports))
    assert registry.part("generator", "sepia").origin == "plugin.py"
    for old, new in plugins.MOVED.items():
        assert sys.modules[old] is sys.modules[new]
