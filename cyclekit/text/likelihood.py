"""How far a sentence is from being written as its original says: the text side's reconstruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cyclekit.core import processes
from cyclekit.core.batch import Batch, Product
from cyclekit.registry import register
from cyclekit.text.relax import ROWS, log_sums, multiplied_in


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
        """Output: the logits (N, V) of teacher forcing. Target: ids (B, T), of which N are compared: those of the
        output's mask, which may leave out pieces that its generator cannot write.

        Raises:
            ValueError: the output was not written along the target.
        """
        along = output.mask is not None and output.mask.shape == target.data.shape
        ids = (target._replace(mask=output.mask) if along else target).real(target.data)
        logits = output.logits
        if logits is None or len(logits.state if isinstance(logits, Product) else logits) != len(ids):
            raise ValueError("token_nll compares a teacher-forced output: set objective.teacher_forcing=true")
        if isinstance(logits, Product):
            state, weight, columns = logits
            wanted = ids if columns is None else torch.searchsorted(columns, ids)
            mean: Tensor = _MeanSurprise.apply(state, weight, wanted, smoothing)
            return processes.of_all(mean, len(ids))
        each: Tensor = _Surprise.apply(logits, ids, smoothing)
        return processes.of_all(each.mean(), len(ids))

    return distance


class _MeanSurprise(torch.autograd.Function):
    """The mean of -log softmax(state @ weight transposed)[id] over the N rows, for which no logits are kept.

    A few rows at a time are multiplied out, and leave behind what they add to the gradients of state and weight: the
    loss is one number, so that on the way back these need but be scaled (Hsu et al. 2024, "Liger Kernel", section 3.2).
    """

    @staticmethod
    def forward(ctx: Any, state: Tensor, weight: Tensor, ids: Tensor, smoothing: float) -> Tensor:
        kind = multiplied_in(state.device)
        by = weight.to(kind)
        asked = any(ctx.needs_input_grad)
        of_state, of_weight = torch.empty_like(state), torch.zeros_like(weight)
        total = torch.zeros((), device=state.device)
        for rows, wanted, out in zip(state.to(kind).split(ROWS), ids[:, None].split(ROWS), of_state.split(ROWS)):
            logits = (rows @ by.t()).float()
            sums = logits.logsumexp(1, keepdim=True)
            total += (sums - (1 - smoothing) * logits.gather(1, wanted)).sum()
            if smoothing:
                total -= smoothing * logits.mean(1).sum()
            if asked:
                gradient = logits.sub_(sums).exp_()
                if smoothing:
                    gradient.sub_(smoothing / logits.shape[1])
                gradient.scatter_add_(1, wanted, torch.full_like(sums, smoothing - 1))
                gradient = gradient.div_(len(ids)).to(kind)
                out.copy_(gradient @ by)
                of_weight += gradient.t() @ rows
        ctx.save_for_backward(of_state, of_weight)
        return total / len(ids)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        of_state, of_weight = ctx.saved_tensors
        return of_state * gradients[0], of_weight * gradients[0], None, None


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
