"""Grammars: tables read, meanings drawn, and a mistake in a frame named."""

import re
from collections import Counter
from random import Random

import pytest

from cyclekit.builtin.grammars import at_random
from cyclekit.builtin.grammars.formality import FormalityGrammar, grammar


def test_sentences_rarely_come_twice_by_chance():
    random = Random(3)
    pick = at_random(random)
    sentences = Counter(grammar().realise(grammar().draw(random), "formal", pick) for _ in range(20_000))
    twice = sum(number * (number - 1) // 2 for number in sentences.values())
    # As among n equally likely sentences: n = draws^2 / (2 * coincidences), the birthday estimate.
    assert 20_000**2 / 2 / max(twice, 1) > 1_000_000


GOOD = {"lexicon": {"day": ("Monday",)}, "points": {"end": (".", "!|!!")}, "clauses": {"hi": "hello,\n  hey"}}


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        ("{day} <end>", "greeting: a frame has two lines, formal and informal, not ['{day} <end>']"),
        ("on {day}\nwhen", "greeting: the two lines do not hold the same slots"),
        ("on {date}\non {date}", "greeting: nothing is called {date} in: on {date}"),
        ("@ho on\n@ho on", "greeting: nothing is called @ho in: @ho on"),
        ("on <stop>\non", "greeting: no style point is called <stop> in: on <stop>"),
        ("on [a|b\non", "a bracket is not closed in: on [a|b"),
    ],
)
def test_a_mistake_in_a_frame_is_named(frame, line):
    with pytest.raises(ValueError, match=re.escape(f"formality grammar, {line}" if "greeting" in line else line)):
        FormalityGrammar({"greeting": frame}, **GOOD)


def test_the_notation():
    frame = "(@hi) it was [[very|most] late|{day}] <end>\n(@hi) twas {day} [a|b|]<end>"
    small_grammar = FormalityGrammar({"x": frame}, **GOOD)
    random = Random(0)
    formal, informal = (
        {small_grammar.realise(small_grammar.draw(random), style, at_random(random)) for _ in range(300)}
        for style in ("formal", "informal")
    )
    assert formal == {
        f"{start} was {what}."
        for start in ("Hello, it", "It")
        for what in ("very late", "most late", "Monday")
    }  # fmt: skip
    assert informal == {
        f"{start}twas Monday{letter}{end}"
        for start in ("hey ", "")
        for letter in (" a", " b", "")
        for end in ("!", "!!")
    }  # fmt: skip
