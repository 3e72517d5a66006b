"""The published sets: whole entries, and every name that is none answered with what there is."""

import re

import pytest

from cyclekit.download.catalogue import SETS, published
from cyclekit.download.unpacking import archive_ending
from cyclekit.registry import RecipeError


@pytest.mark.parametrize("one", SETS.values(), ids=SETS)
def test_an_entry_can_be_fetched_unpacked_and_checked(one):
    assert published(one.name) is one
    assert re.fullmatch(r"http://[\w.]+/[\w./]+", one.address)
    assert archive_ending(one.address) is not None
    assert one.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", one.sha256)
    assert (one.size is None) == (one.sha256 is None) == (one.counts is None)  # all known from one record
    assert one.counts is None or min(one.counts) > 0
    assert one.mirror is None or re.fullmatch(r"[\w-]+/\w+", one.mirror)
    assert one.words


def test_no_two_are_one():
    for field in ("address", "words", "sha256"):
        known = [
            value for one in SETS.values() if (value := getattr(one, field)) and "for trying the code" not in value
        ]
        assert len(set(known)) == len(known), field


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("horse2zebr", r"^data get horse2zebr: no such set; did you mean 'horse2zebra'\?; there are: apple2orange, "),
        (
            "xyz",
            r"^data get xyz: no such set; there are: apple2orange, .*; or write hub:OWNER/NAME, or the address of a",
        ),
        ("cityscapes", r"^data get cityscapes: its licence forbids handing it out; register at https://www.cityscapes"),
    ],
)
def test_a_name_that_is_none(name, message):
    with pytest.raises(RecipeError, match=message):
        published(name)
