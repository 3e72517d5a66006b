"""The house: few modules at its root, lists of what each room imports, and tests where their module is."""

import ast
import importlib
import re
import sys
from pathlib import Path

import grimp
import pytest

PACKAGE = Path(__file__).parents[1] / "cyclekit"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))

BELOW = {
    "registry": set(),
    "core": {"registry"},
    "measuring": {"core", "registry"},
    "files": {"core", "registry"},
}
"""Room at the bottom -> all rooms that it may import. Of the others, layers in pyproject.toml tell."""

PACKAGES = {
    "assembling": {"numpy", "torch"},
    "builtin": {"PIL", "numpy"},
    "callbacks": {"PIL", "accelerate", "mlflow", "numpy", "rich", "tensorboard", "torch"},
    "cli": {"numpy", "rich", "typer", "yaml"},
    "core": {"numpy", "torch"},
    "device": {"torch"},
    "exported": {"PIL", "numpy", "onnxruntime"},
    "exporting": {"numpy", "onnx", "openvino", "torch"},
    "files": {"datasets", "huggingface_hub", "psutil", "pyarrow", "safetensors", "torch"},
    "image": {"PIL", "av", "cleanfid", "datasets", "efficientnet_lite_pytorch", "numpy", "safetensors", "scipy"}
    | {"torch", "torch_fidelity", "triton"},
    "live": {"PIL", "starlette", "uvicorn"},
    "measuring": {"torch"},
    "recipe": {"pydantic", "yaml"},
    "report": {"PIL", "numpy", "rich", "yaml"},
    "runs": {"safetensors", "torch"},
    "sharing": {"huggingface_hub", "safetensors"},
    "sheets": {"PIL", "numpy"},
    "starting": {"numpy", "onnx", "torch"},
    "terminal": {"rich"},
    "text": {"huggingface_hub", "numpy", "ot", "pyarrow", "regex", "sacrebleu", "scipy", "sentencepiece", "sklearn"}
    | {"torch", "transformers", "bitsandbytes", "peft"},
    "training": {"numpy", "torch"},
    "use": {"PIL", "numpy", "pyarrow", "ray", "torch"},
}
"""Room or module at the root -> the packages that it imports, late ones too. One that is not named imports none."""

WITHOUT_TORCH = {"PIL", "av", "numpy", "onnxruntime", "psutil", "pyarrow", "sentencepiece", "starlette", "uvicorn"}
"""What exported runs are used with, through all that their rooms import."""


@pytest.fixture(scope="module")
def imports():
    """Who imports whom in the package, wherever in a function it stands."""
    return grimp.build_graph("cyclekit", include_external_packages=True, cache_dir=None)


def rooms_of(names):
    """The rooms, or modules at the root, of some modules of the package."""
    return {name.split(".")[1] for name in names if name.startswith("cyclekit.")}


def packages_of(names):
    """The other packages among some modules, without Python's own."""
    return {name for name in names if name.split(".")[0] not in {*sys.stdlib_module_names, "cyclekit"}}


def imported_by(imports, room):
    """What a room or module at the root imports."""
    place = f"cyclekit.{room}"
    own = [place, *imports.find_descendants(place)]
    return set().union(*(imports.find_modules_directly_imported_by(module) for module in own)) - set(own)


@pytest.mark.parametrize("room", BELOW)
def test_a_room_at_the_bottom_stands_on_little(imports, room):
    assert rooms_of(imported_by(imports, room)) <= BELOW[room]


def test_a_room_imports_the_packages_of_its_list_alone(imports):
    rooms = rooms_of(imports.modules)
    found = {room: packages_of(imported_by(imports, room)) for room in sorted(rooms)}
    assert {room: packages for room, packages in found.items() if packages} == PACKAGES


def test_worlds_of_pictures_are_renderers_of_their_own(imports):
    found = imported_by(imports, "builtin.worlds")
    assert packages_of(found) == {"PIL", "numpy"}
    assert rooms_of(found) == set()


def test_accelerate_opens_trackers_and_does_nothing_else(imports):
    assert imports.find_modules_that_directly_import("accelerate") == {"cyclekit.callbacks.tracking"}


@pytest.mark.parametrize("room", ["exported", "live"])
def test_exported_runs_are_used_without_torch(imports, room):
    reached = imports.find_upstream_modules(f"cyclekit.{room}", as_package=True)
    assert packages_of(reached) <= WITHOUT_TORCH
    assert "exporting" not in rooms_of(reached)


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


OWN_LANGUAGE = ("builtin/worlds", "builtin/grammars", "cli")
"""Each world and each grammar is a program of its own; commands are called as they are typed."""

CALLED_BY_THEIR_MODULE = {"load", "train"}
"""`cyclekit.load`, `exported.load`, `checkpoint.load`: what `api` does and the room does that it asks."""


def definitions():
    """Public classes and functions by name, each with the rooms' files that define it; parts of a recipe apart."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                is_part = any("register(" in ast.unparse(one) for one in node.decorator_list)
                if not is_part and not place.startswith(OWN_LANGUAGE):
                    found.setdefault(node.name, []).append(place)
    return found


def test_no_two_things_have_one_name():
    """What pictures and sentences both have (`open_hub` of each) is one thing of two modalities."""
    found = definitions()
    assert len(found) > 900
    twice = {name: places for name, places in found.items() if len(places) > 1 and name not in CALLED_BY_THEIR_MODULE}
    unlike = {name: places for name, places in twice.items() if [place[:5] for place in places] != ["image", "text/"]}
    assert unlike == {}


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
