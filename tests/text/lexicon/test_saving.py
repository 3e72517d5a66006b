"""A lexicon as files: what other tools read back is what it holds."""

import json

import numpy
import pytest

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.lexicon import saving
from cyclekit.text.lexicon.induction import induce
from tests.text.lexicon.ciphers import texts


@pytest.fixture(scope="module")
def lexicon():
    return induce(texts(300), dimensions=20, rounds=1)


def test_tables_hold_the_likeliest_translations_best_first(lexicon, tmp_path):
    saving.save_lexicon(lexicon, tmp_path / "made", Pair("en", "xx"), {})
    for name, direction in (("en-xx", lexicon.directions.b), ("xx-en", lexicon.directions.a)):
        rows = [line.split("\t") for line in (tmp_path / "made" / f"{name}.tsv").read_text("utf-8").splitlines()]
        of_word = {}
        for word, translation, share in rows:
            of_word.setdefault(word, []).append((translation, float(share)))
        assert list(of_word) == direction.source.words
        for place, found in enumerate(of_word.values()):
            assert 1 <= len(found) <= saving.BEST
            words = [direction.target.words[one] for one in direction.candidates[place]]
            assert [word for word, _ in found] == words[: saving.BEST]
            shares = [share for _, share in found]
            assert shares == pytest.approx(direction.shares[place, : len(shares)].tolist(), abs=5e-5)
            assert shares == sorted(shares, reverse=True)


def test_vectors_are_read_back_as_word2vec_writes_them(lexicon, tmp_path):
    saving.save_lexicon(lexicon, tmp_path, Pair("en", "xx"), {})  # an empty folder is no hindrance
    for name, vectors, direction in zip(("en", "xx"), lexicon.vectors, lexicon.directions.swapped):
        head, *lines = (tmp_path / f"{name}.vec").read_text("utf-8").splitlines()
        assert head == f"{len(vectors)} {vectors.shape[1]}"
        words, numbers = zip(*(line.split(" ", 1) for line in lines))
        assert list(words) == direction.source.words
        read = numpy.array([[float(one) for one in row.split(" ")] for row in numbers])
        assert numpy.abs(read - vectors).max() < 1e-5


def test_facts_stand_beside_them_and_nothing_is_overwritten(lexicon, tmp_path):
    out = tmp_path / "made"
    saving.save_lexicon(lexicon, out, Pair("en", "français"), {"gold": "gold.txt"})
    facts = json.loads((out / "lexicon.json").read_text("utf-8"))
    assert facts["languages"] == ["en", "français"]
    assert facts["gold"] == "gold.txt"
    assert facts["words"] == [len(vectors) for vectors in lexicon.vectors]
    assert len(list(out.iterdir())) == 5
    with pytest.raises(RecipeError, match="made"):
        saving.save_lexicon(lexicon, out, Pair("en", "xx"), {})
    assert not (out / "en-xx.tsv").exists()
