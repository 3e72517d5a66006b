"""Claim 3: a GAN by cross-entropy loses its gradient when the discriminator wins; LSGAN does not (Mao et al. 2017).

    python -m experiments.vanishing_gradients                     # 14 minutes on one core

"By cross-entropy" may mean two things. In the minimax game the generator minimises log(1 - D(fake)), which is flat
where D is sure of a fake: that one saturates. What everybody trains by is the other, -log D(fake), "to provide much
stronger gradients early in learning" (Goodfellow et al. 2014, section 3): `gan_loss: bce`. Both are measured, beside
the other losses.

Part 1, the frozen generator. Paintings are passed off as photographs (the generator that copies its input, as a
picture-to-picture network often begins), and a discriminator learns by each loss to tell them apart, on and on. At some
steps, on held-out pictures:

- accuracy: how often a photograph scores above a painting, over all pairs. No threshold, so that losses compare;
- slope: mean |d loss / d score| over the fakes' patches: what the loss itself lets through. It needs no network to
  argue about, but a slope does not move a generator;
- gradient: mean over the fakes of the norm of d loss / d picture, which does.

Part 2, whole trainings: a small CycleGAN with each loss, how near its translations come, and the spread of that over
the seeds as the measure of stability.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import cyclekit
from cyclekit.assembling.assemble import Run
from cyclekit.core.adversarial import Negative, adversarial_loss, discriminator_loss
from cyclekit.core.batch import Batch, concat
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.data import loader
from cyclekit.core.losses import GANLoss, bce
from cyclekit.image.metrics import PSNR, KernelDistance
from experiments import chart, trial

SATURATING = "saturating cross-entropy"
LOSSES = {SATURATING: "bce", "cross-entropy": "bce", "LSGAN": "lsgan", "hinge": "hinge", "WGAN-GP": "wgan_gp"}
"""The recipe's name of each; the discriminator's side of the first is that of `bce`."""
FROZEN_STEPS, FROZEN_BATCH = 300, 8
LEVELS = (0.6, 0.9, 0.99)
"""Accuracies at which the gradient is shown: at the first look that reaches them."""
NOTE = """
The frozen generator first: the discriminator's accuracy, slope and gradient after its last step, and the gradient when
its accuracy first reached a level. Compare gradients along a row: each loss has a scale of its own. Then whole
trainings: KID (lower is better) and PSNR (dB, higher is better), whose ± over the seeds is the stability.
"""


class Look(NamedTuple):
    """The discriminator and the generator's loss at one step."""

    step: int
    accuracy: float
    slope: float
    gradient: float


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Freeze and train with every loss and seed; table and chart."""
    chosen = trial.settings(
        "vanishing_gradients", __doc__, steps=600, size=32, data="builtin:landscapes", arguments=arguments
    )
    frozen_steps = 4 if chosen.quick else FROZEN_STEPS

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        looks = frozen(loaded(chosen, variant, seed), frozen_steps, seed)
        run = loaded(chosen, variant, seed)
        cyclekit.train(run, folder, device="cpu", callbacks=[])
        trial.write(folder / "looks.json", [look._asdict() for look in looks])
        made = trial.translated(run)
        trial.keep_all(folder, made)
        return summary(looks) | {"KID": KernelDistance(bootstraps=0)(made).value, "PSNR": PSNR()(made).value}

    results = trial.repeated(chosen, list(LOSSES), one, note=NOTE)
    looks = {name: averaged([chosen.folder(name, seed) for seed in chosen.seeds]) for name in LOSSES}
    chart.draw(chosen.out / "gradients.png", panels(looks))
    trial.compare(chosen, list(LOSSES), "Each GAN loss")
    return results


def saturating() -> GANLoss:
    """Cross-entropy as the minimax game has it: the generator minimises log(1 - D) (Goodfellow et al. 2014, eq. 1).

    In raw scores s that is log(1 - sigmoid(s)) = -softplus(s). No recipe should name it, so it is not registered.
    """
    return GANLoss(generator=lambda fake: -F.softplus(fake).mean(), discriminator=bce().discriminator)


def loaded(chosen: trial.Settings, variant: str, seed: int) -> Run:
    """The small CycleGAN with a loss."""
    run = trial.loaded(chosen, seed, "monet2photo", {**trial.SMALL_CYCLEGAN, "gan_loss": LOSSES[variant]})
    assert isinstance(run.objective, CycleGAN)
    if variant == SATURATING:
        run.objective.gan_loss = saturating()
    return run


def frozen(run: Run, steps: int, seed: int) -> list[Look]:
    """Train the discriminators of b to tell a's pictures, as they are, from b's; look now and then, at step 0 first."""
    assert isinstance(run.objective, CycleGAN)
    loss, panel = run.objective.gan_loss, run.networks.discriminators.b
    rates = run.recipe.train
    optimizer = torch.optim.Adam(panel.parameters(), lr=rates.learning_rate.discriminators, betas=rates.betas)
    fake, real = (concat([item.row for item in run.data.held_out(domain)]) for domain in ("a", "b"))
    often_at_first = {round(10 ** (power / 8)) for power in range(8 * len(str(steps)))}
    looks = [look(loss, panel, real, fake, 0)]
    for step, pair in enumerate(islice(loader(run.data, FROZEN_BATCH, seed), steps), start=1):
        optimizer.zero_grad()
        discriminator_loss(loss, panel, pair.b, [Negative(pair.a)]).backward()
        optimizer.step()
        if step in often_at_first or step == steps:
            looks.append(look(loss, panel, real, fake, step))
    return looks


def look(loss: GANLoss, panel: nn.ModuleList, real: Batch, fake: Batch, step: int) -> Look:
    """Accuracy, slope and gradient on held-out pictures, (N, C, H, W) of each domain."""
    with torch.no_grad():
        of_real, of_fake = (panel[0](batch).data.flatten(1).mean(1) for batch in (real, fake))
    scores = panel[0](fake).data.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(loss.generator(scores), scores)
    pictures = fake.data.clone().requires_grad_()
    # The loss is a mean over the rows: times their number, each row's gradient is that of its own loss.
    (gradients,) = torch.autograd.grad(adversarial_loss(loss, panel, Batch(pictures)) * fake.size, pictures)
    above = (of_real[:, None] > of_fake[None, :]).double().mean()
    return Look(step, float(above), float(slopes.abs().sum()), float(row_norms(gradients).mean()))


def row_norms(rows: Tensor) -> Tensor:
    """(N, ...) to the N Euclidean norms of its rows."""
    return torch.linalg.vector_norm(rows.flatten(1), dim=1)


def summary(looks: Sequence[Look]) -> dict[str, float]:
    """The table's numbers. A level that was never reached has none."""
    last = looks[-1]
    numbers = {"accuracy": last.accuracy, "slope": last.slope}
    for level in LEVELS:
        reached = [one.gradient for one in looks if one.accuracy >= level]
        if reached:
            numbers[f"gradient at {level:.0%}"] = reached[0]
    return numbers | {"gradient": last.gradient}


def averaged(folders: Sequence[Path]) -> list[Look]:
    """Mean over the trials of each look; all trials look at the same steps."""
    of_each = [json.loads((folder / "looks.json").read_text(encoding="utf-8")) for folder in folders]
    return [Look(**{key: statistics.fmean(one[key] for one in same) for key in same[0]}) for same in zip(*of_each)]  # type: ignore[arg-type]


def panels(looks: dict[str, list[Look]]) -> list[chart.Panel]:
    """Accuracy, slope and gradient against the discriminator's steps."""

    def lines(key: str) -> dict[str, chart.Points]:
        return {name: [(one.step, getattr(one, key)) for one in of if one.step] for name, of in looks.items()}

    return [
        chart.Panel("discriminator's accuracy", "its steps against a frozen generator", lines("accuracy"), log_x=True),
        chart.Panel("slope of the generator's loss", "steps", lines("slope"), log_x=True, log_y=True),
        chart.Panel("gradient at the generator's output", "steps", lines("gradient"), log_x=True, log_y=True),
    ]


if __name__ == "__main__":
    trial.as_script(main)
