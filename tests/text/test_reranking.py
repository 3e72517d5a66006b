"""The choice among a beam's candidates is the sum that the docstring says, for every row by itself."""

import pytest
import torch
from torch import nn

from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.core.parts import Networks
from cyclekit.registry import RecipeError, build
from cyclekit.text.reranking import log_probability, noisy_channel
from cyclekit.text.search import search
from cyclekit.text.textcnn import TextCNN
from tests.text.parts import SENTENCES, codec, generator, sentences


class Says(nn.Module):
    """A judge whose score is what it is given for each first word."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def forward(self, sample, condition=None):
        return Batch(torch.tensor([[self.scores(row)] for row in sample.data.tolist()]))


def networks(judge_a=lambda row: 0.0, judge_b=lambda row: 0.0):
    there = generator().eval()
    return Networks(
        Pair(there.way_back().eval(), there),
        Pair(nn.ModuleList([Says(judge_a)]), nn.ModuleList([Says(judge_b)])),
    )


@pytest.fixture
def found():
    return search(generator().eval(), sentences(), beams=6, best=6)


def order(candidates):
    return [tuple(candidate.row.data[0].tolist()) for candidate in candidates]


def test_a_sentence_is_as_likely_as_its_tokens():
    made, source = generator().eval(), sentences()
    target = codec("b").encode(list(reversed(SENTENCES)))
    logits = made.score(source, target).multiplied()
    each = torch.log_softmax(logits, 1)[torch.arange(len(logits)), target.data[target.mask]]
    expected = torch.stack([part.sum() for part in each.split(target.mask.sum(1).tolist())])
    assert torch.allclose(log_probability(made, source, target), expected, atol=1e-4)
    alone = [log_probability(made, *pair) for pair in zip(source.rows(), target.rows())]
    assert torch.allclose(torch.cat(alone), expected, atol=1e-4)


def test_logits_that_are_multiplied_out_give_the_same():
    class Whole(nn.Module):
        def score(self, source, target):
            return made.score(source, target).multiplied()

    made, source, target = generator().eval(), sentences(), codec("b").encode(SENTENCES)
    assert torch.allclose(log_probability(Whole(), source, target), log_probability(made, source, target), atol=1e-4)


def test_without_weights_the_likeliest_is_first(found):
    reranked = noisy_channel(networks(), way_back=0, verdict=0)(sentences(), found, "b")
    for before, after in zip(found, reranked):
        likely = sorted(before, key=lambda candidate: -candidate.log_probability)
        assert order(after) == order(likely)
        assert len(after) > 1


def test_the_way_back_counts_in_nats(found):
    parts, source = networks(), sentences()
    reranked = noisy_channel(parts, way_back=0.7, verdict=0)(source, found, "b")
    changed = False
    for row, before, after in zip(source.rows(), found, reranked):
        made = concat([candidate.row for candidate in before])
        back = log_probability(parts.generators.a, made, concat([row] * len(before)))
        total = [candidate.log_probability + 0.7 * float(gained) for candidate, gained in zip(before, back)]
        expected = [before[place] for place in sorted(range(len(before)), key=lambda place: -total[place])]
        assert order(after) == order(expected)
        changed |= order(after) != order(before)
    assert changed


@pytest.mark.parametrize("domain", ["a", "b"])
def test_judges_are_heard_up_to_what_is_believed(domain):
    """Even rows are believed more by the wanted domain's judge; beyond `believed` nothing counts."""
    source = codec("b" if domain == "a" else "a").encode(SENTENCES)
    parts = networks()
    made = getattr(parts.generators, domain)
    found = search(made, source, beams=6, best=6)
    first = {candidate.row.data[0, 0].item() for candidates in found for candidate in candidates}
    assert len(first) > 1
    loved = min(first)

    def reranked(wanted, unwanted):
        judges = {domain: wanted, "b" if domain == "a" else "a": unwanted}
        parts = networks(judges["a"], judges["b"])
        return noisy_channel(parts, way_back=0, verdict=1e4, believed=0.3)(source, found, domain)

    def loves(row):
        return 0.29 if row[0] == loved else -1.0

    plain = reranked(lambda row: 0.0, lambda row: 0.0)
    for case in (
        reranked(loves, lambda row: 0.0),
        reranked(lambda row: 0.0, lambda row: 0.31 if row[0] == loved else 2.0),
    ):
        for candidates in case:
            starts = [candidate.row.data[0, 0].item() == loved for candidate in candidates]
            assert starts == sorted(starts, reverse=True)
        assert [order(each) for each in case] != [order(each) for each in plain]
    both_believed = reranked(lambda row: 5.0 if row[0] == loved else 0.3, lambda row: 0.3 if row[0] == loved else -5.0)
    assert [order(each) for each in both_believed] == [order(each) for each in plain]


def test_neighbours_change_nothing(found):
    torch.manual_seed(1)
    judges = Pair(*(nn.ModuleList([TextCNN(codec(domain), None).eval()]) for domain in "ab"))
    rerank = noisy_channel(Networks(networks().generators, judges))
    together = rerank(sentences(), found, "b")
    alone = [rerank(row, [candidates], "b")[0] for row, candidates in zip(sentences().rows(), found)]
    assert [order(each) for each in together] == [order(each) for each in alone]


def test_refusals():
    with pytest.raises(ValueError, match=r"way_back is -1 and verdict is 20; they are 0 or more"):
        noisy_channel(networks(), way_back=-1)
    one_sided = Networks(Pair(None, generator()), Pair(None, nn.ModuleList()))
    with pytest.raises(RecipeError) as refused:
        build("reranking", "noisy_channel", one_sided, where="reranking")
    assert str(refused.value).startswith("reranking")
    assert "noisy_channel asks generators and discriminators of both domains, and this run has not all" in str(
        refused.value
    )
