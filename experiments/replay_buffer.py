"""Claim 4: the replay buffer steadies training; so do several discriminators averaged, at more memory.

    python -m experiments.replay_buffer                           # 14 minutes on one core

A small CycleGAN on builtin:landscapes with a buffer of 0 or 50 past fakes (Shrivastava et al. 2017, section 2.3;
CycleGAN section 4), and with 1 or 3 discriminators for each domain, all other settings equal. Steadiness, over the
second half of training:

- loss oscillation: the adversarial terms of both generators, averaged in windows of a fiftieth of the training; the
  mean absolute change from one window to the next. A discriminator's losses have another scale with another number of
  discriminators (they add up), the generator's do not (they are averaged), so that these compare;
- KID oscillation: KID is measured ten times; the standard deviation of the last five. And their mean, for a training
  that stands still is steady too. All of one trial's measurements share the pictures, so that the sample's own noise
  hardly enters.

Memory is told in MiB: what the buffers keep, what the discriminators need (weights, gradients, Adam's two moments), and
by how much the process's peak grows when one trains long enough to fill the buffers, measured in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from cyclekit.assembling.assemble import Run
from cyclekit.assembling.networks import unique_parameters
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.image.metrics import KernelDistance
from cyclekit.training.state import Callback, Training
from experiments import chart, trial

VARIANTS: dict[str, dict[str, Any]] = {
    f"buffer {replay}, {count} discriminator{'s' if count > 1 else ''}": {
        **trial.SMALL_CYCLEGAN,
        "objective.replay": replay,
        "discriminator.count": count,
    }
    for count in (1, 3)
    for replay in (0, 50)
}
LOOKS = 10
WINDOWS = 50
PEAK_STEPS = 40
"""Steps of the memory measurement: with two rows a step, enough to fill a buffer of 50."""
MEBIBYTE = 2**20
NOTE = """
Oscillations and mean KID over the second half of training, lower is better. Memory in MiB; the peak is of a training
process, above what it took before it built the run; what a torch needs at its first step is in all rows alike.
"""


class Watch(Callback):
    """Keeps the generators' adversarial terms of every step, and KID at every tenth of the training."""

    def __init__(self) -> None:
        self.terms: list[float] = []
        self.kid: dict[int, float] = {}
        # Smaller pictures than the metric's own 224 px: it is measured ten times a trial, and compared with itself.
        self.metric = KernelDistance(feature_size=128, bootstraps=0)

    def stepped(self, training: Training) -> None:
        """Look at the step's terms; measure when it is time."""
        self.terms.append(sum(float(training.terms[f"adversarial.{domain}"]) for domain in "ab") / 2)
        if training.step % max(1, training.total_steps // LOOKS) == 0:
            self.kid[training.step] = self.metric(trial.translated(training.run)).value


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Train every variant with every seed, watching."""
    chosen = trial.settings(
        "replay_buffer", __doc__, steps=800, size=32, data="builtin:landscapes", arguments=arguments
    )

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        watch = Watch()
        run = trial.trained(chosen, folder, seed, "monet2photo", VARIANTS[variant], callbacks=[watch])
        trial.keep_all(folder, trial.translated(run))
        trial.write(folder / "kid.json", watch.kid)
        return steadiness(watch) | memory(run) | peak_apart(chosen, variant)

    results = trial.repeated(chosen, list(VARIANTS), one, note=NOTE)
    lines = {variant: kid_over_time([chosen.folder(variant, seed) for seed in chosen.seeds]) for variant in VARIANTS}
    chart.draw(chosen.out / "kid.png", [chart.Panel("KID, mean over the seeds", "training steps", lines)])
    trial.compare(chosen, list(VARIANTS), "Replay buffer and several discriminators")
    return results


def steadiness(watch: Watch) -> dict[str, float]:
    """How much the losses and KID move in the second half."""
    late = watch.terms[len(watch.terms) // 2 :]
    kid = list(watch.kid.values())[-(LOOKS // 2) :]
    return {
        "loss oscillation": oscillation(late, max(1, len(watch.terms) // WINDOWS)),
        "KID oscillation": statistics.pstdev(kid),
        "mean KID": statistics.fmean(kid),
    }


def oscillation(values: Sequence[float], window: int) -> float:
    """Mean absolute change between the means of successive windows; 0 where there is only one."""
    means = [statistics.fmean(values[start : start + window]) for start in range(0, len(values) - window + 1, window)]
    changes = [abs(after - before) for before, after in pairwise(means)]
    return statistics.fmean(changes) if changes else 0.0


def memory(run: Run) -> dict[str, float]:
    """What buffers and discriminators hold, in MiB."""
    assert isinstance(run.objective, CycleGAN)
    rows = [row.data for buffer in run.objective.buffers for row in buffer.rows]
    weights = unique_parameters(run.networks.discriminators)
    return {
        "buffers, MiB": sum(row.numel() * row.element_size() for row in rows) / MEBIBYTE,
        # As much again for the gradients, and twice for Adam's moments.
        "discriminators, MiB": 4 * sum(weight.numel() * weight.element_size() for weight in weights) / MEBIBYTE,
        "discriminators' parameters": sum(weight.numel() for weight in weights),
    }


def peak_apart(chosen: trial.Settings, variant: str) -> dict[str, float]:
    """By how much a training's memory exceeds, at its peak, what its process took before: in a new process."""
    if chosen.quick:
        return peak(chosen, variant)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(peak, replace(chosen, steps=PEAK_STEPS), variant).result()


def peak(chosen: trial.Settings, variant: str) -> dict[str, float]:
    """Build and train in this process; by how much its peak grew, the libraries' own first use included."""
    before = trial.peak_memory()
    with tempfile.TemporaryDirectory() as place:
        trial.trained(chosen, Path(place), 0, "monet2photo", VARIANTS[variant])
    return {"peak, MiB": trial.peak_memory() - before}


def kid_over_time(folders: Sequence[Path]) -> list[tuple[float, float]]:
    """(step, KID), the mean over trials."""
    of_each = [json.loads((folder / "kid.json").read_text(encoding="utf-8")) for folder in folders]
    return [(float(step), statistics.fmean(one[step] for one in of_each)) for step in of_each[0]]


if __name__ == "__main__":
    trial.as_script(main)
