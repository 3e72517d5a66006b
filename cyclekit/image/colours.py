"""What moving colours alone would do: one linear map of colours for all pictures, and no network.

The bar that a translation has to clear: a run that stays below it has learned a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from cyclekit.core.batch import Batch

MATCHED = "colours matched"
"""The name of the baseline."""

PICTURES = 100
"""Training pictures of each domain whose colours are taken."""

LEAST = 1e-9
"""Variance along a direction of colour below which there is none: grey pictures in three channels."""


class Colours(NamedTuple):
    """The colours of a set of pictures."""

    mean: Tensor
    """(C,) float64."""
    covariance: Tensor
    """(C, C) float64."""


def colours_of(rows: Iterable[Batch]) -> Colours:
    """Mean and covariance of the pixels of pictures (1, C, H, W), each picture with the same weight."""
    means, squares = [], []
    for row in rows:
        pixels = row.data[0].double().flatten(1)
        means.append(pixels.mean(1))
        squares.append(pixels @ pixels.T / pixels.shape[1])
    mean = torch.stack(means).mean(0)
    return Colours(mean, torch.stack(squares).mean(0) - torch.outer(mean, mean))


class ColourMap(NamedTuple):
    """A linear map of colours: what pixels are multiplied with, and what is added."""

    matrix: Tensor
    """(C, C) float64."""
    shift: Tensor
    """(C,) float64."""

    def __call__(self, pictures: Tensor) -> Tensor:
        """Pictures (B, C, H, W) in other colours, in their own type and on their own device; not clamped."""
        matrix, shift = (values.to(pictures) for values in self)
        return torch.einsum("dc,bchw->bdhw", matrix, pictures) + shift[:, None, None]


def colour_map(source: Colours, target: Colours) -> ColourMap:
    """The map that gives pictures of the one set the mean and covariance of the other, and moves colours the least.

    The linear Monge-Kantorovitch map (Pitié and Kokaram 2007, "The Linear Monge-Kantorovitch Linear Colour Mapping for
    Example-Based Colour Transfer").
    """
    root, back = _power(source.covariance, 0.5), _power(source.covariance, -0.5)
    matrix = back @ _power(root @ target.covariance @ root, 0.5) @ back
    return ColourMap(matrix, target.mean - matrix @ source.mean)


def moved(source: Colours, target: Colours) -> Callable[[Batch], Batch]:
    """`colour_map` for a row (1, C, H, W). What leaves [-1, 1] is clamped."""
    of_colours = colour_map(source, target)
    return lambda row: Batch(of_colours(row.data.double()).clamp(-1, 1).to(row.data.dtype))


def _power(covariance: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric matrix; a negative one within the space in which it has any variance."""
    values, vectors = torch.linalg.eigh(covariance)
    powers = values.clamp(min=0) ** exponent if exponent > 0 else torch.where(values > LEAST, values**exponent, 0.0)
    return vectors @ torch.diag(powers) @ vectors.T
