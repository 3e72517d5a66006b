"""How alike pictures are: a 64-bit perceptual hash finds candidates, a small grey thumbnail confirms them.

The hash is the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section
3.2.1: the picture at 32x32 in grey, its 8x8 lowest frequencies without the first of each axis, each above their median
or not. By itself it calls many landscapes alike, sky above and land below; so the 16x16 thumbnails of a candidate pair
must correlate too. Neither knows of colour, brightness or contrast; both survive scaling and strong compression.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

MOST_BITS = 12
"""Of the 64, in which near duplicates may differ. Compressing, scaling and brightening stay within it."""

LEAST_CORRELATION = 0.95
"""Of the thumbnails of near duplicates. Of the 1.3 million pairs of 1,600 photographs and paintings of monet2photo 29
pass the bits alone, and 8 both; cropping 3 % off each side leaves 7 of 10 pictures recognised."""

SIDE = 32
LOW = 8
THUMBNAIL = 16
BLOCK = 512
"""Pictures that are compared with all others at a time: bounds the memory to BLOCK x all float32."""
PORTION = 1 << 16
"""Candidates whose thumbnails are compared at a time: the frames of a film are all alike."""


class Likeness(NamedTuple):
    """What one picture is recognised by."""

    bits: np.ndarray
    """(64,) int8, 1 or -1: the hash."""
    mirrored: np.ndarray
    """(64,) int8: the hash of the same picture, left and right swapped."""
    thumbnail: np.ndarray
    """(16, 16) float32, mean 0 and norm 1 (all 0 for a constant picture)."""


class Alike(NamedTuple):
    """Pairs of near duplicates, one in each place of these arrays (N,)."""

    first: np.ndarray
    """int64: the number of one picture."""
    second: np.ndarray
    """int64: that of the other, always larger."""
    bits: np.ndarray
    """int64: in how many their hashes differ."""
    correlation: np.ndarray
    """float32: of their thumbnails."""
    mirrored: np.ndarray
    """bool: the second is like the first with left and right swapped."""


def _cosines() -> np.ndarray:
    """The orthonormal DCT-II as a matrix (SIDE, SIDE); row = frequency."""
    number = np.arange(SIDE)
    matrix = np.sqrt(2 / SIDE) * np.cos(np.pi * (2 * number + 1) * number[:, None] / (2 * SIDE))
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)


_DCT = _cosines()[1 : LOW + 1]
_MIRROR = np.where(np.arange(1, LOW + 1) % 2, -1, 1).astype(np.float32)
"""Mirroring a picture changes the sign of its odd horizontal frequencies, and nothing else."""


def likeness(picture: Image.Image) -> Likeness:
    """What a picture (any size, mode L or RGB) is recognised by."""
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    frequencies = _DCT @ grey @ _DCT.T
    step = SIDE // THUMBNAIL
    small = grey.reshape(THUMBNAIL, step, THUMBNAIL, step).mean(axis=(1, 3))
    small = small - small.mean()
    norm = np.linalg.norm(small)
    thumbnail = small / norm if norm > 1e-3 else np.zeros_like(small)
    return Likeness(_hash(frequencies), _hash(frequencies * _MIRROR), thumbnail.astype(np.float32))


def distance(first: Likeness, second: Likeness) -> int:
    """In how many bits two hashes differ, 0 to 64."""
    return int((first.bits != second.bits).sum())


def near_duplicates(
    pictures: Sequence[Likeness], most_bits: int = MOST_BITS, least_correlation: float = LEAST_CORRELATION
) -> Iterator[Alike]:
    """All pairs of near duplicates, in portions. A symmetrical pair is found twice, once as mirrored.

    Every picture is compared with every other, as products of matrices of ±1: two hashes differ in
    (64 - their product) / 2 bits. That misses nothing, and takes seconds for 10,000 pictures.
    """
    if not pictures:
        return
    bits = np.stack([one.bits for one in pictures]).astype(np.float32)
    mirrored = np.stack([one.mirrored for one in pictures]).astype(np.float32)
    thumbnails = np.stack([one.thumbnail for one in pictures])
    flipped = np.ascontiguousarray(thumbnails[:, :, ::-1]).reshape(len(pictures), -1)
    thumbnails = thumbnails.reshape(len(pictures), -1)
    for start in range(0, len(pictures), BLOCK):
        for is_mirrored, hashes, grey in ((False, bits, thumbnails), (True, mirrored, flipped)):
            product = hashes[start : start + BLOCK] @ bits[start:].T
            rows, columns = np.nonzero(product >= 64 - 2 * most_bits)
            rows, columns = rows[columns > rows], columns[columns > rows]
            for portion in range(0, len(rows), PORTION):
                i, j = rows[portion : portion + PORTION], columns[portion : portion + PORTION]
                correlation = np.einsum("ij,ij->i", grey[start + i], thumbnails[start + j])
                k = correlation >= least_correlation
                differ = (64 - product[i[k], j[k]]).astype(np.int64) // 2
                yield Alike(start + i[k], start + j[k], differ, correlation[k], np.full(k.sum(), is_mirrored))


def _hash(frequencies: np.ndarray) -> np.ndarray:
    return np.where(frequencies > np.median(frequencies), 1, -1).astype(np.int8).ravel()
