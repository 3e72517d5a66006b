"""token_nll is cross-entropy, value and gradient, though it never holds what PyTorch's does."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import RecipeError, build
from cyclekit.text import likelihood, relax


def token_nll(**options):
    return build("reconstruction", "token_nll", options=options)


def written(seed, rows=3, tokens=5, vocabulary=11, scale=3.0):
    """Logits that a gradient reaches, the ids wanted, and a mask that leaves something of each row."""
    chance = torch.Generator().manual_seed(seed)
    logits = (scale * torch.randn(rows, tokens, vocabulary, generator=chance)).requires_grad_()
    ids = torch.randint(vocabulary, (rows, tokens), generator=chance)
    lengths = torch.randint(1, tokens + 1, (rows, 1), generator=chance)
    return logits, ids, torch.arange(tokens) < lengths


@given(st.integers(0, 999), st.sampled_from([0.0, 0.1]), st.sampled_from([0.1, 3.0, 255.0]))
def test_it_is_cross_entropy_with_its_gradient(seed, smoothing, scale):
    logits, ids, mask = written(seed, scale=scale)
    ours = token_nll(smoothing=smoothing)(Batch(ids, mask, logits), Batch(ids, mask))
    theirs = F.cross_entropy(logits[mask], ids[mask], label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (ours, theirs)]
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)  # at logits of hundreds floats are 3e-5 apart
    assert not gradients[0][~mask].any()


def test_rows_are_taken_a_few_at_a_time(monkeypatch):
    logits, ids, mask = written(0, rows=7)
    found = []
    for rows in (512, 4):
        monkeypatch.setattr(relax, "ROWS", rows)
        monkeypatch.setattr(likelihood, "ROWS", rows)
        loss = token_nll()(Batch(ids, mask, logits), Batch(ids, mask))
        found.append((loss, *torch.autograd.grad(loss, logits)))
    torch.testing.assert_close(found[0], found[1])


def test_without_a_mask_every_token_counts():
    logits, ids, _ = written(1)
    loss = token_nll()(Batch(ids, None, logits), Batch(ids))
    torch.testing.assert_close(loss, F.cross_entropy(logits.flatten(0, 1), ids.flatten()))


def test_refusals():
    logits, ids, mask = written(2)
    with pytest.raises(ValueError, match=r"compares a teacher-forced output: set objective\.teacher_forcing=true"):
        token_nll()(Batch(ids, mask), Batch(ids, mask))
    with pytest.raises(ValueError, match="compares a teacher-forced output"):
        token_nll()(Batch(ids, mask, logits[:, 1:]), Batch(ids, mask))
    with pytest.raises(RecipeError, match=r"smoothing is 1\.0; it is a share, from 0 up to 1"):
        token_nll(smoothing=1.0)
