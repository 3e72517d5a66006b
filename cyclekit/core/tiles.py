"""Big pictures through a network in tiles, so that memory depends on the tile and not on the picture.

A network that looks a known distance around each pixel makes of tiles that overlap by that distance what it makes of
the whole. How far it looks is measured once. Norms that take their statistics from the picture are given one set of
statistics for all tiles, of pieces from all over it. Networks that look further than tiles can overlap get blended
edges.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import sides_taken
from cyclekit.core.rows import PIXELS
from cyclekit.registry import RecipeError, argument

WHOLE = 0
"""In place of a tile's side: nothing is cut."""

PIECES = 3
"""Statistics are taken from so many by so many pieces of a picture, which together are as large as one tile."""


class Stretch(NamedTuple):
    """One stretch of a side: what goes through the network, and how much its outputs count, (stop - start,)."""

    start: int
    stop: int
    weights: Tensor


class Tiles:
    """A generator of pictures that takes large ones in tiles, and others whole.

    Args:
        network: on any device; must make pictures as large as those it is given.
        side: of the squares that go through it at once, their overlap included; pictures of more pixels than that are
            cut. `WHOLE`: nothing is. None: pictures of more than `PIXELS` are, into tiles of about as many.

    Raises:
        ValueError: tiles so small that too little is left between their overlaps.
    """

    def __init__(self, network: nn.Module, side: int | None = None) -> None:
        self.network = network
        self.multiple, self.smallest = sides_taken(network)
        least = self._up(4 * max(self.multiple, self.smallest))
        if side and side < least:
            raise ValueError(f"this network needs tiles of at least {least} px a side, got {side}")
        self.side = max(least, int((PIXELS**0.5) if side is None else side) // self.multiple * self.multiple)
        self.whole = side == WHOLE
        self.most = PIXELS if side is None else self.side**2
        """Pixels of the largest picture that is not cut, unless none is."""
        self.reach: int | None = None
        """How far it looks around each pixel, in pixels; None: further than a quarter of a tile, or not yet known."""
        self.estimates = False
        """Whether it has norms whose statistics are those of the picture, and are estimated."""
        self.done = 0
        """How many pictures were cut."""

    def __call__(self, batch: Batch) -> Batch:
        """(B, C, H, W), H and W multiples of the network's, to what the network makes of it.

        Raises:
            ValueError: the network makes pictures of another size.
        """
        if self.whole or batch.data.dim() != 4 or batch.data.shape[2] * batch.data.shape[3] <= self.most:
            return self.network(batch)
        if not self.done:
            self.reach = reach_of(self.network, batch.data.shape[1], self.side // 4)
            self.estimates = any(True for _ in picture_norms(self.network))
        made = [self._in_tiles(row.data) for row in batch.rows()]
        self.done += len(made)
        return Batch(torch.cat(made) if len(made) > 1 else made[0])

    @property
    def note(self) -> str:
        """In what the tiles so far may differ from whole pictures; empty: in nothing."""
        remedy = "the tile 'whole' does without tiles, where memory allows"
        if self.done and self.reach is None:
            return f"the network looks further around each pixel than tiles can overlap: they are blended; {remedy}"
        if self.done and self.estimates:
            return (
                "the network's norms go by the whole picture: their statistics are estimated from parts, and colours "
                f"may differ; {remedy}"
            )
        return ""

    @torch.no_grad()
    def _in_tiles(self, picture: Tensor) -> Tensor:
        margin = self._up(self.side // 8 if self.reach is None else self.reach)
        exact = self.reach is not None
        down, across = (stretches(side, self.side, margin, self.multiple, exact) for side in picture.shape[2:])
        made: Tensor | None = None
        with shared_statistics(self.network) as gather:
            gather(lambda: self.network(Batch(self._pieces(picture))))
            for y in down:
                for x in across:
                    tile = picture[:, :, y.start : y.stop, x.start : x.stop]
                    out = self.network(Batch(tile)).data.float()
                    if out.shape[2:] != tile.shape[2:]:
                        raise ValueError("this network makes pictures of another size: they cannot be put together")
                    if made is None:
                        made = out.new_zeros(1, out.shape[1], *picture.shape[2:])
                    weights = y.weights[:, None] * x.weights
                    made[:, :, y.start : y.stop, x.start : x.stop] += out * weights.to(out.device)
        assert made is not None
        return made

    def _pieces(self, picture: Tensor) -> Tensor:
        """(N, C, h, w): evenly from all over the picture."""
        size = max(self.side // PIECES // self.multiple * self.multiple, self._up(self.smallest))
        sides = [min(size, side) for side in picture.shape[2:]]
        places = [
            sorted({(whole - piece) * part // (PIECES - 1) // self.multiple * self.multiple for part in range(PIECES)})
            for whole, piece in zip(picture.shape[2:], sides)
        ]
        return torch.cat(
            [picture[:, :, top : top + sides[0], left : left + sides[1]] for top in places[0] for left in places[1]]
        )

    def _up(self, length: int) -> int:
        return -(-length // self.multiple) * self.multiple


def tiles_for(generator: nn.Module, tile: int | str) -> Tiles:
    """Tiles of a side, "auto" or "whole", for a generator.

    Raises:
        RecipeError: it is neither a side nor "auto" or "whole", or too small.
    """
    named = {"auto": None, "whole": WHOLE}
    if tile not in named and (not isinstance(tile, int) or isinstance(tile, bool) or tile < 1):
        raise RecipeError(f"{argument('tile', tile)}: give auto, whole, or the side of a tile in pixels, such as 512")
    try:
        return Tiles(generator, named[tile] if isinstance(tile, str) else tile)
    except ValueError as error:
        raise RecipeError(f"{argument('tile', tile)}: {error}") from error


def stretches(length: int, side: int, margin: int, multiple: int, exact: bool) -> list[Stretch]:
    """A side of a picture in overlapping stretches whose weights add up to 1 everywhere.

    Args:
        length: of the whole side; a multiple of `multiple`, as are `side` and `margin`.
        side: the longest stretch.
        margin: by how much each reaches beyond its own part, except beyond the picture.
        exact: give each pixel the value of the one stretch whose own part it is in; otherwise blend within the margins.
    """
    if length <= side:
        return [Stretch(0, length, torch.ones(length))]
    units = length // multiple
    parts = -(-units // ((side - 2 * margin) // multiple))
    edges = [units * part // parts * multiple for part in range(parts)] + [length]
    found = []
    for first, last in pairwise(edges):
        start, stop = max(0, first - margin), min(length, last + margin)
        places = torch.arange(start, stop) + 0.5
        width = 1e-3 if exact else 2.0 * margin
        rising = torch.ones(()) if first == 0 else ((places - first) / width + 0.5).clamp(0, 1)
        falling = torch.ones(()) if last == length else ((last - places) / width + 0.5).clamp(0, 1)
        found.append(Stretch(start, stop, (rising + falling - 1).expand(stop - start)))
    return found


def reach_of(network: nn.Module, channels: int, limit: int) -> int | None:
    """How many pixels around each pixel a network looks, apart from the statistics of its norms.

    Returns:
        The largest distance up, down, left or right, from the edges of squares of the network's `multiple`, at which
        tiles begin and end; None: more than `limit`, or it cannot be told.
    """
    # In double precision on the CPU, where no fast algorithm mixes neighbours that have nothing to do with each other.
    probe = copy.deepcopy(network).to("cpu").to(torch.float64)
    for norm in picture_norms(probe):
        norm.forward = lambda features: features
    probe.eval()
    try:
        found = [_reach_along(dimension, probe, channels, limit) for dimension in (2, 3)]
    except (RuntimeError, ValueError, TypeError):  # it does not take such strips, or not in double precision
        return None
    return None if None in found else max(reach for reach in found if reach is not None)


@torch.no_grad()
def _reach_along(dimension: int, network: nn.Module, channels: int, limit: int) -> int | None:
    """How far it looks along dimension 2 or 3, at most `limit`: the distance from a few columns of a strip to the
    columns of its output that depend on them."""
    multiple, smallest = sides_taken(network)
    half, width = (-(-side // multiple) * multiple for side in (limit + 2, smallest))
    shape = [1, channels, width, width]
    shape[dimension] = 2 * half + multiple
    strip = torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 1.8 - 0.9
    usual = network(Batch(strip.clone())).data
    depends = torch.zeros(usual.shape[2:], dtype=torch.bool)
    # No number stays none by any weights, even those that are 0. Some operations lose it, but not a change.
    for change in (torch.nan, 0.95, -0.95):
        changed = strip.clone()
        changed.narrow(dimension, half, multiple).fill_(change)
        depends |= (network(Batch(changed)).data != usual)[0].any(0)
    reached = depends.any(3 - dimension).nonzero()[:, 0].tolist()
    if usual.shape[2:] != strip.shape[2:] or not reached:
        return None
    reach = max(half - reached[0], reached[-1] - (half + multiple - 1), 0)
    return reach if reach <= limit else None


@contextmanager
def shared_statistics(network: nn.Module) -> Iterator[Callable[[Callable[[], Any]], None]]:
    """Within it the norms that go by a picture's statistics go by those of the one pass that is handed to `gather`."""
    norms = list(picture_norms(network))
    kept: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def replaced(norm: Any, features: Tensor) -> Tensor:
        if norm not in kept:
            variance, mean = torch.var_mean(features, (0, 2, 3), correction=0)
            kept[norm] = mean, variance
        mean, variance = kept[norm]
        return nn.functional.batch_norm(features, mean, variance, norm.weight, norm.bias, False, 0.0, norm.eps)

    def gather(run: Callable[[], Any]) -> None:
        if norms:
            run()

    for norm in norms:
        norm.forward = lambda features, norm=norm: replaced(norm, features)
    try:
        yield gather
    finally:
        for norm in norms:
            del norm.forward


def picture_norms(network: nn.Module) -> Iterator[Any]:
    """Its norms that take mean and deviation from the picture at hand, in the mode that it is in."""
    for module in network.modules():
        if isinstance(module, nn.InstanceNorm2d | nn.BatchNorm2d) and (module.training or module.running_mean is None):
            yield module
