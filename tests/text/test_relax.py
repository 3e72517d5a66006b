"""The straight-through bridge: one-hots forward, the softmax's Jacobian backward, and never a NaN."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Product
from cyclekit.text.relax import ROWS, check_temperature, embed, gumbel, one_hot, with_graph


def drawn(rows=3, tokens=5, vocabulary=7, scale=3.0, seed=0):
    """Sentences of different lengths, at least one token each, with their logits."""
    torch.manual_seed(seed)
    mask = torch.arange(tokens) < torch.randint(1, tokens + 1, (rows, 1))
    logits = (torch.randn(int(mask.sum()), vocabulary) * scale).requires_grad_()
    return Batch(torch.zeros(rows, tokens, dtype=torch.int64).masked_scatter(mask, logits.argmax(1)), mask, logits)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(2, 9), st.integers(0, 99))
def test_forward_is_one_hot_exactly(rows, tokens, vocabulary, seed):
    made = one_hot(drawn(rows, tokens, vocabulary, seed=seed))
    exact = torch.nn.functional.one_hot(drawn(rows, tokens, vocabulary, seed=seed).data, vocabulary)
    assert torch.allclose(made, exact.float(), atol=1e-6)
    assert torch.equal(made.round(), exact.float())


@given(st.integers(1, 4), st.integers(1, 6), st.integers(2, 9), st.floats(0.1, 6), st.integers(0, 99))
def test_embed_is_the_product_with_one_hots_in_value_and_gradient(rows, tokens, vocabulary, scale, seed):
    batch = drawn(rows, tokens, vocabulary, scale, seed)
    weight = torch.randn(vocabulary, 4).requires_grad_()
    upstream = torch.randn(rows, tokens, 4)  # padding's too, which reaches the weight but no logits
    lean, full = embed(batch, weight), one_hot(batch) @ weight
    assert torch.allclose(lean, full, atol=1e-5)
    found = torch.autograd.grad((lean * upstream).sum(), [batch.logits, weight])
    wanted = torch.autograd.grad((full * upstream).sum(), [batch.logits, weight])
    for one, other in zip(found, wanted):
        assert torch.allclose(one, other, atol=1e-5)


def test_the_gradient_is_the_softmax_jacobian():
    batch = drawn(1, 1, 5)
    weight, upstream = torch.randn(5, 4), torch.randn(4)
    (found,) = torch.autograd.grad(embed(batch, weight)[0, 0] @ upstream, batch.logits)
    jacobian = torch.autograd.functional.jacobian(lambda logits: torch.softmax(logits, 0), batch.logits[0].detach())
    assert torch.allclose(found[0], jacobian.T @ (weight @ upstream), atol=1e-6)


def test_more_tokens_than_are_held_at_once_make_no_difference():
    batch = drawn(2, ROWS, 6)
    weight = torch.randn(6, 3)
    (found,) = torch.autograd.grad(embed(batch, weight).square().sum(), batch.logits)
    (wanted,) = torch.autograd.grad((one_hot(batch) @ weight).square().sum(), batch.logits)
    assert torch.allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("scale", [255.0, 1e4])
@pytest.mark.parametrize("temperature", [0.3, 1.0])
@pytest.mark.parametrize("half", [False, True])
def test_large_logits_at_low_temperatures_stay_finite(scale, temperature, half):
    logits = (torch.eye(6) * 2 * scale - scale).requires_grad_()
    batch = Batch(logits.argmax(1)[None], None, logits / temperature)
    weight = torch.randn(6, 3)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = embed(batch, weight).square().sum()
    (gradient,) = torch.autograd.grad(loss, logits)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


@given(st.integers(1, 9), st.integers(1, 5), st.integers(2, 7), st.integers(0, 99))
def test_known_values_take_the_gradient_of_the_product_that_scored_them(rows, width, vocabulary, seed):
    torch.manual_seed(seed)
    state, weight = torch.randn(rows, width).requires_grad_(), torch.randn(vocabulary, width).requires_grad_()
    known, upstream = torch.randn(rows, vocabulary), torch.randn(rows, vocabulary)
    product = Product(state, weight)
    for scored in (product, product.multiplied()):
        linked = with_graph(known, scored)
        torch.testing.assert_close(linked, known)
        found = torch.autograd.grad((linked * upstream).sum(), [state, weight])
        wanted = torch.autograd.grad((product.multiplied() * upstream).sum(), [state, weight])
        for one, other in zip(found, wanted):
            torch.testing.assert_close(one, other)


def test_noise_is_gumbel_and_finite():
    torch.manual_seed(0)
    noise = gumbel((200_000,), torch.device("cpu"))
    assert torch.isfinite(noise).all()
    assert abs(float(noise.mean()) - 0.5772) < 0.01  # Euler's constant
    assert abs(float(noise.var()) - torch.pi**2 / 6) < 0.03


def test_real_sentences_and_soft_ones():
    weight = torch.randn(6, 3).requires_grad_()
    ids = torch.tensor([[1, 5, 2]])
    assert torch.equal(embed(Batch(ids), weight), weight[ids])
    soft = torch.softmax(torch.randn(1, 3, 6), 2)
    assert torch.allclose(embed(Batch(soft), weight), soft @ weight)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_that_divides_by_nothing_is_refused(temperature):
    with pytest.raises(ValueError, match=r"temperature is .*; it must be above 0"):
        check_temperature(temperature)


def test_real_sentences_have_no_one_hots_to_look_at():
    with pytest.raises(ValueError, match="only generated sentences, which carry their logits"):
        one_hot(Batch(torch.ones(1, 2, dtype=torch.int64)))
