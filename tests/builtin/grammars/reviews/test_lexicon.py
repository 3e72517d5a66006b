"""Content words of reviews: in lower case, no word twice, and none that says how it was."""

from cyclekit.builtin.grammars.reviews.lexicon import LEXICON, _joined
from cyclekit.builtin.grammars.reviews.points import POINTS


def test_two_lists_give_every_word_of_one_before_every_word_of_the_other():
    assert _joined("red, old", "cup, pan") == ("red cup", "red pan", "old cup", "old pan")


def test_words_are_written_as_tokenised_corpora_have_them_and_once():
    for name, listed in LEXICON.items():
        assert len(set(listed)) == len(listed) > 1, name
        assert all(word == " ".join(word.lower().split()) and "," not in word for word in listed), name


def test_what_is_spoken_of_is_neither_good_nor_bad():
    judging = {one.strip() for sides in POINTS.values() for side in sides for one in side.split("|")}
    assert not judging & {word for listed in LEXICON.values() for word in listed}
