"""Smooth random fields on the pixel grid of a picture.

A scene lives in units of the picture's height: `y` runs from 0 (top) to 1 (bottom), `x` is 0.5 in the middle. A field
is a function of these coordinates alone, so a larger picture shows the same field with finer detail. Detail that the
pixels cannot carry is left out instead of aliasing, which is why nothing here needs supersampling.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

PERIOD = 256  # lattice points before the random table repeats
SPLINE = np.array([[0.5], [-1.0], [0.5]], np.float32)
NEIGHBOURS = np.array([[-1], [0], [1]])
UNIT = 3.15  # 1 / standard deviation of one octave of spline-smoothed uniform noise


def generator(*key: int) -> np.random.Generator:
    """A random generator that depends on the integers of `key` and nothing else."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def spline(position: Array) -> tuple[Array, Array]:
    """Quadratic B-spline at lattice `position` (n,): the lattice indices (3, n) and their weights (3, n)."""
    nearest = np.rint(position)
    t = position - nearest
    weights = np.empty((3, len(position)), np.float32)
    np.multiply(t, t, out=weights[1])
    weights[0] = weights[1] + np.float32(0.25)
    weights[2] = weights[0] + t
    weights[0] -= t
    weights *= SPLINE
    weights[1] += np.float32(0.75)
    return nearest.astype(np.intp) + NEIGHBOURS, weights


class Noise:
    """Fields of one scene for one picture size. `x` (W,) and `y` (H,) are the pixel centres."""

    def __init__(self, key: tuple[int, ...], height: int, width: int) -> None:
        self.height, self.width = height, width
        self.x = ((np.arange(width) + 0.5 - width / 2) / height + 0.5).astype(np.float32)
        self.y = ((np.arange(height) + 0.5) / height).astype(np.float32)
        self.table = generator(*key).random((PERIOD, PERIOD), dtype=np.float32) * (2 * UNIT) - UNIT

    def sharpness(self, frequency: float) -> float:
        """How much of a wave with `frequency` cycles per picture height the pixels can show, 0 to 1."""
        return min(max(2.0 - 2.2 * frequency / self.height, 0.0), 1.0)

    def octave(self, columns: Array, rows: Array, salt: int) -> Array:
        """Noise (len(rows), len(columns)) at lattice coordinates; mean 0, standard deviation 1 over many cells."""
        indices, weights = spline(np.concatenate([columns + (salt * 61.7) % PERIOD, rows + (salt * 37.3) % PERIOD]))
        count = len(columns)
        first, last = indices[0, count:].min(), indices[2, count:].max()
        # x first, on the few lattice rows in use: the y pass then moves whole rows, which is a plain copy
        strip = self.table.take(np.arange(first, last + 1), axis=0, mode="wrap")
        wide = strip.take(indices[:, :count], axis=1, mode="wrap")
        wide *= weights[:, :count]
        wide = wide[:, 0] + wide[:, 1] + wide[:, 2]
        tall = wide.take(indices[:, count:] - first, axis=0)
        tall *= weights[:, count:, None]
        field = tall[0]
        field += tall[1]
        field += tall[2]
        return field

    def fractal(self, rows: slice, frequency: float, stretch: float, octaves: int, gain: float, salt: int) -> Array:
        """Sum of octaves (rows, W), standard deviation about 1. `stretch`: vertical over horizontal frequency."""
        y = self.y[rows]
        total = np.zeros((len(y), self.width), np.float32)
        power = 0.0
        for level in range(octaves):
            amplitude = gain**level
            power += amplitude**2
            visible = self.sharpness(frequency * max(1.0, stretch))
            if visible > 0:
                total += (amplitude * visible) * self.octave(
                    frequency * self.x, frequency * stretch * y, salt + 7 * level
                )
            frequency *= 2
        return total / np.float32(power**0.5)

    def line(self, frequency: float, octaves: int, gain: float, salt: int) -> Array:
        """One-dimensional fractal noise (W,) along x, standard deviation about 1."""
        levels = np.arange(octaves)
        frequencies = frequency * 2.0**levels
        amplitudes = gain**levels
        visible = amplitudes * np.array([self.sharpness(value) for value in frequencies])
        lattice = frequencies[:, None] * self.x + (((salt + 7 * levels) * 61.7) % PERIOD)[:, None]
        indices, weights = spline(lattice.astype(np.float32).ravel())
        indices %= PERIOD
        values = self.table[np.repeat((salt + 7 * levels) % PERIOD, self.width), indices]
        values *= weights
        # smoothed in one direction only, the noise keeps 1 / 0.74 of the spread that two directions leave
        scale = (0.74 * visible / np.sqrt((amplitudes**2).sum())).astype(np.float32)
        return scale @ values.sum(axis=0).reshape(octaves, self.width)

    def receding(self, rows: slice, distance: Array, frequency: float, stretch: float, salt: int) -> Array:
        """Noise (rows, W) on a plane in perspective: `distance` (rows,) is 1 at the viewer's feet, 0 at the horizon.

        `frequency` is the waves per picture height at the feet. Each row mixes the octaves whose wavelength fits its
        distance, and weaker finer ones, so the field stays separable and cheap.
        """
        y = self.y[rows]
        total = np.zeros((len(y), self.width), np.float32)
        wanted = -np.log2(np.maximum(distance, 0.02))
        for level in range(7):
            here = frequency * 2.0**level
            visible = self.sharpness(here * 0.5 * max(1.0, stretch))
            if visible <= 0:
                break
            finer = level - wanted
            weight = visible * np.where(finer > 0, 0.62 ** np.maximum(finer, 0), np.maximum(0.0, 1.0 + finer / 1.4))
            if weight.any():
                part = self.octave(here * self.x, here * stretch * y, salt + 7 * level)
                part *= weight.astype(np.float32)[:, None]
                total += part
        return total
