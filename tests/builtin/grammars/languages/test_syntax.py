"""A thought, and how two languages say it."""

from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars.languages.syntax import in_a, in_b, thought
from cyclekit.builtin.grammars.languages.vocabulary import WORDS


@given(st.randoms(use_true_random=False))
def test_a_thought_has_the_same_things_in_both_languages_in_another_order(random):
    said = thought(random)
    a, b = in_a(said).split(), in_b(said).split()
    stems = [WORDS[thing.noun] for thing in (said.subject, said.object) if thing is not None]
    assert all(any(word.startswith(stem.a) for word in a) for stem in stems)
    assert all(any(word.startswith(stem.b) for word in b) for stem in stems)
    agrees = "sh" if said.subject.plural else ""
    assert WORDS[said.verb].b + ("im" if said.past else "u") + agrees in b
    if said.time is not None:
        assert a[-2] == WORDS[f"time {said.time}"].a
        assert b[0] == WORDS[f"time {said.time}"].b


@given(st.randoms(use_true_random=False), st.randoms(use_true_random=False))
def test_two_thoughts_are_never_said_alike(one, other):
    first, second = thought(one), thought(other)
    assert (first == second) == (in_a(first) == in_a(second)) == (in_b(first) == in_b(second))


@given(st.randoms(use_true_random=False))
def test_sentences_are_written_cleanly(random):
    said = thought(random)
    for sentence in (in_a(said), in_b(said)):
        assert sentence == " ".join(sentence.split()) == sentence.lower()
        assert sentence.endswith(" .")
    assert (said.object is None) == ("ta" not in in_b(said).split())
    assert (said.place is None) <= said.inside  # one thought where there is no place
