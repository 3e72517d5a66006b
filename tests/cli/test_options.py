"""What the words given for options mean, and which are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.cli.options import memory_given, named_sources, recipes_from, start_sources
from cyclekit.registry import RecipeError

SIZES = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "G": 10**9, "TB": 10**12, "KiB": 2**10, "GiB": 2**30}


@given(st.integers(1, 10**6), st.sampled_from([*SIZES]), st.booleans(), st.booleans())
def test_memory_is_a_number_and_a_unit_in_any_case(number, unit, spaced, low):
    written = f"{number}{' ' * spaced}{unit}"
    written = written.lower() if low else written
    assert memory_given(f" {written} ") == (number * SIZES[unit], f" {written} ")


@pytest.mark.parametrize("written", ["", "0GB", "0.4B", "GB", "-1GB", "1e3", "8 GB 3", "1.GB", "9" * 400 + "GB", "nan"])
def test_no_amount_of_memory_is_refused(written):
    with pytest.raises(RecipeError) as refused:
        memory_given(written)
    assert str(refused.value) == f"--fit {written}: no amount of memory; write 8GB, 16GiB or 500MB"


def test_none_is_none():
    assert memory_given(None) is start_sources(None) is start_sources([]) is named_sources(None) is None
    assert memory_given("1.5GB").size == 1_500_000_000


def test_weights_come_from_one_source_or_from_one_for_each_domain(tmp_path):
    assert start_sources(["hub:a/b"]) == "hub:a/b"
    assert start_sources(["monet=x"]) == {"monet": "x"}
    assert start_sources(["monet=x=y", "photo=z"]) == {"monet": "x=y", "photo": "z"}
    odd = tmp_path / "a=b"
    odd.mkdir()
    assert start_sources([str(odd)]) == str(odd)  # a folder whose name has the sign


@pytest.mark.parametrize(("given", "at"), [(["x", "y"], "x"), (["a=x", "a=y"], "a=y"), (["=x"], "=x"), (["a="], "a=")])
def test_several_sources_are_each_for_a_domain_of_its_own(given, at):
    with pytest.raises(RecipeError) as refused:
        start_sources(given)
    assert str(refused.value) == f"--from {at}: several sources are one for each domain: --from DOMAIN=SOURCE"


NAMES = st.text("abcXYZ_ 0", min_size=1).filter(lambda name: name.strip() == name)


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_sources_with_a_comma_with_and_without_names(one, other, name, another):
    assert named_sources(f"{one}, {other} ") == {"a": one, "b": other}
    if name != another:
        assert named_sources(f"{name}={one},{another} = {other}") == {name: one, another: other}


def test_what_is_no_two_sources_is_taken_as_it_stands(tmp_path):
    assert named_sources("hub:a/b") == "hub:a/b"
    (tmp_path / "a,b").mkdir()
    assert named_sources(str(tmp_path / "a,b")) == str(tmp_path / "a,b")
    assert named_sources("a/x=1,b/y=2") == {"a": "a/x=1", "b": "b/y=2"}  # no names of domains: paths


@pytest.mark.parametrize("data", ["A,", ",B", ",", " , ", "monet=A,monet=B", "monet= ,photo=B"])
def test_half_of_two_sources_is_no_guess(data):
    with pytest.raises(RecipeError) as refused:
        named_sources(data)
    assert str(refused.value) == f"--data {data}: name two sources, as in --data A,B or --data a=A,b=B"


def test_recipes_are_offered_by_their_beginning():
    assert "monet2photo" in recipes_from("monet")
    assert all(name.startswith("m") for name in recipes_from("m"))
    assert recipes_from("no such") == []
