"""Rims of light and shadow along edges that were clean in the inputs."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.image.health import FEWEST
from cyclekit.image.metrics import luma, saved_levels
from cyclekit.measuring.health import Check
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register

REACH = 8
"""Pixels to either side of an edge that are looked at."""

STEP, FLAT, STEPS_FLAT = 20.0, 10.0, 0.25
"""An edge is clean where the input steps by as many levels, and is flat on both sides: within so many levels, or within
this share of the step."""

EDGES = 40
"""Clean edge pixels below which an average says nothing, and the check does not speak."""


@register("health", "halos")
def halos(*, rim: float = 20.0, levels: float = 12.0) -> Check:
    """Outputs are lighter and darker beside an edge than further from it, where their inputs are flat.

    Brightness is averaged across all clean edges of the inputs, in the outputs, from 8 pixels before to 8 behind. What
    texture adds cancels out. Sharpening and networks that fight over an edge leave rims: nearer than 4 pixels the light
    side is lighter than beyond 5, and the dark side darker. A dark outline alone is no halo.

    Args:
        rim: percent of the step at the edge that both rims together come to, from which it speaks. True translations of
            the built-in worlds come to 11 at 128 px.
        levels: and this many of 255, for what cannot be seen is not worth a word.

    Raises:
        ValueError: thresholds that are not above 0.
    """
    if rim <= 0 or levels <= 0:
        raise ValueError(f"rim is {rim} and levels {levels}; both are above 0")

    def check(translated: Translated) -> str | None:
        if translated.fake.size < FEWEST:
            return None
        source, fake = luma(saved_levels(translated.source)).float(), luma(saved_levels(translated.fake)).float()
        if source.shape != fake.shape or min(source.shape[2:]) < 4 * REACH:
            return None
        edges = _clean_edges(source)
        if len(edges.picture) < EDGES:
            return None
        across = _brightness(fake, edges)
        behind, before = across[:, REACH + 2 :], across[:, : REACH - 1]
        # Light on the side behind the edge, also where the output inverts it.
        across = across * (behind.mean(1) - before.mean(1)).sign()[:, None]
        mean = across.mean(0)
        light = float(mean[REACH + 2 : REACH + 4].mean() - mean[REACH + 6 :].mean())
        dark = float(mean[: REACH - 5].mean() - mean[REACH - 3 : REACH - 1].mean())
        step = max(float(mean[REACH + 2 :].mean() - mean[: REACH - 1].mean()), 8.0)
        found = 100 * (light + dark) / step
        if found < rim or light + dark < levels or light < dark / 3:
            return None
        return (
            f"the outputs have halos along edges (beside {len(edges.picture):,} clean edges of the inputs rims come to "
            f"{found:.0f} % of the step, {light + dark:.0f} levels; from {rim:g} % and {levels:g} levels): lower "
            "objective.adversarial or train.learning_rate, or raise objective.cycle"
        )

    return check


class Edges(NamedTuple):
    """Edge pixels, and the places on the line across each."""

    picture: Tensor
    """(E,) int64."""
    down: Tensor
    """(E, 2 * REACH + 1), in pixels; from the dark side to the light one."""
    right: Tensor


def _clean_edges(pictures: Tensor) -> Edges:
    """Edges of (N, 1, H, W) with nothing beside them."""
    rows, columns = pictures.shape[2:]
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], device=pictures.device) / 8
    padded = F.pad(pictures, (1, 1, 1, 1), mode="replicate")
    right, down = F.conv2d(padded, sobel[None, None]), F.conv2d(padded, sobel.T[None, None])
    slope = (right.square() + down.square()).sqrt()
    inside = torch.zeros_like(slope, dtype=torch.bool)
    inside[..., REACH : rows - REACH, REACH : columns - REACH] = True
    steepest = inside & (slope >= F.max_pool2d(slope, 3, 1, 1)) & (slope >= STEP / 4)
    picture, _, row, column = steepest.nonzero().unbind(1)
    away = torch.arange(-REACH, REACH + 1, device=pictures.device)
    edges = Edges(
        picture,
        row[:, None] + (down / slope)[steepest][:, None] * away,
        column[:, None] + (right / slope)[steepest][:, None] * away,
    )
    across = _brightness(pictures, edges)
    light, dark = across[:, REACH + 2 :], across[:, : REACH - 1]
    step = light.mean(1) - dark.mean(1)
    within = (STEPS_FLAT * step).clamp(min=FLAT)
    flat = [side.amax(1) - side.amin(1) <= within for side in (light, dark)]
    clean = flat[0] & flat[1] & (step >= STEP)
    return Edges(*(each[clean] for each in edges))


def _brightness(pictures: Tensor, edges: Edges) -> Tensor:
    """What (N, 1, H, W) have across edges, bilinearly: (E, 2 * REACH + 1)."""
    rows, columns = pictures.shape[2:]
    top, left = edges.down.floor().clamp(0, rows - 2).long(), edges.right.floor().clamp(0, columns - 2).long()
    below, beside = (edges.down - top).clamp(0, 1), (edges.right - left).clamp(0, 1)
    of, plane = edges.picture[:, None], pictures[:, 0]
    upper = torch.lerp(plane[of, top, left], plane[of, top, left + 1], beside)
    lower = torch.lerp(plane[of, top + 1, left], plane[of, top + 1, left + 1], beside)
    return torch.lerp(upper, lower, below)
