"""What a translation must keep: asked for word by word, wherever it stands, and never twice."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, concat
from cyclekit.registry import RecipeError, build
from tests.text.parts import SENTENCES, codec, data, generator, sentences

STYLE = [("awful", 3.0), ("great", -3.0)]


def lost(source, fake, domain="a"):
    return build("preservation", "words", data(STYLE))(source, domain, fake)


def drawn(*texts):
    """Sentences as a generator gives them: ids, and logits that a gradient reaches."""
    batch = sentences(*texts)
    logits = torch.zeros(int(batch.mask.sum()), codec().vocabulary, requires_grad=True)
    return Batch(batch.data, batch.mask, logits)


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
def test_a_copy_has_lost_nothing_and_is_left_alone(texts):
    fake = drawn(*texts)
    loss = lost(sentences(*texts), fake)
    loss.backward()
    assert loss == 0
    assert not fake.logits.grad.any()


def test_the_words_of_the_style_may_go_and_others_may_move():
    source = sentences("the food was awful and the staff was rude .")
    assert lost(source, drawn("rude . was the food and the staff was great")) == 0
    assert lost(source, drawn("the food was awful and the staff was .")) > 0
    # For the other side "awful" is a word like any other.
    assert lost(source, drawn("the food was great and the staff was rude ."), domain="b") > 0


def test_a_missing_word_is_asked_for_and_only_that():
    fake = drawn("the food was great and the staff was .")
    lost(sentences("the food was awful and the staff was rude ."), fake).backward()
    asked = set(codec().encode(["rude"]).data[0, :-1].tolist())
    written = set(fake.data[0].tolist())
    pushed = {int(index) for index in (fake.logits.grad < 0).any(0).nonzero()}
    assert pushed == asked - written
    assert pushed


def test_the_value_is_the_mean_over_content_of_how_unlikely_the_missing_are():
    source, vocabulary = sentences("the food was awful ."), codec().vocabulary
    fake = drawn("the was great .")
    missing = [index for index in codec().encode(["food"]).data[0, :-1].tolist() if index not in fake.data[0].tolist()]
    assert missing
    content = source.data.shape[1] - 1 - len(codec().encode(["awful"]).data[0, :-1])
    # With even logits each of T places gives a word 1 / V.
    chance = torch.tensor(fake.data.shape[1] / vocabulary)
    torch.testing.assert_close(lost(source, fake), -len(missing) * chance.log() / content)


def test_padding_asks_for_nothing_and_promises_nothing():
    short, long = "the food was awful .", "never going back , what a waste of money ."
    alone = lost(sentences(short), drawn("great"))
    source = concat([sentences(short), sentences(long)])
    fake = drawn("great", long)
    content = [int(lost_of(one)) for one in (short, long)]
    torch.testing.assert_close(lost(source, fake) * sum(content), alone * content[0])


def lost_of(text):
    """How many content tokens a sentence has."""
    salient = len(codec().encode(["awful"]).data[0, :-1]) if "awful" in text else 0
    return len(codec().encode([text]).data[0]) - 1 - salient


@given(st.integers(0, 999))
def test_the_gradient_is_what_autograd_would_find(seed):
    torch.manual_seed(seed)
    source = sentences()
    fake = drawn(*SENTENCES[1:], SENTENCES[0])
    fake = fake._replace(logits=(2 * torch.randn(fake.logits.shape)).requires_grad_())
    ours = lost(source, fake)
    salient = set(codec().encode(["awful"]).data[0, :-1].tolist())
    chance = torch.softmax(fake.logits, 1).split(fake.mask.sum(1).tolist())
    theirs, content = torch.zeros(()), 0
    for row in range(5):
        for word in source.data[row][source.mask[row]][:-1].tolist():
            if word not in salient:
                content += 1
                if word not in fake.data[row][fake.mask[row]].tolist():
                    theirs = theirs - chance[row][:, word].sum().log().clamp(max=0)
    torch.testing.assert_close(ours, theirs / content, rtol=1e-4, atol=1e-5)
    both = [torch.autograd.grad(loss, fake.logits, retain_graph=True)[0] for loss in (ours, theirs / content)]
    torch.testing.assert_close(*both, rtol=1e-3, atol=1e-6)


def test_a_generator_learns_to_keep_words():
    made, source = generator(noise=0.0), sentences()
    optimizer = torch.optim.Adam(made.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        loss = lost(source, made(source))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_what_the_other_side_cannot_write_is_not_asked_for():
    text = "the food was awful and the staff was rude ."
    source, parts = sentences(text), data(STYLE)
    rude = codec().encode(["rude"]).data[0, :-1]
    fake = drawn("the food was great and the staff was .")
    forbidden = fake.logits.detach().clone()
    forbidden[:, rude] = -1e9
    fake = fake._replace(logits=forbidden.requires_grad_())
    assert build("preservation", "words", parts)(source, "a", fake) > 1e6
    parts.codecs.b.allowed = torch.ones(codec().vocabulary, dtype=torch.bool).index_fill(0, rude, False)
    missing = set(rude.tolist()) - set(fake.data[0].tolist())
    assert missing
    assert build("preservation", "words", parts)(source, "a", fake) == 0

    # Unknown and blank pieces of a source are forbidden everywhere; BPE with bytes has no unknown, other models do.
    odd = Batch(source.data.clone(), source.mask)
    odd.data[0, 1], odd.data[0, 2] = codec().unknown, codec().blank
    plain = drawn("great great")
    without = Batch(torch.cat([source.data[:, :1], source.data[:, 3:]], 1), source.mask[:, 2:])
    torch.testing.assert_close(lost(odd, plain), lost(without, plain))


def test_refusals():
    with pytest.raises(ValueError, match="needs sentences that a gradient passes through: set it to 0 in this stage"):
        lost(sentences(), sentences())
    with pytest.raises(RecipeError, match=r"threshold is 0\.0; it is in nats, above 0"):
        build("preservation", "words", data(), options={"threshold": 0.0})
