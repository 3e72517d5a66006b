"""The Gumbel bridge: how a gradient passes through words.

A sentence is drawn, and a drawn word has no gradient. Straight-through Gumbel-softmax (Jang et al. 2017, section 2.2;
Maddison et al. 2017) uses the word itself forward, and backward pretends that its softmax had been used:

    y = onehot(argmax(logits + g)) + p - stopgrad(p),    p = softmax((logits + g) / temperature)

Nothing here ever builds y. A generated Batch carries the drawn ids as `data` and (logits + g) / temperature as
`logits`; `embed` looks the ids up and, backward, multiplies by the Jacobian of the softmax, a few rows at a time.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch

ROWS = 512
"""Tokens whose distributions over the vocabulary are held at once on the way back: 16 MB of float32 at 8,000 pieces."""


def check_temperature(temperature: float) -> float:
    """Refuse a temperature that divides by nothing.

    Raises:
        ValueError: not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; it must be above 0 (1 is usual, below 0.3 gradients explode)")
    return temperature


def gumbel(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Standard Gumbel noise in float32: -log(-log(uniform)). Four times as fast as by way of the exponential."""
    uniform = torch.rand(shape, device=device)
    # The uniform may be 0, whose logarithm is infinite; it is never 1.
    return uniform.clamp_(min=torch.finfo(torch.float32).tiny).log_().neg_().log_().neg_()


def embed(batch: Batch, weight: Tensor) -> Tensor:
    """Sentences to vectors: (B, T) ids or (B, T, V) distributions, and weight (V, E), to (B, T, E).

    Ids that carry logits pass their gradient on to these, as straight-through one-hots would.
    """
    if batch.data.is_floating_point():
        return batch.data.to(weight.dtype) @ weight
    if batch.logits is not None and batch.logits.requires_grad and torch.is_grad_enabled():
        embedded: Tensor = _StraightThrough.apply(batch.logits, weight, batch.data)
        return embedded
    return F.embedding(batch.data, weight)


def log_sums(logits: Tensor) -> Tensor:
    """log of the sum of exponentials of each row: (N, V) to (N,), float32, a few rows at a time."""
    return torch.cat([rows.float().logsumexp(1) for rows in logits.split(ROWS)])


def one_hot(batch: Batch) -> Tensor:
    """The straight-through one-hots (B, T, V) that `embed` stands for, in full: for looking at, and for parts that
    must have them.

    Raises:
        ValueError: the Batch carries no logits.
    """
    if batch.logits is None:
        raise ValueError("only generated sentences, which carry their logits, have straight-through one-hots")
    soft = torch.softmax(batch.logits.float(), -1)
    return F.one_hot(batch.data, soft.shape[-1]) + soft - soft.detach()


class _StraightThrough(torch.autograd.Function):
    """onehot(ids) @ weight forward; backward as if it had been softmax(logits) @ weight, in float32."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, weight: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(logits, weight, ids)
        # Backward runs outside of autocast: remember what forward multiplied in.
        ctx.type = _multiplied_in(logits.device)
        return F.embedding(ids, weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        logits, weight, ids = ctx.saved_tensors
        gradient = gradients[0].reshape(-1, weight.shape[1])
        of_logits = of_weight = None
        if ctx.needs_input_grad[0]:
            of_logits = torch.empty_like(logits)
            flat, flat_out = logits.flatten(0, 1), of_logits.view(-1, logits.shape[-1])
            transposed = weight.t().to(ctx.type)
            for start in range(0, len(flat), ROWS):
                rows = slice(start, start + ROWS)
                soft = torch.softmax(flat[rows].float(), -1)
                of_one_hot = (gradient[rows].to(ctx.type) @ transposed).float()
                mean = torch.linalg.vecdot(soft, of_one_hot).unsqueeze(1)
                torch.mul(of_one_hot.sub_(mean), soft, out=flat_out[rows])
        if ctx.needs_input_grad[1]:
            of_weight = torch.zeros_like(weight).index_add_(0, ids.flatten(), gradient.to(weight.dtype))
        return of_logits, of_weight, None


def _multiplied_in(device: torch.device) -> torch.dtype:
    """The type of matrix products here: bf16 under autocast, else float32."""
    return torch.get_autocast_dtype(device.type) if torch.is_autocast_enabled(device.type) else torch.float32
