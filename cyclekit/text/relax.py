"""The Gumbel bridge: how a gradient passes through words.

A sentence is drawn, and a drawn word has no gradient. Straight-through Gumbel-softmax (Jang et al. 2017, section 2.2;
Maddison et al. 2017) uses the word itself forward, and backward pretends that its softmax had been used:

    y = onehot(argmax(logits + g)) + p - stopgrad(p),    p = softmax((logits + g) / temperature)

Nothing here ever builds y. A generated Batch carries the drawn ids as `data` and (logits + g) / temperature as
`logits`; `embed` looks the ids up and, backward, multiplies by the Jacobian of the softmax, a few rows at a time. Only
real tokens have logits: N of the B x T places of a Batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Product

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
    if isinstance(batch.logits, Tensor) and batch.logits.requires_grad and torch.is_grad_enabled():
        embedded: Tensor = _StraightThrough.apply(batch.logits, weight, batch.data, batch.mask)
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
    if not isinstance(batch.logits, Tensor):
        raise ValueError("only generated sentences, which carry their logits, have straight-through one-hots")
    soft = torch.softmax(batch.logits.float(), -1)
    hot = F.one_hot(batch.data, soft.shape[-1]).float()
    real = torch.ones_like(batch.data, dtype=torch.bool) if batch.mask is None else batch.mask
    return hot.index_put((real,), soft - soft.detach(), accumulate=True)


def with_graph(known: Tensor, scored: Tensor | Product) -> Tensor:
    """Logits (N, V) whose values are known, with the gradient of those that were scored, which hardly differ.

    Where these are a Product, it is never multiplied out.
    """
    if isinstance(scored, Tensor):
        return known + (scored - scored.detach())
    linked: Tensor = _KnownProduct.apply(known, scored.state, scored.weight)
    return linked


class _StraightThrough(torch.autograd.Function):
    """onehot(ids) @ weight forward; backward as if it had been softmax(logits) @ weight, in float32."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, weight: Tensor, ids: Tensor, mask: Tensor | None) -> Tensor:
        ctx.save_for_backward(logits, weight, ids, mask)
        # Backward runs outside of autocast: remember what forward multiplied in.
        ctx.type = multiplied_in(logits.device)
        return F.embedding(ids, weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        logits, weight, ids, mask = ctx.saved_tensors
        of_logits = of_weight = None
        if ctx.needs_input_grad[0]:
            of_logits = torch.empty_like(logits)
            transposed = weight.t().to(ctx.type)
            gradient = Batch(ids, mask).real(gradients[0]).to(ctx.type)
            for start in range(0, len(logits), ROWS):
                rows = slice(start, start + ROWS)
                soft = torch.softmax(logits[rows].float(), -1)
                of_one_hot = (gradient[rows] @ transposed).float()
                mean = torch.linalg.vecdot(soft, of_one_hot).unsqueeze(1)
                torch.mul(of_one_hot.sub_(mean), soft, out=of_logits[rows])
        if ctx.needs_input_grad[1]:
            of_words = gradients[0].flatten(0, 1).to(weight.dtype)
            of_weight = torch.zeros_like(weight).index_add_(0, ids.flatten(), of_words)
        return of_logits, of_weight, None, None


class _KnownProduct(torch.autograd.Function):
    """The known values of a product (N, E) times (V, E) transposed; backward as if it had been taken."""

    @staticmethod
    def forward(ctx: Any, known: Tensor, state: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(state, weight)
        ctx.type = multiplied_in(state.device)
        return known.view_as(known)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor]:
        state, weight = ctx.saved_tensors
        gradient = gradients[0].to(ctx.type)
        of_state, of_weight = gradient @ weight.to(ctx.type), gradient.t() @ state.to(ctx.type)
        return None, of_state.to(state.dtype), of_weight.to(weight.dtype)


def multiplied_in(device: torch.device) -> torch.dtype:
    """The type of matrix products here: bf16 under autocast, else float32."""
    return torch.get_autocast_dtype(device.type) if torch.is_autocast_enabled(device.type) else torch.float32
