"""Claim 8: colourisation needs no labels, and where pairs exist pix2pix beats CycleGAN.

    python -m experiments.pairs_or_not                            # colorize, builtin:landscapes: 14 minutes on one core
    python -m experiments.pairs_or_not --data my_pictures         # any folder of colour pictures makes its own pairs
    python -m experiments.pairs_or_not --task translate --data builtin:facades
    python -m experiments.pairs_or_not --task translate --data builtin:landscapes

The same pictures and the same ResNet, discriminator and number of steps: once pix2pix, which sees every input beside
its answer, and once CycleGAN, which sees both domains but not what belongs to what (of a built-in world with two
looks: as many pictures of other scenes). Both are compared with the truth of held-out pictures that neither has seen.

Tasks: `colorize` makes the pairs from colour pictures alone, grey to colour; `translate` takes a source that has pairs.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclekit.image.metrics import PSNR, SSIM, KernelDistance, saved_levels
from cyclekit.measuring.metric import Translated
from experiments import trial
from experiments.cycle_and_identity import distance, lab

RECIPE = "monet2photo"
TASKS: dict[str, dict[str, Any]] = {
    "colorize": {"data.views": {"a": "grey", "b": "picture"}, "domains": {"a": "grey", "b": "colour"}},
    "translate": {"domains": {"a": "input", "b": "output"}},
}
SHARED = {key: value for key, value in trial.SMALL_CYCLEGAN.items() if not key.startswith("objective")}
VARIANTS: dict[str, dict[str, Any]] = {
    "pix2pix, pairs": {
        "objective": {"name": "pix2pix", "adversarial": 1.0, "l1": 100.0},  # pix2pix 3.3
        "gan_loss": "bce",
        "data.aligned": True,
    },
    "CycleGAN, no pairs": {
        "objective": {"name": "cyclegan", "adversarial": 1.0, "cycle": 10.0, "identity": 0.0},
        "gan_loss": "lsgan",
        "data.aligned": False,
    },
}
"""Each with its own published loss and weights. Identity is off: grey and colour have no channels in common."""
COPY = "copy the input"
NOTE = """
PSNR (dB), SSIM: to the truth, higher is better. Chroma error: mean distance of a* and b* to the truth's; chroma: mean
length of (a*, b*) relative to the truth's, 1 is right. KID: lower is better. Training: seconds, at equal steps.
"""


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Train both ways with every seed and measure them against the truth."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--task", choices=TASKS, default="colorize")
    given, others = parser.parse_known_args(arguments)
    chosen = trial.settings("pairs_or_not", __doc__, steps=1000, size=64, data="builtin:landscapes", arguments=others)
    chosen = dataclasses.replace(chosen, out=chosen.out / given.task)

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        overrides = {**SHARED, **TASKS[given.task]}
        if variant == COPY:
            made = trial.translated(trial.loaded(chosen, seed, RECIPE, {**overrides, **VARIANTS["pix2pix, pairs"]}))
            made = made._replace(fake=made.source)
            numbers = measured(made)
        else:
            begun = time.perf_counter()
            run = trial.trained(chosen, folder, seed, RECIPE, {**overrides, **VARIANTS[variant]})
            seconds = time.perf_counter() - begun
            made = trial.translated(run)
            numbers = {**measured(made), "training": seconds}
        trial.keep_all(folder, made)
        return numbers

    results = trial.repeated(chosen, [*VARIANTS, COPY], one, note=NOTE)
    trial.compare(chosen, list(VARIANTS), f"{given.task}, with pairs and without")
    return results


def measured(made: Translated) -> dict[str, float]:
    """Distances to the truth, and of the sets of pictures."""
    fake, truth = (lab(saved_levels(batch))[:, 1:] for batch in (made.fake, trial.truth_of(made)))
    return {
        "PSNR": PSNR()(made).value,
        "SSIM": SSIM()(made).value,
        "chroma error": float(distance(fake, truth).mean()),
        "chroma": round(float(fake.norm(dim=1).mean() / truth.norm(dim=1).mean()), 4),  # of a grey picture 1e-7
        "KID": KernelDistance(bootstraps=0)(made).value,
    }


if __name__ == "__main__":
    trial.as_script(main)
