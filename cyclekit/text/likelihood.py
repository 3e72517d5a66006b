"""How far a sentence is from being written as its original says: the text side's reconstruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.registry import register
from cyclekit.text.relax import ROWS, log_sums


@register("reconstruction", "token_nll")
def token_nll(*, smoothing: float = 0.0) -> Callable[[Batch, Batch], Tensor]:
    """Mean negative log-likelihood, in nats, of the target's tokens, the end token included.

    Args:
        smoothing: share of the probability that the target should spread over all pieces (Szegedy et al. 2016, 7).

    Raises:
        ValueError: a share outside [0, 1).
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it is a share, from 0 up to 1")

    def distance(output: Batch, target: Batch) -> Tensor:
        """Output: logits (B, T, V) of teacher forcing. Target: ids (B, T) with their mask.

        Raises:
            ValueError: the output was not written along the target.
        """
        if output.logits is None or output.logits.shape[:2] != target.data.shape:
            raise ValueError("token_nll compares a teacher-forced output: set objective.teacher_forcing=true")
        each: Tensor = _Surprise.apply(output.logits.flatten(0, 1), target.data.flatten(), smoothing)
        if target.mask is None:
            return each.mean()
        # Padding is weighed with 0: taking its rows out would copy all logits, there and back.
        counted = target.mask.flatten()
        return torch.where(counted, each, 0.0).sum() / counted.sum()

    return distance


class _Surprise(torch.autograd.Function):
    """-log softmax(logits)[id] of each row (N, V), as `cross_entropy`, a few rows at a time.

    That keeps, beside the logits, all their logarithms, a gradient of zeros and ones, and the gradient; this keeps one
    number a row on the way there and the gradient alone on the way back.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, ids: Tensor, smoothing: float) -> Tensor:
        normaliser = log_sums(logits)
        ctx.save_for_backward(logits, ids, normaliser)
        ctx.smoothing = smoothing
        wanted = logits.gather(1, ids[:, None])[:, 0].float()
        if smoothing:
            wanted = (1 - smoothing) * wanted + smoothing * logits.mean(1, dtype=torch.float32)
        return normaliser - wanted

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        logits, ids, normaliser = ctx.saved_tensors
        weight = gradients[0][:, None]
        of_logits = torch.empty_like(logits)
        rows = zip(logits.split(ROWS), of_logits.split(ROWS), normaliser[:, None].split(ROWS), weight.split(ROWS))
        for part, out, sums, share in rows:
            soft = torch.sub(part, sums).exp_()
            if ctx.smoothing:
                soft.sub_(ctx.smoothing / logits.shape[1])
            torch.mul(soft, share, out=out)
        hit = (weight * (ctx.smoothing - 1)).to(of_logits.dtype)
        return of_logits.scatter_add_(1, ids[:, None], hit), None, None
