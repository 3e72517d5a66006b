"""`cyclekit lexicon`: what it prints, writes and refuses."""

import json

import numpy
import pytest

from tests.commands import call, mistake
from tests.text.lexicon.ciphers import ciphered, texts


@pytest.fixture
def files(tmp_path):
    sides = texts(700)
    for name, sentences in (("train.en.txt", sides.a), ("train.xx.txt", sides.b)):
        (tmp_path / name).write_text("\n".join(sentences) + "\n")
    words = sorted({word for sentence in sides.a for word in sentence.split()})
    (tmp_path / "gold.txt").write_text("".join(f"{word}\t{ciphered(word)}\n" for word in words))
    return "train.en.txt", "train.xx.txt"


def test_it_prints_measures_and_writes_a_lexicon(files, tmp_path):
    ended = call("lexicon", *files, "--dimensions", 80, "--gold", "gold.txt", "--out", "made")
    assert ended.status == 0, ended.err
    assert ended.out.splitlines()[-1] == "made"
    assert "precision@1" in ended.out
    facts = json.loads((tmp_path / "made" / "lexicon.json").read_text())
    assert facts["languages"] == ["en", "xx"]
    assert facts["precision"]["en -> xx"]["precision@1 (%)"] > 40
    table = [line.split("\t") for line in (tmp_path / "made" / "en-xx.tsv").read_text().splitlines()]
    assert ["bota", "bota"] in [row[:2] for row in table]
    head, *rows = (tmp_path / "made" / "xx.vec").read_text().splitlines()
    vectors = numpy.array([row.split()[1:] for row in rows], float)
    assert list(vectors.shape) == [int(number) for number in head.split()]
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["train.en.txt", "nowhere.txt"], "nowhere.txt: no such file"),
        (["train.en.txt", "train.en.txt"], "hold the same sentences"),
        (["train.en.txt", "train.xx.txt", "--dictionary", "nowhere"], "dictionary nowhere cannot be read"),
        (["train.en.txt", "train.xx.txt", "--window", "0"], "window is 0"),
        (["train.en.txt", "train.xx.txt", "--out", "gold.txt"], "exists already"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(files, tmp_path, options, why):
    before = sorted(tmp_path.iterdir())
    assert why in mistake(call("lexicon", *options))
    assert sorted(tmp_path.iterdir()) == before
