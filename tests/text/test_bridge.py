"""Drawing and scoring agree, gradients go where they should, and what must not be drawn is not."""

from collections import defaultdict

import pytest
import torch

from cyclekit.core.batch import Batch, scaled_gradient
from cyclekit.registry import build
from cyclekit.text import bridge as bridge_module
from cyclekit.text.bridge import LOWEST, draw, draw_in_place, rescored
from cyclekit.text.codec import SentencePieceCodec, train_pieces
from cyclekit.text.textcnn import TextCNN
from cyclekit.text.transformer import TransformerGenerator
from tests.text.parts import SENTENCES, codec, generator, sentences


@pytest.fixture
def source():
    return sentences()


@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("no_repeat", [False, True])
def test_rescored_logits_equal_drawn_ones(source, noise, no_repeat):
    made = generator(no_repeat=no_repeat).eval()
    drawn = draw(made, source, noise)
    again = rescored(made, source, drawn)
    # Each drawn word is the argmax of its logits; and the values the parallel pass is said to have are those it has.
    assert torch.equal(again.argmax(1), drawn.ids[drawn.mask])
    scored = made.score(source, Batch(drawn.ids, drawn.mask)).multiplied()
    reading, words, of_places = made.begin(source), None, []
    for place in range(drawn.ids.shape[1]):
        with torch.no_grad():
            of_places.append(made.advance(reading, words))
        words = drawn.ids[:, place]
    word_by_word = torch.stack(of_places, 1)[drawn.mask]
    free = chosen_freely(word_by_word)
    assert torch.allclose(word_by_word[free], scored[free], atol=1e-4)
    added = (again - word_by_word)[free]
    if noise:
        assert abs(float((added / noise).detach().mean()) - 0.5772) < 0.1  # Gumbel noise, and nothing else
    else:
        assert torch.allclose(added, torch.zeros(()), atol=1e-4)


def chosen_freely(logits):
    """Where constraints forbade nothing, and did not ask for an end."""
    may_be = logits > LOWEST / 2
    return may_be & (may_be.sum(1, keepdim=True) > 1)


@pytest.mark.parametrize("share", [0.01, 0.25, 2.0])
def test_rows_that_have_ended_may_leave_the_others(share, monkeypatch):
    monkeypatch.setattr(bridge_module, "ENDED", share)
    made, source = generator().eval(), sentences(SENTENCES[3], "food", "i will be", SENTENCES[0], "the food was great")
    drawn = draw(made, source, 0.0)
    assert drawn.mask.sum(1).unique().numel() > 2
    for row, logits in zip(source.rows(), drawn.logits.split(drawn.mask.sum(1).tolist()), strict=True):
        alone = draw(made, row, 0.0)
        assert torch.allclose(alone.logits, logits, atol=1e-4)
    monkeypatch.setattr(bridge_module, "ENDED", 2.0)  # nobody leaves
    together = draw(made, source, 0.0)
    assert torch.equal(drawn.ids, together.ids)
    assert torch.equal(drawn.mask, together.mask)
    assert torch.allclose(drawn.logits, together.logits, atol=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.7])
def test_a_fixed_cache_draws_the_same_words(noise, monkeypatch):
    monkeypatch.setattr(bridge_module, "ENDED", 2.0)  # nobody leaves: both take the same random numbers
    made, source = generator().eval(), sentences(SENTENCES[3], "food", "i will be", SENTENCES[0], "the food was great")
    drawn = []
    for way in (draw, draw_in_place):
        torch.manual_seed(3)
        drawn.append(way(made, source, noise))
    assert drawn[0].mask.sum(1).unique().numel() > 2, "rows of several lengths"
    assert torch.equal(drawn[0].ids, drawn[1].ids)
    assert torch.equal(drawn[0].mask, drawn[1].mask)
    torch.testing.assert_close(drawn[0].logits, drawn[1].logits, atol=1e-4, rtol=1e-4)


def test_a_generator_learns_from_what_a_fixed_cache_drew(source):
    weights, fakes = [], []
    for fixed in (False, True):
        made = generator(fixed_cache=fixed, noise=0.0).train()
        fakes.append(made(source))
        (fakes[-1].logits * torch.linspace(-1, 1, fakes[-1].logits.shape[1])).sum().backward()
        weights.append(made.network.embedding.grad)
    assert torch.equal(fakes[0].data, fakes[1].data)
    torch.testing.assert_close(weights[0], weights[1], atol=1e-3, rtol=1e-3)


