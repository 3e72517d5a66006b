"""Tests mirror the package: what cyclekit/ROOM/MODULE.py does is tested in tests/ROOM/test_MODULE.py."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "cyclekit"

DRAWING = "one drawing's part: what it draws is looked at in the test of its world, tests/builtin/worlds/test_*.py"

ELSEWHERE: dict[str, str] = {
    f"builtin/worlds/{module}.py": DRAWING
    for module in (
        "aerial/kinds", "bowls/bowl", "bowls/face", "bowls/toppings", "creatures/coat", "creatures/habitat",
        "facades/building", "facades/layout", "landscapes/backdrop", "landscapes/ground", "landscapes/light",
        "landscapes/plants", "landscapes/rendering", "landscapes/sprites",
    )
}  # fmt: skip
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
    """Every module, by its place in the package; what a room re-exports is tested where it is made."""
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if not path.name.startswith("_"))


def mirrored(module: Path) -> Path:
    return TESTS / module.parent / f"test_{module.name}"


def has_tests(place: Path) -> bool:
    return place.is_file() and "def test_" in place.read_text(encoding="utf-8")


def test_every_module_with_logic_has_its_tests_where_one_looks_for_them():
    found = [module for module in modules() if has_logic(PACKAGE / module)]
    assert len(found) > 250
    missing = [str(module) for module in found if not has_tests(mirrored(module)) and str(module) not in ELSEWHERE]
    assert missing == [], "a module's tests stand in tests/ROOM/test_MODULE.py, or ELSEWHERE says why not"


def test_every_exception_is_one():
    for module, why in ELSEWHERE.items():
        assert (PACKAGE / module).is_file(), module
        assert not mirrored(Path(module)).exists(), f"{module} has its tests: take it out"
        assert why
