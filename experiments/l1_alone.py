"""Claim 1: L1 alone gives desaturated, blurred colour; L1 + GAN does not (pix2pix section 4.2 and figure 4).

    python -m experiments.l1_alone                                # builtin:facades, 12 minutes on one core
    python -m experiments.l1_alone --data data/facades            # aligned pairs of your own

The recipe `facades` from label maps to photographs, twice: with the adversarial weight at 0 and at 1, everything else
equal, L1 at 100. What is measured, each on the held-out pairs and relative to the true pictures, so that 1 is right:

- saturation: mean chroma, HSV's max - min over the channels. Where several colours are likely, the L1 optimum is their
  median, channel by channel, which is greyer than each;
- sharpness: mean length of the luma's gradient, and variance of its Laplacian, which weighs the finest detail most.

KID, in EfficientNet-Lite0 features, asks whether a set of pictures looks like the true set; PSNR asks what L1 asks, and
may well prefer the blur.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.image.metrics import PSNR, KernelDistance, luma, saved_levels
from cyclekit.measuring.metric import Translated
from experiments import trial

RECIPE = "facades"
VARIANTS = {"L1 alone": 0.0, "L1 + GAN": 1.0}
"""The adversarial weight of each."""
NOTE = """
Saturation and sharpness are relative to the truth: 1 is right, below is greyer or more blurred. KID: lower is better;
PSNR in dB: higher is better.
"""


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Train both variants with every seed and measure them."""
    chosen = trial.settings(
        "l1_alone", __doc__, steps=2000, size=64, data="builtin:facades", quick_size=64, arguments=arguments
    )

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        overrides = {"data.load_size": chosen.size * 9 // 8, "objective.adversarial": VARIANTS[variant]}
        run = trial.trained(chosen, folder, seed, RECIPE, overrides, profile="small")
        made = trial.translated(run)
        trial.keep_all(folder, made)
        return measured(made)

    results = trial.repeated(chosen, list(VARIANTS), one, note=NOTE)
    trial.compare(chosen, list(VARIANTS), "L1 alone and L1 + GAN")
    return results


def measured(made: Translated) -> trial.Numbers:
    """Colour, sharpness, and the distances to the truth."""
    fake, truth = saved_levels(made.fake), saved_levels(trial.truth_of(made))
    return {
        "saturation": float(chroma(fake) / chroma(truth)),
        "sharpness (gradient)": float(gradient(fake) / gradient(truth)),
        "sharpness (Laplacian)": float(laplacian(fake) / laplacian(truth)),
        "KID": KernelDistance(bootstraps=0)(made).value,
        "PSNR": PSNR()(made).value,
    }


def chroma(levels: Tensor) -> Tensor:
    """Mean of max - min over the channels, in levels: (N, 3, H, W) uint8 to a scalar."""
    return (levels.amax(1).double() - levels.amin(1).double()).mean()


def gradient(levels: Tensor) -> Tensor:
    """Mean length of the luma's gradient between neighbours, in levels: (N, C, H, W) uint8 to a scalar."""
    brightness = luma(levels)
    across, down = brightness.diff(dim=3)[:, :, :-1], brightness.diff(dim=2)[..., :-1]
    return torch.hypot(across, down).mean()


def laplacian(levels: Tensor) -> Tensor:
    """Variance of the luma's Laplacian within a picture, mean over the pictures: (N, C, H, W) uint8 to a scalar."""
    kernel = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    return F.conv2d(luma(levels), kernel[None, None]).flatten(1).var(1).mean()


if __name__ == "__main__":
    trial.as_script(main)
