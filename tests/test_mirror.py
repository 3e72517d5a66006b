"""Tests mirror the package: what cyclekit/ROOM/MODULE.py does is tested in tests/ROOM/test_MODULE.py."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "cyclekit"

ROOMS = {
    ".", "assembling", "callbacks", "cli", "core", "files", "measuring", "recipe", "report", "runs", "sharing",
    "sheets", "starting", "terminal", "training", "use",
}  # fmt: skip
"""Those that are held to it."""

ELSEWHERE: dict[str, str] = {}
"""Modules whose tests stand elsewhere, and why."""

DECLARING = ("Protocol", "NamedTuple", "TypedDict")
"""What a class that only says what something looks like is made from."""


def declares(node: ast.ClassDef) -> bool:
    """Whether a class only names fields and methods, and does nothing."""
    of = {ast.unparse(base).rpartition(".")[2].partition("[")[0] for base in node.bases}
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    empty = all(ast.unparse(function.body[-1]) == "..." for function in functions)
    return bool(of & set(DECLARING)) and empty


def has_logic(path: Path) -> bool:
    """Whether a module does anything: tables of data, and what only declares, do not."""
    top = ast.parse(path.read_text(encoding="utf-8")).body
    return any(
        isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and not declares(node)) for node in top
    )


def modules() -> list[Path]:
    """Every module of the rooms, by its place in the package; what a room re-exports is tested where it is made."""
    found = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if not path.name.startswith("_"))
    return [path for path in found if path.parts[0] in ROOMS or (len(path.parts) == 1 and "." in ROOMS)]


def mirrored(module: Path) -> Path:
    return TESTS / module.parent / f"test_{module.name}"


def has_tests(place: Path) -> bool:
    return place.is_file() and "def test_" in place.read_text(encoding="utf-8")


def test_every_module_with_logic_has_its_tests_where_one_looks_for_them():
    found = [module for module in modules() if has_logic(PACKAGE / module)]
    assert len(found) > 100
    missing = [str(module) for module in found if not has_tests(mirrored(module)) and str(module) not in ELSEWHERE]
    assert missing == [], "a module's tests stand in tests/ROOM/test_MODULE.py, or ELSEWHERE says why not"


def test_every_exception_is_one():
    for module, why in ELSEWHERE.items():
        assert (PACKAGE / module).is_file(), module
        assert not mirrored(Path(module)).exists(), f"{module} has its tests: take it out"
        assert why
