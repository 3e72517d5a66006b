"""`builtin:reviews`: opposite statements about the same things, with every accepted rewrite known."""

import inspect
import random
import re

import pytest
from sacrebleu import corpus_bleu

from cyclekit.builtin.grammars.reviews import reviews
from cyclekit.registry import RecipeError, build, part
from cyclekit.text.text_set import TextSet

SMALL = {"sentences": 3000, "held_out": 200, "validation": 50}


@pytest.fixture(scope="module")
def made():
    return reviews(**SMALL)


def bleu(outputs, accepted):
    most = max(map(len, accepted))
    columns = [[rewrites[k] if k < len(rewrites) else rewrites[0] for rewrites in accepted] for k in range(most)]
    return corpus_bleu(outputs, columns, force=True).score


def test_the_house_finds_it_among_text():
    found = part("builtin", "reviews").factory
    assert inspect.get_annotations(found)["return"] in (TextSet, "TextSet")


def test_the_seed_decides_everything(made):
    assert reviews(**SMALL) == made
    assert reviews(**SMALL, seed=1).train.a != made.train.a


def test_no_sentence_is_in_two_sets(made):
    for domain in ("a", "b"):
        train, validation, test = (set(getattr(split, domain)) for split in (made.train, made.validation, made.test))
        assert len(train) == SMALL["sentences"]
        assert not train & validation
        assert not train & test
        assert not validation & test
        other = made.truth.b if domain == "a" else made.truth.a
        assert not train & {rewrite for accepted in other for rewrite in accepted}


def test_numbers_of_a_sentence_are_in_all_its_rewrites(made):
    for sentence, accepted in zip(made.test.a, made.truth.a):
        for number in re.findall(r"\b\d+\b", sentence):
            assert all(re.search(rf"\b{number}\b", rewrite) for rewrite in accepted)


def test_sentences_are_lower_case_and_tokenised(made):
    for sentence in [*made.test.a, *made.test.b]:
        assert sentence == sentence.lower()
        assert sentence.split()[-1] in {".", "!", "?"}


def test_copying_scores_far_below_a_rewrite(made):
    chance = random.Random(0)
    for sentences, accepted in zip(made.test, made.truth):
        several = [(sentence, rewrites) for sentence, rewrites in zip(sentences, accepted) if len(rewrites) > 3]
        assert len(several) > 100
        rewritten, others = [], []
        for _, rewrites in several:
            left_out = chance.randrange(len(rewrites))
            rewritten.append(rewrites[left_out])
            others.append([*rewrites[:left_out], *rewrites[left_out + 1 :]])
        assert bleu(rewritten, others) > 70
        assert bleu([sentence for sentence, _ in several], [rewrites for _, rewrites in several]) < 55


def test_refusals():
    with pytest.raises(RecipeError, match="sentences"):
        build("builtin", "reviews", options={"sentences": 0})
