"""Parts by name: what fits is built, and what does not is refused in one line that says what would work."""

from __future__ import annotations

import ast
import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit import registry
from cyclekit.registry import (
    RecipeError,
    argument,
    brought_by,
    build,
    check_options,
    did_you_mean,
    names,
    register,
    setting,
)

if TYPE_CHECKING:
    from nowhere import Room  # as a plugin may write it: a name that exists for type checkers alone

PACKAGE = Path(registry.__file__).parent

words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    """An empty registry of the test's own."""
    monkeypatch.setattr(registry, "_parts", {})


def lamp(
    room: Room,
    *,
    watts: int = 60,
    warmth: float = 0.5,
    lit: bool = True,
    label: str = "",
    colour: Literal["white", "amber"] = "white",
    dimmed_to: float | None = None,
    rooms: list[str] = (),
    size: tuple[int, float] = (1, 1.0),
    levels: tuple[int, ...] = (),
    extra: dict[str, Any] | None = None,
    mode: Literal["auto"] | int = "auto",
    anything: Any = None,
) -> dict[str, Any]:
    return {"room": room, **{key: value for key, value in locals().items() if key != "room"}}


FITS = {
    "watts": ([0, -3, 2**70], [True, 1.0, "4", None, [1]], "int"),
    "warmth": ([0, 1, 0.5, float("inf")], [False, "0.5", None], "float"),
    "lit": ([True, False], [0, 1, "true", None], "bool"),
    "label": (["", "lamp"], [3, None, ["a"]], "str"),
    "colour": (["white", "amber"], ["red", "", None, 0], "one of 'white', 'amber'"),
    "dimmed_to": ([None, 0, 0.3], ["none", True], "float or null"),
    "rooms": ([[], ["hall", "attic"]], ["hall", ["hall", 3], {"hall": 1}, None], "list of str"),
    "size": ([[1, 2], [1, 0.5], (3, 4)], [[1], [1, 2, 3], [0.5, 1], 1], "[int, float]"),
    "levels": ([[], [1], [1, 2, 3]], [[1, "2"], 1, [True]], "list of int"),
    "extra": ([None, {}, {"a": [1]}], ["a", [1], 3], "dict or null"),
    "mode": (["auto", 3], ["manual", None, True, 1.5], "one of 'auto' or int"),
    "anything": ([None, 1, "x", [True], {}], [], ""),
}


@pytest.mark.parametrize(("option", "value"), [(key, value) for key, (good, _, _) in FITS.items() for value in good])
def test_what_fits_reaches_the_factory(option, value):
    register("lamp", "desk")(lamp)
    assert build("lamp", "desk", "hall", options={option: value})[option] == value


@pytest.mark.parametrize(("option", "value"), [(key, value) for key, (_, bad, _) in FITS.items() for value in bad])
def test_what_does_not_fit_is_refused_with_what_would(option, value):
    register("lamp", "desk")(lamp)
    with pytest.raises(RecipeError) as refused:
        build("lamp", "desk", "hall", options={option: value}, where="house.lamp")
    wanted = FITS[option][2]
    kind = type(value).__name__
    assert str(refused.value) == f"house.lamp.{option}: {value!r} ({kind}) does not fit; lamp 'desk' wants {wanted}"


@given(values)
def test_numbers_truths_and_words_are_told_apart(value):
    fitting = {
        "watts": type(value) is int,
        "warmth": type(value) in (int, float),
        "lit": type(value) is bool,
        "label": type(value) is str,
        "dimmed_to": value is None or type(value) in (int, float),
        "rooms": type(value) is list and all(type(item) is str for item in value),
    }
    for option, fits in fitting.items():
        with contextlib.nullcontext() if fits else pytest.raises(RecipeError, match=rf"^lamp\.{option}: "):
            check_options(lamp, {option: value}, where="lamp", what="lamp")


@given(words.filter(lambda word: word not in FITS))
def test_an_unknown_option_is_refused_with_all_there_are(option):
    with pytest.raises(RecipeError) as refused:
        check_options(lamp, {option: 1}, where="lamp", what="lamp 'desk'")
    assert str(refused.value).startswith(f"lamp.{option}: lamp 'desk' has no option '{option}'")
    assert str(refused.value).endswith(f"it has: {', '.join(sorted(FITS))}")


@given(st.text(st.characters(categories=["Ll"]), min_size=3, max_size=20), st.data())
def test_a_slip_of_the_finger_is_recognised(name, data):
    slip = data.draw(st.integers(0, len(name) - 1))
    assert did_you_mean(name[:slip] + name[slip + 1 :], [name]) == f"; did you mean '{name}'?"


def test_nothing_is_suggested_where_nothing_is_near():
    assert did_you_mean("xyz", ["resnet", "unet"]) == ""
    assert did_you_mean("xyz", []) == ""


