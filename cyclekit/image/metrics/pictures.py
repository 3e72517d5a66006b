"""What all metrics of pictures share: how they read them.

They read pictures as the 8-bit levels that `translate` would write, so that a number measured in memory is the number
of the saved files.
"""

from __future__ import annotations

import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.image.features import WIDTH, Space, features_in
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.measuring.ragged import matched, stacks, together


def saved_levels(batch: Batch) -> Tensor:
    """The 8-bit levels that saving would write: (N, C, H, W) in [-1, 1] of any float type, to uint8.

    Raises:
        MetricUnavailable: these are no pictures, there are none, or some hold NaN or infinity.
    """
    pictures = batch.data
    if pictures.dim() != 4 or not pictures.is_floating_point() or not len(pictures):
        raise MetricUnavailable(f"needs pictures (N, C, H, W) in [-1, 1]; got {tuple(pictures.shape)} {pictures.dtype}")
    broken = int((~pictures.isfinite()).flatten(1).any(1).sum())
    if broken:
        raise MetricUnavailable(f"needs finite pictures; {broken} of {len(pictures)} hold NaN or infinity")
    return pictures.detach().float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)


def levels_in(batch: Batch) -> list[Tensor]:
    """The 8-bit levels of pictures that may differ in size, those of one size together; see `levels_of`."""
    return [saved_levels(stack) for stack in stacks(batch)]


def luma(levels: Tensor) -> Tensor:
    """Brightness as the eye weighs it (ITU-R BT.601): (N, C, H, W) uint8 to (N, 1, H, W) float64 in [0, 255].

    Of other numbers of channels than 1 and 3, which no eye sees, it is the mean of them all.
    """
    if levels.shape[1] != 3:
        return levels.double().mean(1, keepdim=True)
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64, device=levels.device)
    return (levels.double() * weights[:, None, None]).sum(1, keepdim=True)


def features_of(batch: Batch, space: Space) -> Tensor:
    """Features (N, 1280), float32 on the CPU, of pictures (N, C, H, W) in [-1, 1],
    which may differ in size.

    Raises:
        MetricUnavailable: the packages are missing, fewer than two pictures, or pictures it cannot read.
    """
    if batch.size < 2:
        raise MetricUnavailable(f"needs at least 2 pictures of each domain; got {batch.size}")
    return features_in(space)(levels_in(batch))


def shown_protocol(space: Space) -> dict[str, object]:
    """How a network is shown pictures."""
    return {"network": _network(space), "pictures": "8-bit levels", "input": _input(space)}


def feature_protocol(space: Space) -> dict[str, object]:
    """What distances in features are measured in."""
    return {
        "features": f"{_network(space)}, {WIDTH} pooled features of the last convolution",
        "pictures": "8-bit levels",
        "input": _input(space),
    }


def _network(space: Space) -> str:
    return f"{space.name}, ImageNet weights {space.weights}"


def _input(space: Space) -> str:
    return f"{space.side} x {space.side}, bicubic, antialiased"


def with_truth(translated: Translated) -> list[tuple[Tensor, Tensor]]:
    """The levels of fakes and truths, both (n, C, H, W) uint8 with as many channels as the truth has; those of one size
    together.

    Raises:
        MetricUnavailable: there is no truth, or it has another shape.
    """
    if translated.truth is None:
        raise MetricUnavailable("needs the true translation of each source, which these data have not")
    both = matched(translated.fake, together(translated.truth))
    return [_alike(saved_levels(fake), saved_levels(true)) for fake, true in both]


def _alike(fake: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    if fake.shape[1] == 1 and truth.shape[1] == 3:
        fake = fake.expand(-1, 3, -1, -1)  # a grey picture is a colour picture too: the copied input of a colorizer
    elif fake.shape[1] == 3 and truth.shape[1] == 1:
        fake = luma(fake).round().to(torch.uint8)
    if fake.shape != truth.shape:
        shapes = f"{tuple(fake.shape)} and {tuple(truth.shape)}"
        raise MetricUnavailable(f"needs fakes and truths of one shape; these are {shapes}")
    return fake, truth
