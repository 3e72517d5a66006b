"""Claim 2: a GAN alone, unpaired, ignores its input or collapses; the cycle loss mends it (CycleGAN section 3.2).

    python -m experiments.cycle_against_collapse                  # 13 minutes on one core

Paintings to photographs on builtin:landscapes, trained on different scenes in the two domains, so that nothing but the
losses ties an output to its input. Two generators that start at random, for it is said that a small network keeps its
input because that is the simplest thing it can do (Galanti et al. 2018): a ResNet, through which a picture passes
nearly unhindered, and an encoder-decoder, which must store it in a bottleneck. Each with the cycle's weight at 0 and at
10. (The recipe's own generator starts as the identity, and would hide the question.)

The held-out scenes are known in both renderings, which allows to ask of n outputs:

- input found: how many are told to be of their own input and of no other. From thumbnails (6 x 6 px, colour) of all
  other outputs a ridge regression learns to tell the input's thumbnail; the nearest of the n inputs is the guess. A
  regression, because a generator that keeps its input in other colours, inverted ones for instance, has not ignored it.
  A lower bound of what the output tells about its input: 1/n is chance;
- truth found: how many are nearer to their own scene's true photograph than to the other n - 1. This one asks for the
  right colours too;
- distinctness: mean distance between two outputs' thumbnails, relative to that between two true photographs. 0 is total
  collapse; 1 is as various as the truth.

Beside them, what the true photographs would score as outputs, and the inputs themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image.metrics import PSNR, KernelDistance
from cyclekit.measuring.metric import Translated
from experiments import trial

RESNET = trial.SMALL_CYCLEGAN
ENCODER_DECODER = {
    **RESNET,
    "generator": {"name": "encoder_decoder", "width": 16, "depth": 4, "norm": "instance", "dropout": 0.0},
}
VARIANTS = {
    "ResNet, GAN alone": {**RESNET, "objective.cycle": 0.0},
    "ResNet, GAN + cycle": RESNET,
    "encoder-decoder, GAN alone": {**ENCODER_DECODER, "objective.cycle": 0.0},
    "encoder-decoder, GAN + cycle": ENCODER_DECODER,
}
TRUTH, COPY = "true photographs", "copy the input"
REFERENCES = (TRUTH, COPY)
"""What perfect translations would score, and none at all."""
THUMBNAIL = 6
"""Side in pixels: 108 numbers, about as many as there are held-out scenes to learn their regression from."""
RIDGE = 0.03
"""The regression's penalty, relative to the outputs' variance. From 0.001 to 0.1 it hardly matters."""
NOTE = """
Input found, truth found: shares of the held-out scenes (chance: 1 / their number). Distinctness: relative to the true
photographs. PSNR to the true photograph, dB. KID: lower is better.
"""


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Train every variant with every seed and ask what its outputs know of their inputs."""
    chosen = trial.settings(
        "cycle_against_collapse", __doc__, steps=1300, size=32, data="builtin:landscapes", arguments=arguments
    )

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        if variant in REFERENCES:
            made = trial.translated(trial.loaded(chosen, seed, "monet2photo", RESNET))
            made = made._replace(fake=trial.truth_of(made) if variant == TRUTH else made.source)
        else:
            made = trial.translated(trial.trained(chosen, folder, seed, "monet2photo", VARIANTS[variant]))
        trial.keep_all(folder, made)
        return measured(made)

    results = trial.repeated(chosen, [*VARIANTS, *REFERENCES], one, note=NOTE)
    trial.compare(chosen, list(VARIANTS), "GAN with and without the cycle")
    return results


def measured(made: Translated) -> trial.Numbers:
    """What the outputs tell about their inputs, how various they are, and how near the truth."""
    fake, source, truth = (thumbnails(batch) for batch in (made.fake, made.source, trial.truth_of(made)))
    return {
        "input found": share_found(decoded(fake, source), source),
        "truth found": share_found(fake, truth),
        "distinctness": mean_distance(fake) / mean_distance(truth),
        "PSNR": PSNR()(made).value,
        "KID": KernelDistance(bootstraps=0)(made).value,
    }


def thumbnails(pictures: Batch) -> Tensor:
    """(N, C, H, W) in [-1, 1] to what is left of them at THUMBNAIL pixels a side: (N, C * THUMBNAIL^2) float64."""
    return F.adaptive_avg_pool2d(pictures.data.double(), THUMBNAIL).flatten(1)


def decoded(outputs: Tensor, inputs: Tensor) -> Tensor:
    """What a ridge regression, learned from the other rows, tells each row's input to be: (N, D), (N, E) to (N, E).

    Leaving a row out needs no second regression: the residual of row i over 1 - h_ii, h the regression's hat matrix, is
    the residual that a regression without row i leaves (Hastie et al. 2009, section 7.10).
    """
    # A column of ones is the intercept; centring alone would let each row see itself in the mean.
    rows = torch.cat([outputs - outputs.mean(0), torch.ones(len(outputs), 1, dtype=outputs.dtype)], dim=1)
    strength = RIDGE * float(outputs.var(0).sum()) + 1e-9
    penalty = torch.full((rows.shape[1],), strength, dtype=rows.dtype)
    penalty[-1] = 0.0
    hat = rows @ torch.linalg.solve(rows.T @ rows + penalty.diag(), rows.T)
    residual = inputs - hat @ inputs
    return inputs - residual / (1 - hat.diagonal())[:, None]


def share_found(guesses: Tensor, answers: Tensor) -> float:
    """How many rows of `guesses` (N, D) are nearer to their own row of `answers` than to any other, from 0 to 1."""
    nearest = torch.cdist(guesses, answers).argmin(1)
    return float((nearest == torch.arange(len(answers))).double().mean())


def mean_distance(rows: Tensor) -> float:
    """Mean distance between two different rows of (N, D)."""
    return float(torch.pdist(rows).mean())


if __name__ == "__main__":
    trial.as_script(main)
