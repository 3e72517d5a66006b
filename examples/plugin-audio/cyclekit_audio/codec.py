"""The border of the modality: recordings to Batches of spectrogram frames, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cyclekit.core.batch import Batch, concat
from cyclekit.core.cell import Cell
from cyclekit.registry import RecipeError, register
from cyclekit_audio.files import encoded, read_samples
from cyclekit_audio.spectrum import BINS, HOP, levels_of, sounded, transformed

Recording = np.ndarray | Tensor | str | os.PathLike[str]
"""Samples (N,) from -1 to 1 at the codec's rate, or a file of them at any rate."""


class Source(NamedTuple):
    """What is kept of a recording for its translation."""

    samples: int
    phases: Tensor
    """(T, WINDOW / 2 + 1), in radians."""


@register("codec", "spectrogram")
class SpectrogramCodec:
    """Recordings as levels of a spectrogram, (B, T, BINS) in [-1, 1]; T differs, so that Batches carry a mask.

    Args:
        rate: samples a second.

    Raises:
        ValueError: a rate below 1.
    """

    name = "spectrogram"
    bins = BINS

    def __init__(self, rate: int = 8000) -> None:
        if rate < 1:
            raise ValueError(f"rate is {rate}; a recording has at least one sample a second")
        self.rate = rate

    def samples(self, item: Recording) -> Tensor:
        """A recording's samples (N,), float32.

        Raises:
            RecipeError: it cannot be read, is empty, or is no sound.
        """
        if isinstance(item, str | os.PathLike):
            return torch.from_numpy(read_samples(Path(item), self.rate).samples)
        samples = torch.as_tensor(item, dtype=torch.float32).detach().cpu()
        if samples.dim() != 1 or not len(samples) or not bool(samples.isfinite().all()):
            raise RecipeError(f"a recording is samples (N,), all of them finite; got {tuple(samples.shape)}")
        return samples

    def encode(self, items: Sequence[Recording]) -> Batch:
        """Recordings to a Batch (B, T, BINS), the shorter ones padded.

        Raises:
            RecipeError: as `samples`.
        """
        return concat([self._row(transformed(self.samples(item))) for item in items])

    def decode(self, batch: Batch) -> list[np.ndarray]:
        """Each row as samples (N,), without knowing any phases."""
        rows = [row.data[0].detach().float().cpu() for row in batch.rows()]
        return [sounded(row, (len(row) - 1) * HOP).numpy() for row in rows]

    def prepare(self, item: Recording, multiple: int, smallest: int = 1) -> tuple[Batch, Source]:
        """One recording as a row, and its length and phases for `finish`.

        Raises:
            RecipeError: as `samples`.
        """
        samples = self.samples(item)
        frames = transformed(samples)
        return self.framed(self._row(frames), multiple, smallest)[0], Source(len(samples), frames.angle())

    def framed(self, row: Batch, multiple: int, smallest: int = 1) -> tuple[Batch, int]:
        """A row (1, T, BINS) with padding for a network that wants multiples of frames; and T."""
        length = row.data.shape[1]
        missing = -(-max(length, smallest) // multiple) * multiple - length
        mask = torch.ones(1, length, dtype=torch.bool) if row.mask is None else row.mask
        pad = torch.nn.functional.pad
        return Batch(pad(row.data, (0, 0, 0, missing), value=-1.0), pad(mask, (0, missing))), length

    def unframed(self, row: Batch, length: int) -> Batch:
        """Undo `framed` on a translated row."""
        return row.map(lambda tensor: tensor[:, :length])

    def finish(self, row: Batch, source: Source) -> np.ndarray:
        """One translated row as samples, as many as its source has."""
        levels = row.data[0, : len(source.phases)].detach().float().cpu()
        return sounded(levels, source.samples, source.phases).clamp(-1, 1).numpy()

    def cells(self, batch: Batch) -> list[Cell]:
        """What a sample sheet shows of each row: its spectrogram, time to the right, frequency upwards, the louder the
        darker; and a file to listen to."""
        levels = [row.data[0].detach().float().cpu().clamp(-1, 1) for row in batch.rows()]
        pictures = [(127.5 - 127.5 * each.T.flip(0)).round().to(torch.uint8).numpy() for each in levels]
        return [
            Cell(picture, file=(".wav", encoded(samples, self.rate)))
            for picture, samples in zip(pictures, self.decode(batch))
        ]

    def save(self, folder: Path) -> None:
        """Write `codec.json` into `folder`."""
        (folder / "codec.json").write_text(json.dumps({"name": self.name, "rate": self.rate}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> SpectrogramCodec:
        """The codec that `save` wrote into `folder`.

        Raises:
            ValueError: it is damaged.
        """
        try:
            return cls(int(json.loads((folder / "codec.json").read_text())["rate"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{folder / 'codec.json'}: is no codec of recordings ({error})") from error

    def _row(self, frames: Tensor) -> Batch:
        return Batch(levels_of(frames)[None], torch.ones(1, len(frames), dtype=torch.bool))