def test_training_mode_agrees_too_though_the_network_has_dropout(source):
    made = generator(dropout=0.5, noise=0.5).train()
    fake = made(source)
    assert fake.logits is not None
    assert torch.equal(fake.logits.argmax(1), fake.data[fake.mask])
    assert made.training
    assert made.network.dropout.training


def test_every_row_ends_once_and_padding_follows(source):
    made = generator().eval()
    with torch.no_grad():
        fake = made(source)
    for ids, mask in zip(fake.data.tolist(), fake.mask.tolist()):
        length = sum(mask)
        assert mask == [True] * length + [False] * (len(mask) - length)
        assert ids[length - 1] == made.target.end
        assert made.target.end not in ids[: length - 1]
        assert set(ids[length:]) <= {made.target.pad}


def test_no_row_outgrows_its_source_or_the_limit(source):
    made = generator().eval()
    made.constraints = never_ending(made)
    drawn = draw(made, source, 0.0)
    lengths = source.mask.sum(1)
    assert torch.equal(drawn.mask.sum(1), (1.3 * lengths + 5).long().clamp(max=made.target.limit))


def never_ending(made):
    """The usual constraints, and no end before the last place."""
    usual = made.constraints

    def constrain(logits, before, last):
        logits = logits.clone()
        logits[..., made.target.end] = LOWEST
        return usual(logits, before, last)

    return constrain


def test_padding_in_the_source_changes_nothing(source):
    made = generator().eval()
    short = sentences("the food was great .")
    with torch.no_grad():
        alone, padded = (
            made(short),
            made(sentences("the food was great .", "never going back , what a waste of money .")),
        )
    length = int(alone.mask.sum())
    assert torch.equal(alone.data[0, :length], padded.data[0, :length])
    assert int(padded.mask[0].sum()) == length


@pytest.mark.parametrize("bridge", ["draw_then_rescore", "step_by_step", "soft"])
def test_a_judge_teaches_every_weight_through_the_words(bridge, source):
    made = generator(bridge=bridge)
    judge = TextCNN(codec("b"), None, width=8, filters=4).eval()
    score = judge(made(source)).data.sum()
    gradients = torch.autograd.grad(score, [made.network.embedding, made.network.domains, *made.network.parameters()])
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert all(gradient.abs().sum() > 0 for gradient in gradients[:2])


def test_the_lean_gradient_is_that_of_the_long_graph_but_for_the_decoders_inputs():
    """One word long, there are no inputs to leave out: both bridges must agree exactly."""
    source, judge = sentences("the food"), TextCNN(codec("b"), None, width=8, filters=4).eval()
    found = []
    for bridge in ("draw_then_rescore", "step_by_step"):
        made = generator(bridge=bridge, noise=0.0)
        made.constraints = ending_at_once(made)
        fake = made(source)
        assert fake.data.shape[1] == 2
        first = fake._replace(data=fake.data[:, :1], mask=fake.mask[:, :1], logits=fake.logits[:1])
        found.append(torch.autograd.grad(judge(first).data.sum(), list(made.network.decoder.parameters())))
    for one, other in zip(*found):
        assert torch.allclose(one, other, atol=1e-5)


def ending_at_once(made):
    """The usual constraints; one word, and the end."""
    usual = made.constraints

    def constrain(logits, before, last):
        logits = usual(logits, before, last)
        if before is None:
            return logits
        return torch.full_like(logits, LOWEST).index_fill_(1, torch.tensor([made.target.end]), 0.0)

    return constrain


def test_cycle_gradient_0_is_no_gradient_at_all(source):
    forth = generator()
    back = forth.way_back()
    original = sentences()
    fake = forth(source)
    for share in (0.0, 0.25, 1.0):
        separate = TransformerGenerator(codec("b"), codec("a"), width=16, layers=1, heads=2)
        torch.manual_seed(1)
        logits = separate(scaled_gradient(fake, share), original).logits.multiplied()
        found = torch.autograd.grad(
            logits.square().mean(), [fake.logits], retain_graph=True, allow_unused=True, materialize_grads=True
        )[0]
        if share == 0:
            assert torch.equal(found, torch.zeros_like(found))
        elif share == 0.25:
            quarter = found
    torch.manual_seed(0)
    assert quarter.abs().sum() > 0
    assert back is not None


