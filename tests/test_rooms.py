"""The house: few modules at its root, a core that stands on an allowlist, and tests where their module is."""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "cyclekit"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))

ALLOWED = {
    "registry.py": set(),
    "core": {"torch", "numpy", "cyclekit.core", "cyclekit.registry"},
    "measuring": {"torch", "numpy", "cyclekit.core", "cyclekit.measuring", "cyclekit.registry"},
    "files": {"torch", "datasets", "huggingface_hub", "psutil", "pyarrow", "safetensors"}
    | {"cyclekit.core", "cyclekit.files", "cyclekit.registry"},
}
"""Room -> what it may import, beside Python's own."""


def imported(place: Path) -> dict[str, set[str]]:
    """What a module or room imports, wherever it stands in its files: each with the files that do."""
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert files
    found: dict[str, set[str]] = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for name in names:
                top = ".".join(name.split(".")[: 2 if name.startswith("cyclekit.") else 1])
                found.setdefault(top, set()).add(file.name)
    return found


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_at_the_bottom_stands_on_little(room):
    own = imported(PACKAGE / room)
    foreign = {name: files for name, files in own.items() if name not in sys.stdlib_module_names}
    assert {name: files for name, files in foreign.items() if name not in ALLOWED[room]} == {}


def test_the_root_is_small():
    assert len(list(PACKAGE.glob("*.py"))) <= 8
    assert (PACKAGE / "py.typed").is_file()


def test_every_room_says_what_it_is():
    assert len(ROOMS) > 10
    for room in ROOMS:
        assert ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))), room


def test_a_file_that_is_long_says_why_in_its_head():
    """A file is read in a sitting, about 300 lines; where one subject needs more, its head has a line on that."""
    unexplained = []
    for path in sorted(PACKAGE.rglob("*.py")):
        code = path.read_text(encoding="utf-8")
        length = len(code.splitlines())
        if length > 300 and "\nOver 300 lines: " not in (ast.get_docstring(ast.parse(code)) or ""):
            unexplained.append(f"{path.relative_to(PACKAGE)} has {length} lines")
    assert unexplained == [], 'split it by its subjects, or say "Over 300 lines: why" in its docstring'


def test_the_tour_names_files_that_are_there():
    tour = (PACKAGE.parent / "docs" / "tour.md").read_text(encoding="utf-8")
    named = [word for word in tour.split("`")[1::2] if word.endswith((".py", "/")) and " " not in word]
    assert len(named) > 20
    assert [word for word in named if not (PACKAGE / word).exists()] == []


def code_on_the_tour():
    """What stands between backticks, files and rooms apart."""
    tour = (PACKAGE.parent / "docs" / "tour.md").read_text(encoding="utf-8")
    return [code for code in tour.split("`")[1::2] if not code.endswith((".py", "/", ".toml")) and " -> " not in code]


def names_in_code():
    """Every name that stands in the package's code or in a recipe: of what is defined, asked for, or chosen."""
    known = set()
    for path in PACKAGE.rglob("*.py"):
        known.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            known |= {getattr(node, field, None) for field in ("name", "id", "attr", "arg")}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                known.add(node.value)
    for path in [*PACKAGE.parent.glob("configs/*.yaml"), *PACKAGE.parent.glob("recipes/*/recipe.yaml")]:
        known |= {path.parent.name, *re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    return known


def test_the_tour_speaks_of_names_that_are_there():
    known = names_in_code() | {"lint", "imports", "make", "test", "step", "N"}
    words = {word for code in code_on_the_tour() for word in re.findall(r"[A-Za-z_]\w*", code)}
    assert len(words) > 60
    assert sorted(word for word in words - known if len(word) > 1) == []


def test_what_the_tour_calls_takes_what_it_says():
    """`batches(sizes, batch_size, seed, start)`: some function or tuple of that name has these, in this order."""
    takes = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                takes.setdefault(node.name, []).append([one.arg for one in node.args.args if one.arg != "self"])
            elif isinstance(node, ast.ClassDef):
                fields = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign)]
                takes.setdefault(node.name, []).append(fields)
    calls = [call for code in code_on_the_tour() if (call := re.fullmatch(r"(\w+)\((\w+(?:, \w+)*)\)", code))]
    assert len(calls) >= 4
    for name, arguments in (call.groups() for call in calls):
        wanted = arguments.split(", ")
        assert any(known[: len(wanted)] == wanted for known in takes.get(name, [])), f"{name}({arguments})"


def test_the_tour_names_every_room():
    tour = (PACKAGE.parent / "docs" / "tour.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"`{room}/" not in tour] == []


@pytest.mark.parametrize("room", ["image", "text"])
def test_every_module_that_registers_a_part_is_loaded(room):
    """One that nobody imports would be missing from every recipe that names its part."""
    importlib.import_module(f"cyclekit.{room}.parts")
    registering = [path for path in (PACKAGE / room).rglob("*.py") if "@register(" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in registering]
    assert len(names) > 10
    assert [name for name in names if name.removesuffix(".__init__") not in sys.modules] == []
