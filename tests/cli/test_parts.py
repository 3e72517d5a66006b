"""Parts read from their sources are the parts that importing them registers; where they cannot be, it is said."""

import inspect
import subprocess
import sys

import pytest

from cyclekit import plugins, registry
from cyclekit.cli.parts import read_parts
from tests.commands import call

REGISTER = "from cyclekit.registry import register\n"
PLAIN = REGISTER + "@register('generator', 'mine')\ndef made(a, b, *, width: int = 1): ...\n"


@pytest.fixture(scope="module")
def loaded():
    plugins.load_plugins()
    parts = registry.registered()
    return {
        kind: {name: part for name, part in named.items() if part.origin == "cyclekit"}
        for kind, named in parts.items()
        if any(part.origin == "cyclekit" for part in named.values())
    }


def test_every_part_is_read_as_it_is(loaded):
    read = read_parts()
    assert (read.complete, read.closed) == (True, True)
    assert {kind: sorted(named) for kind, named in read.parts.items()} == {
        k: list(named) for k, named in loaded.items()
    }
    hints = 0
    for kind, named in loaded.items():
        for name, part in named.items():
            stand_in = read.parts[kind][name].factory
            real, seen = registry.options(part.factory), registry.options(stand_in)
            assert [*real] == [*seen], (kind, name)
            assert [repr(p.default) for p in real.values()] == [repr(p.default) for p in seen.values()], (kind, name)
            assert inspect.getdoc(part.factory) == inspect.getdoc(stand_in), (kind, name)
            builder = part.factory.__init__ if inspect.isclass(part.factory) else part.factory
            for option, hint in registry._hints(stand_in).items():
                assert hint == registry._hints(builder)[option], (kind, name, option)
                hints += 1
    assert hints > 100  # most options' types can be read


def test_every_part_says_what_it_is(loaded):
    silent = [
        (kind, name) for kind, named in loaded.items() for name, part in named.items() if not part.factory.__doc__
    ]
    assert silent == []


def test_listing_imports_no_torch():
    code = """
import sys
from cyclekit.cli import main
sys.argv = ["cyclekit", "list"]
try:
    main()
except SystemExit as ended:
    assert ended.code == 0
assert not {"torch", "numpy", "PIL"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "\ngenerator\n" in done.stdout


@pytest.mark.parametrize(
    ("code", "complete", "found"),
    [
        (PLAIN, True, True),
        ("import cyclekit\n" + PLAIN.removeprefix(REGISTER).replace("@", "@cyclekit."), True, True),
        (REGISTER + "for name in 'ab':\n    register('generator', name)(print)\n", False, False),
        (PLAIN + "for name in 'ab':\n    register('generator', name)(made)\n", False, True),
        (PLAIN.replace("'mine'", "'mi' + 'ne'"), False, False),
        (PLAIN.replace("def made", "@changed\ndef made"), False, False),
        (PLAIN.replace("import register", "import register as part").replace("@register", "@part"), False, False),
        (REGISTER + "@register('generator', 'mine')\nclass Mine(Elsewhere): ...\n", False, False),
        (REGISTER + "class Base: ...\n@register('generator', 'mine')\nclass Mine(Base): ...\n", True, True),
        (PLAIN.replace("'mine'", "'resnet'"), False, False),
        ("def broken(:\n    register()", False, False),
    ],
)
def test_what_a_recipes_plugin_registers(code, complete, found, tmp_path):
    (tmp_path / "plugin.py").write_text(code)
    read = read_parts(tmp_path)
    assert read.complete == complete
    assert not read.closed
    assert ("mine" in read.parts["generator"]) == found
    assert read.parts["generator"]["resnet"].origin == "cyclekit"


def test_a_default_that_is_no_literal_is_shown_as_it_is_written(tmp_path):
    (tmp_path / "plugin.py").write_text("SIDE = 4\n" + PLAIN.replace("= 1", "= SIDE, depth: Depth = f(3)"))
    options = registry.options(read_parts(tmp_path).parts["generator"]["mine"].factory)
    assert [repr(option.default) for option in options.values()] == ["4", "f(3)"]
    assert options["depth"].annotation is not int  # a name that is not read is nothing to check by


def test_type_hints_are_read_and_never_run(tmp_path):
    (tmp_path / "plugin.py").write_text(PLAIN.replace("int = 1", "print('run') = 1, big: 9**9**9 = 2"))
    options = registry.options(read_parts(tmp_path).parts["generator"]["mine"].factory)
    assert [*options] == ["width", "big"]


@pytest.mark.usefixtures("own_parts")
def test_a_plugin_that_hides_its_parts_is_imported_and_listed(tmp_path, monkeypatch):
    (tmp_path / "hidden-1.0.dist-info").mkdir()
    (tmp_path / "hidden-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: hidden\nVersion: 1.0\n")
    (tmp_path / "hidden-1.0.dist-info" / "entry_points.txt").write_text("[cyclekit.plugins]\nhidden = hidden_parts\n")
    (tmp_path / "hidden_parts.py").write_text(
        REGISTER + "for n in ('one', 'two'):\n    register('generator', n)(print)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    listed = call("list", "generator")
    assert [line.split()[0] for line in listed.out.splitlines() if line.endswith("[hidden]")] == ["one", "two"]
    monkeypatch.delitem(sys.modules, "hidden_parts")