def test_without_gradients_only_ids_come_back(source):
    made = generator()
    with torch.no_grad():
        fake = made(source)
    assert fake.logits is None
    assert fake.data.dtype == torch.int64


def test_what_must_not_be_drawn_is_not(source):
    target = codec("b")
    target.allowed = torch.ones(target.vocabulary, dtype=torch.bool)
    target.allowed[100:200] = False
    made = TransformerGenerator(codec("a"), target, width=16, layers=1, heads=2, noise=5.0).train()
    with torch.no_grad():
        for _ in range(5):
            drawn = set(made(source).data[made(source).mask[:, :1].squeeze(1)].flatten().tolist())
            assert not drawn & set(range(100, 200))
            assert not drawn & {target.unknown, target.blank}


def test_no_word_is_begun_twice_in_a_row(source):
    for no_repeat in (True, False):
        made = generator(no_repeat=no_repeat).eval()
        begins = made.target.begins_word
        repeats = 0
        for seed in range(20):
            torch.manual_seed(seed)
            drawn = draw(made, source, 3.0).ids
            same = drawn[:, 1:] == drawn[:, :-1]
            repeats += int((same & begins[drawn[:, 1:]]).sum())
        assert (repeats == 0) == no_repeat


def test_a_word_in_another_case_is_the_same_word():
    sentences = ["He went and he saw.", "And the king said: go!", "the King said"]
    target = SentencePieceCodec("b", model=train_pieces(sentences, "bpe", 320))
    variants = defaultdict(list)
    for index in target.begins_word.nonzero()[:, 0].tolist():
        variants[target.piece(index).casefold()].append(index)
    group = variants["▁he"]
    alone = variants["▁went"]
    assert (len(group), len(alone)) == (2, 1)
    inside = next(index for index in range(4, target.vocabulary) if not target.begins_word[index])
    before = torch.tensor([*group, *alone, inside])
    constrain = bridge_module.constraints(target, no_repeat=True)
    logits = constrain(torch.zeros(len(before), target.vocabulary), before, torch.zeros(len(before), dtype=torch.bool))
    always = {target.pad, target.unknown, target.blank}
    forbidden = [set((row <= LOWEST).nonzero()[:, 0].tolist()) - always for row in logits]
    assert forbidden == [set(group)] * len(group) + [set(alone), set()]


def test_several_letters_inside_a_word_are_not_written_twice_in_a_row():
    sentences = ["banana and ananas", "papa is a mama", "a tree of bananas", "1000 0.000"]
    target = SentencePieceCodec("b", model=train_pieces(sentences, "bpe", 300))
    inside = {index: target.piece(index) for index in range(4, target.vocabulary) if not target.begins_word[index]}
    several = {index for index, piece in inside.items() if len(piece) > 1 and piece.isalpha()}
    assert several
    assert len(several) < len(inside)
    before = torch.tensor(list(inside))
    for no_repeat in (True, "pieces"):
        logits = torch.zeros(len(before), target.vocabulary)
        bridge_module.constraints(target, no_repeat)(logits, before, torch.zeros(len(before), dtype=torch.bool))
        twice = {index for index, row in zip(inside, logits) if row[index] <= LOWEST}
        assert twice == (several if no_repeat == "pieces" else set())
        logits[range(len(before)), before] = 0
        assert set((logits <= LOWEST).nonzero()[:, 1].tolist()) == {target.pad, target.unknown, target.blank}


def test_refusals():
    with pytest.raises(ValueError, match=r"temperature is 0; it must be above 0"):
        generator(temperature=0)
    with pytest.raises(ValueError, match="noise is -1"):
        generator(noise=-1)
    with pytest.raises(ValueError, match="width 18 is not a multiple of 2 x 4 heads"):
        generator(width=18, heads=4)


def test_the_shared_network_is_one_and_separate_ones_are_two():
    shared, separate = generator(), generator(share=False)
    assert shared.way_back().network is shared.network
    assert shared.way_back().domain == 0
    assert separate.way_back() is None
    assert build("generator", "transformer", codec("a"), codec("b"), options={"width": 16, "heads": 2}) is not None
