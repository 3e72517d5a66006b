"""How words are chosen: what makes no sense together is one line, in Python's words and in flags."""

import pytest

from cyclekit.cli.console import in_flags
from cyclekit.registry import RecipeError
from cyclekit.use.decoding import GREEDY, Decoding


@pytest.mark.parametrize(
    ("options", "line", "flags"),
    [
        ({"temperature": 0}, "temperature=0: a temperature is above 0; try 0.7", "--sample 0: a temperature"),
        ({"temperature": 1, "beam": 2}, "temperature and beam: choose one", "--sample and --beam: choose one"),
        ({"top_p": 0.5}, "top_p=0.5: is about draws; set temperature too", "--top-p 0.5: is about draws; set --sample"),
        ({"temperature": 1, "top_p": 2}, "top_p=2: a probability is above 0 and at most 1", "--top-p 2: a probability"),
        ({"beam": 0}, "beam=0: must be 1 or more", "--beam 0: must be 1 or more"),
        ({"beam": 2, "best": 3}, "best=3: a beam of 2 finds no more; set beam to 3", "--n-best 3: a beam of 2"),
    ],
)
def test_what_makes_no_sense_together(options, line, flags):
    with pytest.raises(RecipeError) as refused:
        Decoding(**options)
    assert str(refused.value).startswith(line)
    assert in_flags(refused.value).startswith(flags)


def test_the_recipes_beam_counts_where_nothing_is_said():
    assert GREEDY.plain
    assert GREEDY.or_beam(None) is GREEDY
    assert GREEDY.or_beam(16).beams == 16
    assert Decoding(best=20).or_beam(16).beams == 20
    for said in (Decoding(beam=1), Decoding(temperature=0.7)):
        assert said.or_beam(16) is said
    assert Decoding(beam=4).reranks
    assert not Decoding(beam=4, rerank=False).reranks
    assert not Decoding(temperature=0.7).reranks