def test_an_option_without_default_must_be_given():
    @register("lamp", "wall")
    def wall(*, height: float, hook: str = "brass") -> None: ...

    with pytest.raises(RecipeError, match=r"^lamp.height: is missing; lamp 'wall' wants float$"):
        build("lamp", "wall")


def test_positional_parameters_are_not_options():
    register("lamp", "desk")(lamp)
    with pytest.raises(RecipeError, match=r"^lamp.room: lamp 'desk' has no option 'room'"):
        build("lamp", "desk", "hall", options={"room": "attic"})


def test_a_factorys_value_error_is_the_users_mistake_and_other_errors_are_bugs():
    @register("lamp", "fussy")
    class Fussy:
        def __init__(self, *, watts: int = 0) -> None:
            if watts < 0:
                raise ValueError(f"watts={watts}: a lamp gives light")
            raise KeyError("a bug")

    with pytest.raises(RecipeError) as refused:
        build("lamp", "fussy", options={"watts": -1}, where="house.lamp")
    assert str(refused.value) == "house.lamp: lamp 'fussy' refuses its options: watts=-1: a lamp gives light"
    with pytest.raises(KeyError):
        build("lamp", "fussy", options={"watts": 1})


def test_an_unknown_part_names_the_nearest_and_all():
    for name in ("resnet", "unet"):
        register("generator", name)(lamp)
    with pytest.raises(RecipeError) as refused:
        build("generator", "rsnet")
    assert str(refused.value) == (
        "generator: no generator is called 'rsnet'; did you mean 'resnet'?; there are: resnet, unet"
    )
    with pytest.raises(RecipeError, match=r"^hall.lamp: no lamp is called 'desk'; there are: none$"):
        build("lamp", "desk", where="hall.lamp")


def test_a_part_of_another_origin_is_never_replaced():
    register("lamp", "desk")(lamp)
    register("lamp", "desk")(lamp)  # the same origin may, as when a module is loaded anew
    with pytest.raises(RecipeError) as refused, brought_by("sepia"):
        register("lamp", "desk")(lamp)
    assert str(refused.value) == "lamp 'desk' from sepia is already brought by cyclekit: choose another name"


def test_a_mistake_is_one_line_whatever_it_quotes():
    with pytest.raises(RecipeError) as refused:
        build("lamp", "two\n  lines\r\nor three")
    assert str(refused.value) == "lamp: no lamp is called 'two lines or three'; there are: none"


def test_origins_are_remembered_and_nothing_of_a_failed_one_stays():
    with brought_by("sepia"):
        register("lamp", "floor")(lamp)

    def broken():
        with brought_by("broken"):
            register("lamp", "ceiling")(lamp)
            raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        broken()
    register("lamp", "desk")(lamp)
    assert {name: registry.part("lamp", name).origin for name in names("lamp")} == {
        "floor": "sepia",
        "desk": "cyclekit",
    }
    assert registry.kinds() == ["lamp"]
    assert names("generator") == []


def test_an_argument_is_told_by_pythons_name_and_by_its_flag():
    error = RecipeError(f"{argument('best', 3)}: a beam of 2 finds no more; set {argument('top_p')} to 3, not {{x=1}}")
    assert str(error) == "best=3: a beam of 2 finds no more; set top_p to 3, not {x=1}"
    assert error.in_flags({"best": "n-best"}) == "--n-best 3: a beam of 2 finds no more; set --top-p to 3, not {x=1}"


def test_switches_have_no_value_on_the_command_line():
    error = RecipeError(f"go on with {argument('resume', True)}, or leave out {argument('resize', False)}")
    assert str(error) == "go on with resume=True, or leave out resize=False"
    assert error.in_flags({}) == "go on with --resume, or leave out --no-resize"


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_whatever_a_setting_says_is_said(value):
    value = value.strip()
    error = RecipeError(f"{setting(f'title={value}')}: no")
    assert str(error) == f"overrides=title={value}: no"
    assert error.in_flags({"overrides": "set"}) == f"--set title={value}: no"


def test_library_messages_name_no_flags():
    """Those who call from Python have none: `argument` and `setting` are told in both ways, and a note, which a log
    keeps too, names settings. Whole commands have them, their single words, and docstrings."""
    flag = re.compile(r"(?<![\w-])--[a-z][a-z-]*(?![\w:-])")
    allowed = re.compile(r"(cyclekit|ui) [a-z]|pip install|^--[a-z-]+=?$")
    named = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if {"cli", "web"} & set(path.relative_to(PACKAGE).parts):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        pieces = {piece for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and node not in docstrings | pieces:
                text = _literal(node)
                if flag.search(text) and not allowed.search(text):
                    named.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {text}")
    assert named == []


def _literal(node: ast.Constant | ast.JoinedStr) -> str:
    """What a string literal says; of one with values filled in, what stands around them."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(piece) for piece in node.values if isinstance(piece, ast.Constant))
    return node.value if isinstance(node.value, str) else ""
