import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.text.lexicon.words import Vocabulary, tokens


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("L'homme qu'il voit n'est pas là.", "L' homme qu' il voit n' est pas là ."),
        ("A man's dog isn't here, they're out.", "A man 's dog isn't here , they 're out ."),
        ("C’est aujourd’hui !", "C’ est aujourd’hui !"),
        ("T-shirts for 1,000.50 (each)", "T-shirts for 1,000.50 ( each )"),
        ("Ein 3-jähriges Kind", "Ein 3 - jähriges Kind"),
        ("", ""),
    ],
)
def test_sentences_are_cut_into_words_and_marks(sentence, words):
    assert " ".join(token.text for token in tokens(sentence)) == words


@given(st.text())
def test_no_letter_is_lost_in_cutting(sentence):
    assert "".join(token.text for token in tokens(sentence)) == "".join(sentence.split()) or any(
        not (letter.isalnum() or letter.isspace()) for letter in sentence
    )


FRENCH = ["L'homme voit l'eau.", "Le chat dort, l'homme aussi.", "Un homme (vieux) dort.", "L'eau dort ici."] * 2


@pytest.mark.parametrize("sentence", dict.fromkeys(FRENCH))
def test_what_was_cut_is_put_together_again(sentence):
    vocabulary = Vocabulary(FRENCH)
    assert vocabulary.sentence(vocabulary.of(sentence)) == sentence


def test_capitals_of_a_sentence_beginning_are_none_of_the_word():
    vocabulary = Vocabulary(["Der Hund sieht den Hund. Der Mann auch.", "Hund und Mann sind da, der Hund auch."])
    assert vocabulary.of("Der Hund")[0] == "der"
    assert vocabulary.of("Hund und Mann")[0] == "Hund"
    assert vocabulary.sentence(["der", "Hund", "."]) == "Der Hund."
    assert Vocabulary(["a dog .", "a cat ."]).sentence(["a", "dog"]) == "a dog"


def test_rare_words_have_no_place():
    vocabulary = Vocabulary(["a b c", "a b d"], most=5, fewest=2)
    assert vocabulary.words == ["a", "b"]
    assert vocabulary.rows == [[0, 1, -1], [0, 1, -1]]
    with pytest.raises(ValueError, match="no word occurs 3 times"):
        Vocabulary(["a b", "c a"], fewest=3)
