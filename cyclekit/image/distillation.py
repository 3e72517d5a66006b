"""Distilling a generator of pictures: a small network learns what a large one makes.

The large one's pictures are made once, of whole ones, since its norms may go by all of a picture; the small one learns
from crops of both. First by differences of pixels and of features, which are smallest for a mean of the strokes that
may be there; then against a discriminator too, which no mean deceives. B rows, C channels, H and W the sides.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import sides_taken
from cyclekit.core.ema import MovingAverage
from cyclekit.core.losses import hinge
from cyclekit.image.codec import ImageCodec
from cyclekit.image.projected import FrozenLite0, ProjectedDiscriminator
from cyclekit.measuring.metric import MetricUnavailable

LAYERS = (1, 3, 5)
"""Blocks of EfficientNet-Lite0 whose features are compared, at a quarter, an eighth and a 16th of the side."""

SETTLING = 64
"""Pictures by which batch norm's statistics are taken: whole ones, as they are translated."""

SETTLED_FROM = 0.6
"""Share of the steps after which these statistics stay as they are, and the weights learn to go by them: a student that
only ever saw those of its own batch is another network once it goes by fixed ones. Where there is a
discriminator it plays from here on, and the student's moving average is what is kept."""

DECAY = 0.995
"""Of that moving average."""

BETAS = (0.0, 0.99)
"""Adam's, of both sides of an adversarial game: no momentum, as the `cpu` profile of monet2photo has it."""


class Shown(NamedTuple):
    """What a student learns from: (N, C, H, W) in [-1, 1] of either, of one size."""

    source: Tensor
    wanted: Tensor


USUAL_CROP = 128
"""Side of crops, in pixels, of pictures that are as large."""


class Settings(NamedTuple):
    """How a student learns."""

    steps: int = 4000
    batch_size: int = 8
    crop: int | None = None
    """Side of the crops, in pixels; None: 128, or what the pictures have."""
    learning_rate: float = 2e-3
    """Adam's, after a twentieth of the steps; falls to 0 along a cosine."""
    features: float = 1.0
    """Weight of the frozen features' difference beside that of pixels; 0: without."""
    adversarial: float = 0.0
    """Weight of what a discriminator says of the student's pictures, in the last part of the steps; 0: without."""
    seed: int = 0


class FeatureDifference(nn.Module):
    """How far two pictures' features of a frozen network are apart, in shares of the wanted ones' size.

    Raises:
        MetricUnavailable: the network's package is missing, or it does not see pictures of so many channels.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        if channels not in (1, 3):
            raise MetricUnavailable(f"features are of pictures with 1 or 3 channels; these have {channels}")
        try:
            self.seeing = FrozenLite0(LAYERS)
        except ValueError as error:
            raise MetricUnavailable(str(error)) from error

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        """(B, 1 or 3, H, W) in [-1, 1] to a scalar."""
        of_made = self.seeing(made.expand(-1, 3, -1, -1))
        with torch.no_grad():
            of_wanted = self.seeing(wanted.expand(-1, 3, -1, -1))
        apart = [(one - other).abs().mean() / other.abs().mean() for one, other in zip(of_made, of_wanted)]
        return torch.stack(apart).mean()


class Adversary(nn.Module):
    """A projected discriminator that learns to tell a student's pictures from real ones while the student learns.

    Raises:
        MetricUnavailable: its frozen network's package is missing, or it does not see such pictures.
    """

    LEARNING_RATE = 4e-3
    """As the discriminators of the `cpu` profile of monet2photo, for the same heads."""

    def __init__(self, channels: int, side: int, steps: int) -> None:
        """Build it for crops of `side` px, to learn for so many steps, ever more slowly."""
        super().__init__()
        try:
            self.network = ProjectedDiscriminator(ImageCodec(channels))
        except ValueError as error:
            raise MetricUnavailable(str(error)) from error
        if side < self.network.smallest:
            raise MetricUnavailable(f"a discriminator needs crops of {self.network.smallest} px at least, got {side}")
        self.loss = hinge()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.LEARNING_RATE, betas=BETAS)
        self.pace = _cosine(self.optimizer, steps)

    def fooled(self, made: Tensor) -> Tensor:
        """The student's loss, a scalar, of pictures (B, C, H, W)."""
        self.network.requires_grad_(False)
        return self.loss.generator(self.network(Batch(made)).data)

    def learn(self, made: Tensor, real: Tensor) -> None:
        """One step of its own, from as many pictures of either."""
        self.network.requires_grad_(True)
        of_made, of_real = self.network(Batch(torch.cat([made.detach(), real]))).data.chunk(2)
        self.optimizer.zero_grad(set_to_none=True)
        self.loss.discriminator(of_real, of_made).backward()
        self.optimizer.step()
        self.pace.step()


