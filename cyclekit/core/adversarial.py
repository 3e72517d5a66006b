"""The adversarial losses of both sides, over one or more discriminators of a domain: what all objectives share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch, concat, split, stackable
from cyclekit.core.card import on_card
from cyclekit.core.losses import GANLoss


def mixes_rows(network: nn.Module) -> bool:
    """Whether a row's output depends on its neighbours in the batch, as with batch norm.

    For such a network two calls and one call on the stacked rows are different models.
    """
    return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules())


SMALL_ROW = 2**16
"""Elements of a row up to which stacking pays on a processor: small rows cost calls, large ones fill it by themselves
and only outgrow its caches together. On two cores stacking made a 64 px step faster and a 256 px step slower."""


def apart(network: nn.Module, *batches: Batch) -> list[Batch]:
    """A network's answers to several Batches: in one stacked call where that is the same model and pays, else apart."""
    first, *others = batches
    pays = on_card(first.data) or all(batch.data[0].numel() <= SMALL_ROW for batch in batches)
    if pays and all(stackable(first, other) for other in others) and not mixes_rows(network):
        return split(network(concat(batches)), [batch.size for batch in batches])
    return [network(batch) for batch in batches]


def adversarial_loss(
    loss: GANLoss, discriminators: nn.ModuleList, fake: Batch, condition: Batch | None = None
) -> Tensor:
    """What the generator minimises: the mean over the discriminators of how far the fake is from fooling each."""
    verdicts = [loss.generator(_unrounded(discriminator(fake, condition))) for discriminator in discriminators]
    return sum(verdicts[1:], verdicts[0]) / len(verdicts)


class Negative(NamedTuple):
    """Rows that are not real ones of the judged domain, and how much they count beside the others."""

    rows: Batch
    weight: float = 1.0


def discriminator_loss(
    loss: GANLoss,
    discriminators: nn.ModuleList,
    real: Batch,
    negatives: Sequence[Negative],
    condition: Batch | None = None,
    *,
    shared_forward: bool = True,
) -> Tensor:
    """What a domain's discriminators minimise: the sum over them, each with its own loss and penalty.

    Args:
        real: samples of the discriminators' domain.
        negatives: fakes mostly, which carry no graph; the loss is the mean over them by weight.
        condition: pix2pix's input of both samples.
        shared_forward: whether a discriminator may see all in one stacked call.
    """
    in_all = sum(negative.weight for negative in negatives)
    verdicts = []
    for discriminator in discriminators:
        samples = [real, *(negative.rows for negative in negatives)]
        if condition is None and shared_forward:
            of_real, *of_negatives = apart(discriminator, *samples)
        else:
            of_real, *of_negatives = (discriminator(sample, condition) for sample in samples)
        for negative, scores in zip(negatives, of_negatives):
            verdict = loss.discriminator(_unrounded(of_real), _unrounded(scores))
            if loss.penalty is not None:
                verdict = verdict + loss.penalty(discriminator, real, negative.rows, condition)
            verdicts.append(verdict if negative.weight == in_all else verdict * (negative.weight / in_all))
    return sum(verdicts[1:], verdicts[0])


def _unrounded(scores: Batch) -> Tensor:
    """Scores as a loss wants them: without padding's, float32 where autocast made them bfloat16, float64 left alone."""
    real = scores.real_only(scores.data)
    return real.to(torch.promote_types(real.dtype, torch.float32))
