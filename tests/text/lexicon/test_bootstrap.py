import pytest

from cyclekit.registry import RecipeError, build
from tests.text.lexicon.ciphers import Data


@pytest.fixture(scope="module")
def first():
    return build("bootstrap", "lexicon", Data(), options={"dimensions": 80, "window": 6})


def test_rows_are_translated_each_way_and_remembered(first):
    sentences = ["the bota bat in the blum .", "the bak bat ."]
    real = first.data.codecs.a.encode(sentences)
    made = first(real, "a", None)
    translated = first.data.codecs.b.decode(made)
    assert translated == first.lexicon.directions.b.translated(sentences)
    assert translated[1].split()[0] == "xeht"
    assert made.mask.sum(1).tolist() == [int(row.mask.sum()) for row in made.rows()]
    assert first.data.codecs.a.decode(first(made, "b", None)) == first.lexicon.directions.a.translated(translated)
    known = len(first._known)
    assert first.data.codecs.b.decode(first(real, "a", None)) == translated
    assert len(first._known) == known


def test_its_record_shows_twenty_pairs_a_direction(first):
    record = first.record()
    assert {target: len(pairs) for target, pairs in record["pairs"].items()} == {"b": 20, "a": 20}
    assert record["facts"]["seeds"]["identical"] >= 20


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"dictionary": "nowhere"}, "dictionary nowhere cannot be read"),
        ({"window": 0}, "window is 0"),
        ({"swap": -1.0}, "swap is -1"),
        ({"windows": 3}, "no option 'windows'"),
    ],
)
def test_mistakes_are_found_before_training(options, why):
    with pytest.raises(RecipeError, match=why):
        build("bootstrap", "lexicon", Data(), options=options)
