"""token_nll is cross-entropy, value and gradient, though it never holds what PyTorch's does."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Product
from cyclekit.registry import RecipeError, build
from cyclekit.text import likelihood, relax


def token_nll(**options):
    return build("reconstruction", "token_nll", options=options)


def written(seed, rows=3, tokens=5, vocabulary=11, scale=3.0):
    """A state and a weight that gradients reach, and the ids wanted, in rows of different lengths."""
    chance = torch.Generator().manual_seed(seed)
    ids = torch.randint(vocabulary, (rows, tokens), generator=chance)
    mask = torch.arange(tokens) < torch.randint(1, tokens + 1, (rows, 1), generator=chance)
    state = (scale * torch.randn(int(mask.sum()), 4, generator=chance)).requires_grad_()
    return Product(state, torch.randn(vocabulary, 4, generator=chance).requires_grad_()), Batch(ids, mask)


@given(st.integers(0, 999), st.sampled_from([0.0, 0.1]), st.sampled_from([0.1, 3.0, 255.0]), st.booleans())
def test_it_is_cross_entropy_with_its_gradient(seed, smoothing, scale, multiplied):
    product, target = written(seed, scale=scale)
    given = product.multiplied() if multiplied else product
    ours = 2 * token_nll(smoothing=smoothing)(target._replace(logits=given), target)
    ids = target.data[target.mask]
    theirs = 2 * F.cross_entropy(product.multiplied(), ids, label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    gradients = [torch.autograd.grad(loss, product[:2]) for loss in (ours, theirs)]
    for one, other in zip(*gradients):
        # At logits of hundreds floats are 3e-5 apart, and the weight's gradient is that times the state.
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4 * max(1.0, scale))


@pytest.mark.parametrize("multiplied", [False, True])
def test_rows_are_taken_a_few_at_a_time(monkeypatch, multiplied):
    product, target = written(0, rows=7)
    found = []
    for rows in (512, 4):
        monkeypatch.setattr(relax, "ROWS", rows)
        monkeypatch.setattr(likelihood, "ROWS", rows)
        loss = token_nll()(target._replace(logits=product.multiplied() if multiplied else product), target)
        found.append((loss, *torch.autograd.grad(loss, product[:2])))
    torch.testing.assert_close(found[0], found[1])


@given(st.integers(0, 999), st.sampled_from([0.0, 0.1]))
def test_among_some_columns_it_is_the_cross_entropy_of_these(seed, smoothing):
    product, target = written(seed)
    chance = torch.Generator().manual_seed(seed)
    wanted = target.data[target.mask]
    columns = (torch.rand(11, generator=chance) < 0.3).index_fill(0, wanted, True).nonzero()[:, 0]
    few = Product(product.state, product.weight[columns], columns)
    ours = token_nll(smoothing=smoothing)(target._replace(logits=few), target)
    places = torch.tensor([columns.tolist().index(one) for one in wanted.tolist()])
    theirs = F.cross_entropy(product.multiplied()[:, columns], places, label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_no_vocabulary_is_kept_for_every_token():
    product, target = written(0, rows=40, tokens=20, vocabulary=5000)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.numel()), lambda nothing: nothing):
        token_nll()(target._replace(logits=product), target)
    assert sum(kept) == product.state.numel() + product.weight.numel()


def test_in_bf16_it_is_the_product_s_own_rounding():
    product, target = written(3, rows=9)
    with torch.autocast("cpu", torch.bfloat16):
        ours = token_nll()(target._replace(logits=product), target)
        theirs = F.cross_entropy(product.multiplied(), target.data[target.mask])
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    for one, other in zip(*(torch.autograd.grad(loss, product[:2]) for loss in (ours, theirs))):
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.02)


def test_without_gradients_it_is_the_same_number():
    product, target = written(5)
    wanted = token_nll()(target._replace(logits=product), target)
    with torch.no_grad():
        found = token_nll()(target._replace(logits=product), target)
    assert torch.equal(found, wanted.detach())


def test_without_a_mask_every_token_counts():
    logits, ids = torch.randn(15, 11), torch.randint(11, (3, 5))
    loss = token_nll()(Batch(ids, None, logits), Batch(ids))
    torch.testing.assert_close(loss, F.cross_entropy(logits, ids.flatten()))


def test_refusals():
    product, target = written(2)
    with pytest.raises(ValueError, match=r"compares a teacher-forced output: set objective\.teacher_forcing=true"):
        token_nll()(target, target)
    for logits in (product.multiplied()[1:], product._replace(state=product.state[1:])):
        with pytest.raises(ValueError, match="compares a teacher-forced output"):
            token_nll()(target._replace(logits=logits), target)
    with pytest.raises(RecipeError, match=r"smoothing is 1\.0; it is a share, from 0 up to 1"):
        token_nll(smoothing=1.0)
