"""How a line of a grammar is cut: nothing is lost, and only outermost brackets and bars count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars.notation import SLOT, alternatives, pieces, words

plain = st.text("ab ,.", min_size=1, max_size=4)
marks = st.sampled_from(["{day}", "{day.2}", "@why", "(@hello)", "<end>", "[a|b]", "[[a|b] c|{day}|]"])


@given(st.lists(plain | marks, max_size=8))
def test_a_line_is_its_pieces_and_marks_stand_alone(parts):
    line = " ".join(parts)  # or a name would go on with the word behind it
    found = list(pieces(line))
    assert "".join(found) == line
    assert [piece for piece in found if piece[0] in "{@<[" or piece.startswith("(@")] == [
        part for part in parts if part[0] in "{@<[("
    ]
    for piece in found:
        assert piece[0] == "[" or bool(SLOT.fullmatch(piece)) == (piece[0] in "{@" or piece.startswith("(@"))


@given(st.lists(st.sampled_from(["", "a", "{day} b", "[x|y]", "[[x|y]|z] c"]), min_size=1, max_size=5))
def test_alternatives_are_parted_by_the_bars_of_no_inner_bracket(parts):
    assert alternatives("|".join(parts)) == parts


@pytest.mark.parametrize("line", ["[a", "x [a [b] c", "[[a]"])
def test_a_bracket_that_is_not_closed(line):
    with pytest.raises(ValueError, match=r"^a bracket is not closed in: "):
        list(pieces(line))


def test_a_list_of_words_may_take_several_lines():
    assert words("one, two\n    three,four") == ("one", "two three", "four")
