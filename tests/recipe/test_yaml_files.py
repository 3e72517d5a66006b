"""YAML as people write it: every value comes back as it was, and what is none is one line."""

import contextlib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.recipe.yaml_files import DEEPEST, LARGEST, MOST, read_value, read_yaml, write_value, write_yaml
from cyclekit.registry import RecipeError
from tests.recipe.refused import START, refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-4", 2e-4), ("2E-4", 2e-4), ("1e3", 1000.0), ("-1.5e+2", -150.0), (".5e1", 5.0), ("2.0e-4", 2e-4),
        (".5", 0.5), ("3", 3), ("3.", 3.0), ("true", True), ("null", None), ("", None), ("[a, 2e-1]", ["a", 0.2]),
        ("'2e-4'", "2e-4"), ("2e", "2e"), ("e4", "e4"), ("2e-4x", "2e-4x"), ("2026-11-23", "2026-11-23"),
        ("2026-13-45", "2026-13-45"), ("hub:owner/name", "hub:owner/name"), ("A,B", "A,B"),
    ],
)  # fmt: skip
def test_values_are_read_as_people_write_them(text, value):
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)


LAUGHS = "a: &a [" + "ha, " * 9 + "ha]\n" + "".join(
    f"{later}: &{later} [{', '.join([f'*{earlier}'] * 9)}]\n" for earlier, later in zip("abcdefgh", "bcdefghi")
)  # fmt: skip
"""The billion laughs: a few lines of aliases to aliases."""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("title: [a\nname: b\n", "recipe.yaml, line 2: not valid YAML: expected ',' or ']'"),
        ("title: a\n\tname: b\n", "recipe.yaml, line 2: not valid YAML: found character '\\t' that cannot start"),
        ("title: a\nbase: b\ntitle: c\n", "recipe.yaml, line 3: not valid YAML: the key 'title' stands here a"),
        ("train:\n  steps: 1\n  steps: 2\n", "recipe.yaml, line 3: not valid YAML: the key 'steps' stands here a"),
        ("title: !!python/object:os.system x\n", "recipe.yaml, line 1: not valid YAML: could not determine a"),
        ("seed: !!int four\n", "recipe.yaml, line 1: not valid YAML: 'four' is no !!int"),
        ("a:\n  b: !!float\n", "recipe.yaml, line 2: not valid YAML: '' is no !!float"),
        ("a: !!bool maybe\n", "recipe.yaml, line 1: not valid YAML: 'maybe' is no !!bool"),
        ("a: !!set {b}\n", "recipe.yaml, line 1: not valid YAML: could not determine a constructor for the tag"),
        ('title: "\\ud800"\n', "recipe.yaml, line 1: not valid YAML: '\\ud800' holds half of a surrogate pair"),
        ("a: &a [*a]\n", "recipe.yaml, line 1: not valid YAML: an alias stands within what it stands for"),
        (LAUGHS, "recipe.yaml, line 5: not valid YAML: more than 10,000 values, aliases counted as what they stand"),
        ("a: " + "[" * 50_000, "recipe.yaml, line 1: not valid YAML: more than 40 sections within each other"),
        ("a: " + "x" * 300_000, "recipe.yaml: not valid YAML: more than 262,144 characters"),
        ("", "recipe.yaml: a recipe is a mapping of keys to values; this is NoneType"),
        ("- a\n- b\n", "recipe.yaml: a recipe is a mapping of keys to values; this is list"),
    ],
)  # fmt: skip
def test_files_that_are_no_recipe(folder, text, complaint):
    assert refusal(folder(text)).startswith(complaint)


def test_a_file_that_is_no_text(folder):
    mine = folder(START)
    (mine / "recipe.yaml").write_bytes(b"title: \xff\xfe\n")
    assert refusal(mine).startswith("recipe.yaml: cannot be read: 'utf-8' codec can't decode")


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.sampled_from(
    [
        "2e-4",
        "1_000",
        "0x1f",
        "1:30",
        "null",
        "Yes",
        "2026-11-23",
        "=",
        "<<",
        "a: b",
        "~",
        "- x",
        "#",
        "\ufeff",
        "\x85",
        "{",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def same(one, other):
    """Equal, and of the same kinds all the way down."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert [*one] == [*other]
        return all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@settings(max_examples=60)
@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_what_is_written_is_read_as_it_was(values):
    assert same(read_value(write_yaml(values)), values)
    for value in values.values():
        written = write_value(value)
        assert "\n" not in written
        assert same(read_value(f"key: {written}"), {"key": value})


@settings(max_examples=60)
@given(st.text("ab:-[]{}#&*!|>'\"%@` \n\t0e.,~?"))
def test_whatever_is_typed_is_read_or_is_no_yaml(text):
    with contextlib.suppress(yaml.YAMLError):
        read_value(text)


def test_a_mapping_is_read_from_a_file_and_a_file_that_is_not_there_is_one_line(tmp_path):
    (tmp_path / "x.yaml").write_text("a: 1\n")
    assert read_yaml(tmp_path / "x.yaml") == {"a": 1}
    for name, why in (("none.yaml", "No such file or directory"), ("", "Is a directory")):
        with pytest.raises(RecipeError) as refused:
            read_yaml(tmp_path / name)
        assert str(refused.value) == f"{tmp_path / name}: cannot be read: {why}"


@pytest.mark.parametrize("keys", ["{a: 1, a: 2}", "{1: a, '1': b}", "[{x: {b: 1, b: 1}}]"])
def test_a_key_that_stands_twice_is_a_mistake_at_any_depth(keys):
    with pytest.raises(yaml.YAMLError, match="stands here a second time"):
        read_value(keys)


def test_limits_are_what_they_say():
    assert read_value("[" * DEEPEST + "]" * DEEPEST)
    for text in ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"[{'a,' * MOST}]", "#" * (LARGEST + 1)):
        with pytest.raises(yaml.YAMLError, match="more than"):
            read_value(text)
    assert len(read_value(f"[{'a,' * (MOST - 1)}]")) == MOST - 1
