"""Claim 6: as much L1 as possible. Cycle and identity weights against inverted colours and drift (CycleGAN 5.2, 7.1).

    python -m experiments.cycle_and_identity                      # 12 minutes on one core

Paintings to photographs on builtin:landscapes, without pairs: cycle weights 0, 1, 10 and identity weights 0, 5, all
else equal. Two L1 losses tie a generator that starts at random to what it is shown. What each should prevent:

- inverted: a cycle is as short through the negative as through the picture, and instance norms hide which is which.
  Correlation of a picture's luma before and after, and the share of pictures for which it is below zero;
- drift: nothing but identity tells a generator to leave alone what is right already. Held-out photographs through the
  generator of photographs: how far the picture's mean colour moves, and the mean pixel (both Lab, CIE 1976 distance).

Whether that helps the translation is asked by KID and by the distance to the true photograph of the held-out scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from cyclekit.assembling.assemble import Run
from cyclekit.core.batch import Batch, concat
from cyclekit.core.rows import through
from cyclekit.image.colorizer import FROM_XYZ, WHITE
from cyclekit.image.metrics import PSNR, KernelDistance, luma, saved_levels
from cyclekit.measuring.metric import Translated
from experiments import trial

RECIPE = "monet2photo"
WEIGHTS = {f"cycle {cycle}, identity {identity}": (cycle, identity) for cycle in (0, 1, 10) for identity in (0, 5)}
"""(cycle, identity) of each variant; 10 and 5 are the published ones."""
COPY, TRUTH = "copy the input", "true photographs"
REFERENCES = (COPY, TRUTH)
"""What no translation scores, and a perfect one."""
NOTE = """
Luma correlation: of input and output, mean over pictures; inverted: share of pictures where it is negative. Drift: what
the generator of photographs does to photographs, Lab distance of mean colours and of pixels. ΔE to truth: mean Lab
distance of pixels to the true photograph. KID and all distances: lower is better; PSNR in dB: higher is better.
"""


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Train every pair of weights with every seed and measure what it prevented."""
    chosen = trial.settings(
        "cycle_and_identity", __doc__, steps=800, size=32, data="builtin:landscapes", arguments=arguments
    )

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        if variant in REFERENCES:
            made = trial.translated(trial.loaded(chosen, seed, RECIPE, trial.SMALL_CYCLEGAN))
            made = made._replace(fake=trial.truth_of(made) if variant == TRUTH else made.source)
            again = made.real
        else:
            cycle, identity = WEIGHTS[variant]
            weights = {"objective.cycle": float(cycle), "objective.identity": float(identity)}
            run = trial.trained(chosen, folder, seed, RECIPE, {**trial.SMALL_CYCLEGAN, **weights})
            made, again = trial.translated(run), translated_again(run)
        trial.keep_all(folder, made)
        numbers = measured(made, again)
        if variant == TRUTH:
            del numbers["KID"]  # the true photographs of the held-out scenes are the real ones: not two samples
        return numbers

    results = trial.repeated(chosen, [*WEIGHTS, *REFERENCES], one, note=NOTE)
    trial.compare(chosen, list(WEIGHTS), "Weights of cycle and identity")
    return results


def translated_again(run: Run) -> Batch:
    """Held-out pictures of domain b through the generator that makes b: nothing should happen to them."""
    with run.translating() as generators:
        assert generators.b is not None, "every objective makes b"
        return concat(through(generators.b, [item.row for item in run.data.held_out("b")], trial.CPU, run.together))


def measured(made: Translated, again: Batch) -> dict[str, float]:
    """Inversion, drift, and the distances to real and to true pictures.

    Args:
        again: `made.real` through the same generator.
    """
    correlation = luma_correlation(saved_levels(made.source), saved_levels(made.fake))
    real, same = lab(saved_levels(made.real)), lab(saved_levels(again))
    return {
        "luma correlation": float(correlation.mean()),
        "inverted": float((correlation < 0).double().mean()),
        "drift of mean colour": float(distance(real.mean((2, 3)), same.mean((2, 3))).mean()),
        "drift of pixels": float(distance(real, same).mean()),
        "ΔE to truth": float(distance(lab(saved_levels(made.fake)), lab(saved_levels(trial.truth_of(made)))).mean()),
        "PSNR": PSNR()(made).value,
        "KID": KernelDistance(bootstraps=0)(made).value,
    }


def luma_correlation(source: Tensor, fake: Tensor) -> Tensor:
    """Pearson's correlation of each picture's luma with its translation's: (N, C, H, W) uint8, twice, to (N,).

    0 where one of the two is flat.
    """
    before, after = (luma(levels).flatten(1) for levels in (source, fake))
    before, after = (rows - rows.mean(1, keepdim=True) for rows in (before, after))
    return (before * after).sum(1) / (before.norm(dim=1) * after.norm(dim=1)).clamp(min=1e-9)


def lab(levels: Tensor) -> Tensor:
    """CIE L*a*b* of sRGB pictures, D65: (N, 1 or 3, H, W) uint8 to (N, 3, H, W) float64.

    The inverse of `cyclekit.image.colorizer.from_lab` (IEC 61966-2-1; CIE 15).
    """
    values = levels.double().expand(-1, 3, -1, -1) / 255
    linear = torch.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    to_xyz = torch.linalg.inv(torch.tensor(FROM_XYZ, dtype=torch.float64))
    ratios = torch.einsum("ij,njhw->nihw", to_xyz, linear) / linear.new_tensor(WHITE).view(3, 1, 1)
    roots = torch.where(ratios > 216 / 24389, ratios.clamp(min=1e-9) ** (1 / 3), (ratios * 24389 / 27 + 16) / 116)
    x, y, z = roots.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def distance(one: Tensor, other: Tensor) -> Tensor:
    """CIE 1976 colour difference along dimension 1; about 2.3 is just noticeable (Mahy et al. 1994)."""
    return (one - other).norm(dim=1)


if __name__ == "__main__":
    trial.as_script(main)
