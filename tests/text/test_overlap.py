"""Overlap with references: sacreBLEU's numbers from sums of terms, and its tokenizers by script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from cyclekit.registry import RecipeError, build
from cyclekit.text.overlap import CharacterOverlap, Overlap

words = st.lists(st.sampled_from(["the", "cat", "sat", "on", "it's", "don't", ".", "a", "mat!"]), max_size=9).map(
    " ".join
)
outputs = st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=3)), min_size=1, max_size=12)


@given(outputs, st.sampled_from(["13a", "none"]), st.booleans())
@settings(max_examples=80)
def test_sums_of_terms_give_exactly_corpus_sacrebleu(rows, tokenize, lowercase):
    found = Overlap(tokenize, lowercase)
    fakes, accepted = [fake for fake, _ in rows], [references for _, references in rows]
    most = max(map(len, accepted))
    columns = [[row[k] if k < len(row) else None for row in accepted] for k in range(most)]
    tokens = BLEU(tokenize=tokenize).tokenizer
    short = not any(len(tokens(reference).split()) >= 4 for row in accepted for reference in row)
    judge = BLEU(tokenize=tokenize, lowercase=lowercase, force=True, effective_order=short)
    expected = judge.corpus_score(fakes, columns).score
    assert found.score(found.terms(fakes, accepted).sum(0, keepdims=True)) == pytest.approx(expected)
    assert found.protocol(accepted)["sacreBLEU"] == f"BLEU|{judge.get_signature()}"
    characters, judge = CharacterOverlap(), CHRF()
    expected = judge.corpus_score(fakes, columns).score
    assert characters.score(characters.terms(fakes, accepted).sum(0, keepdims=True)) == pytest.approx(expected)
    assert characters.protocol(accepted)["sacreBLEU"] == f"chrF2|{judge.get_signature()}"


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("I don't know", "I do n't know"),
        ("it's John's, isn't it", "it 's John 's, is n't it"),
        ("they'll say we've", "they 'll say we 've"),
        ("rock 'n' roll 'tis", "rock 'n' roll 'tis"),
    ],
)
def test_treebank_spelling_of_contractions(written, spelt):
    overlap = Overlap("treebank")
    assert overlap.spelt(written) == spelt
    assert " ".join(overlap.spelt(spelt).split()) == spelt
    assert Overlap("13a").spelt(written) == written
    assert "Penn Treebank" in overlap.protocol([["x"]])["notes"][0]


WRITTEN = {
    "zh": ["我不知道你在说什么。", "好", "明天见！"],
    "13a": ["I do not know.", "ok", "Я не знаю этого слова.", "שלום עולם"],
    "char": ["私は学生です。", "はい"],
}


@pytest.mark.parametrize("tokenizer", WRITTEN)
def test_the_tokenizer_follows_the_script_and_is_printed(tokenizer, monkeypatch):
    monkeypatch.setattr("cyclekit.text.overlap.find_spec", lambda package: None)
    sentences = WRITTEN[tokenizer]
    overlap, references = Overlap(), [[sentence] for sentence in sentences]
    note = overlap.protocol(references)["notes"][0]
    assert f"|tok:{tokenizer}|" in note
    assert ("pip install 'sacrebleu[ja]'" in note) == (tokenizer == "char")
    # A sentence of one domain says nothing of the other's: each direction has the tokenizer of its own references.
    assert "|tok:zh|" in overlap.protocol([["我不知道"]])["notes"][0]


@given(
    st.sampled_from([alphabet for alphabet in ("ab .", "我你他好", "のはいか我", "กขคง", "가나 다", "Aa'n.t")]).flatmap(
        lambda alphabet: st.lists(st.text(alphabet, min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=5)
    ),
    st.sampled_from(["auto", "13a", "zh", "char", "treebank"]),
)
@settings(max_examples=60)
def test_a_copy_scores_100_against_itself_however_short(sentences, tokenize):
    overlap = Overlap(tokenize)
    sums = overlap.terms(sentences, [[sentence] for sentence in sentences]).sum(0, keepdims=True)
    assert overlap.score(sums) == pytest.approx(100)


def test_a_tokenizer_that_is_not_here_is_refused_with_what_is(monkeypatch):
    monkeypatch.setattr("cyclekit.text.overlap.find_spec", lambda package: None)
    with pytest.raises(RecipeError, match=r"ja-mecab needs a package .*: pip install 'sacrebleu\[ja"):
        build("metric", "bleu", options={"tokenize": "ja-mecab"}, where="metrics")
