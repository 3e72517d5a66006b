"""Frames and meanings: what is said stays, letter by letter, however it is said."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars import content
from cyclekit.builtin.grammars.formality import grammar
from cyclekit.builtin.grammars.frames import Choice, Frame, Meaning, Slot, at_random, write
from cyclekit.core.batch import Pair
from tests.builtin.grammars.formality.test_builtin import meanings


@given(meanings, st.integers(0, 2**30))
def test_every_rewrite_keeps_the_content_words_letter_by_letter(meaning, seed):
    words = list(content(meaning))
    for style in ("formal", "informal"):
        for sentence in grammar().references(meaning, style, 8, Random(seed)):
            for word in words:
                assert re.search(rf"(?<![\w:]){re.escape(word)}(?![\w:])", sentence), (word, sentence)


DAY = Slot(0)


def test_a_line_is_written_in_the_order_of_its_parts_and_choices():
    frame = Frame(Pair(("on ", DAY, Choice((("!",), (" ", Slot(1))))), (Slot(1), DAY)), ("{day}", "@why"))
    inner = Frame(Pair(("as ", DAY), ("bc ", DAY)), ("{who}",))
    meaning = Meaning(frame, ("Monday", Meaning(inner, ("Ann",))))
    asked = []
    assert write(meaning, 0, lambda count: asked.append(count) or 0) == "on Monday!"
    assert write(meaning, 0, lambda count: count - 1) == "on Monday as Ann"
    assert write(meaning, 1, lambda count: pytest.fail("nothing to choose")) == "bc AnnMonday"
    assert asked == [2]
    assert list(content(meaning)) == ["Monday", "Ann"]
    assert write(Meaning(frame, ("Monday", None)), 1, lambda count: 0) == "Monday"  # a clause left out says nothing


@given(st.integers(1, 9), st.integers(0, 999))
def test_a_choice_at_random_is_one_of_them(count, seed):
    pick = at_random(Random(seed))
    assert all(0 <= pick(count) < count for _ in range(20))


def test_equal_meanings_are_one_and_frames_are_themselves():
    frame, twin = (Frame(Pair((DAY,), (DAY,)), ("{day}",)) for _ in range(2))
    assert Meaning(frame, ("Monday",)) == Meaning(frame, ("Monday",)) != Meaning(frame, ("Friday",))
    assert Meaning(frame, ("Monday",)) != Meaning(twin, ("Monday",))
    assert len({Meaning(frame, ("Monday",)), Meaning(frame, ("Monday",))}) == 1