def distil(
    student: nn.Module,
    shown: Shown,
    settings: Settings,
    told: Callable[[int, int], None] = lambda done, total: None,
    real: Tensor | None = None,
) -> None:
    """Train a student in place.

    Args:
        shown: on the CPU; crops of it are moved to the student's device.
        told: told after each step how many of how many are done.
        real: pictures (N, C, H, W) of the domain that is made, for the discriminator; None: the teacher's.

    Raises:
        ValueError: crops that the network does not take, or that are larger than the pictures.
        MetricUnavailable: features or a discriminator are asked for, and do not see these pictures.
    """
    multiple, shorter = sides_taken(student).multiple, min(shown.source.shape[2:])
    side = settings.crop or max(multiple, min(USUAL_CROP, shorter // multiple * multiple))
    settings = settings._replace(crop=side)
    if side % multiple or side > shorter:
        raise ValueError(
            f"a crop of {side} px is a multiple of {multiple} and no larger than the pictures, "
            f"which are {shown.source.shape[3]}x{shown.source.shape[2]} here"
        )
    device = next(student.parameters()).device
    compared = FeatureDifference(shown.wanted.shape[1]).to(device) if settings.features else None
    warm, settled = max(1, settings.steps // 20), int(SETTLED_FROM * settings.steps)
    adversary = None
    if settings.adversarial:
        adversary = Adversary(shown.wanted.shape[1], side, settings.steps - settled).to(device)
    random = torch.Generator().manual_seed(settings.seed)
    optimizer = torch.optim.Adam(student.parameters(), lr=settings.learning_rate)
    pace = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=warm),
            _cosine(optimizer, settings.steps - warm),
        ],
        milestones=[warm],
    )
    networks = nn.ModuleDict({"student": student})
    average: MovingAverage | None = None  # there once the student and the adversary play
    student.train()
    for step in range(settings.steps):
        if step == settled:
            settle(student, shown.source[:SETTLING])
            if adversary is not None:
                optimizer.param_groups[0]["betas"] = BETAS
                average = MovingAverage(networks, DECAY)
        source, wanted = (each.to(device) for each in crops(shown, settings, random))
        made = student(Batch(source)).data
        loss = (made - wanted).abs().mean()
        if compared is not None:
            loss = loss + settings.features * compared(made, wanted)
        if adversary is not None and average is not None:
            loss = loss + settings.adversarial * adversary.fooled(made)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        pace.step()
        if adversary is not None and average is not None:
            average.update(networks, step - settled)
            others = wanted if real is None else crops(Shown(real, real), settings, random).wanted.to(device)
            adversary.learn(made, others)
        told(step + 1, settings.steps)
    if average is not None:
        student.load_state_dict(average.networks["student"].state_dict())


def _cosine(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.CosineAnnealingLR:
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps))


def crops(shown: Shown, settings: Settings, random: torch.Generator) -> Shown:
    """A batch of crops at the same places of both, half of them mirrored."""
    assert settings.crop is not None, "chosen by `distil`"
    count, _, height, width = shown.source.shape
    rows = torch.randint(count, (settings.batch_size,), generator=random).tolist()
    cut: list[Shown] = []
    for row in rows:
        top, left, mirrored = (
            int(torch.randint(most + 1, (), generator=random))
            for most in (height - settings.crop, width - settings.crop, 1)
        )
        places = (row, slice(None), slice(top, top + settings.crop), slice(left, left + settings.crop))
        cut.append(Shown(*(each[places].flip(2) if mirrored else each[places] for each in shown)))
    return Shown(*(torch.stack(each) for each in zip(*cut)))


@torch.no_grad()
def settle(student: nn.Module, pictures: Tensor) -> None:
    """Take batch norm's statistics anew, of pictures as they will be translated, and put the student in eval mode."""
    norms = [module for module in student.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    student.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all
    device = next(student.parameters()).device
    for rows in pictures.split(8) if norms else ():
        student(Batch(rows.to(device)))
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    student.eval()


def colour_matrix(shown: Shown) -> Tensor:
    """The best linear map of a pixel's channels (and 1) to the wanted ones, (C + 1, C of wanted), by least squares."""
    flat = [each.movedim(1, -1).flatten(0, 2).double() for each in shown]
    homogeneous = torch.cat([flat[0], torch.ones(len(flat[0]), 1, dtype=torch.double)], 1)
    # By the normal equations: a million pixels by four columns.
    gram = homogeneous.T @ homogeneous
    return torch.linalg.lstsq(gram, homogeneous.T @ flat[1]).solution


def recoloured(pictures: Tensor, matrix: Tensor) -> Tensor:
    """Pictures (B, C, H, W) through a colour matrix, within [-1, 1]."""
    moved = pictures.movedim(1, -1).double()
    return (moved @ matrix[:-1] + matrix[-1]).movedim(-1, 1).float().clamp(-1, 1)


def psnr(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> float:
    """The mean peak signal-to-noise ratio of pictures in [-1, 1], in dB."""
    errors = torch.stack([(one - other).double().square().mean() for one, other in zip(made, wanted)])
    return float((10 * torch.log10(4 / errors.clamp(min=1e-10))).mean())


def multiplications(generator: nn.Module, channels: int, side: int = 256) -> int:
    """Multiply-accumulates of one picture of `side` px a side, in convolutions and matrix products."""
    network: Any = copy.deepcopy(generator).to("meta").eval()
    multiple = sides_taken(network).multiple
    taken = -(-side // multiple) * multiple
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        network(Batch(torch.zeros(1, channels, taken, taken, device="meta")))
    return round(counted.get_total_flops() / 2 * (side / taken) ** 2)
