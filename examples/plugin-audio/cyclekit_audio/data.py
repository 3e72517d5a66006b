"""The data part `recordings`: excerpts to train on, whole recordings to look at and to measure by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.data import choose_source
from cyclekit.core.parts import HeldOut
from cyclekit.registry import RecipeError, register
from cyclekit_audio.codec import SpectrogramCodec
from cyclekit_audio.listing import Recordings, open_source


@register("data", "recordings")
class RecordingData:
    """Recordings of two domains from the first source that is there. Fits `cyclekit.core.parts.Data`.

    Args:
        domains: the domains' display names; a folder has one of each name.
        progress: not asked for: nothing takes long.
        sources: where recordings may come from, in order: a folder, `builtin:NAME` or `{builtin: NAME, option: value}`.
        rate: samples a second.
        frames: the longest excerpt that is trained on, in frames of 128 samples.
        validation: how many training recordings of each domain are set aside to choose checkpoints by.

    Raises:
        RecipeError: no source is there, or it holds too little.
    """

    aligned = False

    def __init__(
        self,
        domains: Pair[str],
        progress: object = None,
        *,
        sources: str | dict[str, Any] | list[str | dict[str, Any]],
        rate: int = 8000,
        frames: int = 64,
        validation: int = 8,
    ) -> None:
        if frames < 1 or validation < 0:
            raise RecipeError(f"data.frames: {frames}, data.validation: {validation}; from 1 and from 0 on")
        chosen = choose_source(
            sources if isinstance(sources, list) else [sources], partial(open_source, domains=domains)
        )
        found = chosen.opened
        self.source, self.passed_over, self.notes = chosen.name, chosen.passed_over, list(found.notes)
        self.frames, self.truth, self.rate = frames, found.truth, rate
        self.codecs = Pair(SpectrogramCodec(rate), SpectrogramCodec(rate))
        self.listed, self.test = found.train, found.test
        self.aside = validation
        if min(self.sizes) < 1:
            raise RecipeError(f"data.validation: {validation} recordings are set aside, and none is left to train on")
        self.description = (
            f"{found.words}: {domains.a} {self.sizes.a}, {domains.b} {self.sizes.b}; "
            f"held out {len(self.test.a.names)} and {len(self.test.b.names)}; {rate:,} Hz"
        )
        self._rows: dict[tuple[str, int], Batch] = {}

    @property
    def sizes(self) -> Pair[int]:
        """How many training recordings each domain has."""
        return self.listed.map(lambda recordings: len(recordings.names) - self.aside)

    @property
    def lengths(self) -> None:
        """Excerpts are all about as long."""
        return None

    def training_pair(self, index_a: int, index_b: int, seed: int) -> Pair[Batch]:
        """An excerpt of one recording of each domain, (1, frames, BINS)."""
        random = Random(seed)
        return Pair(self._excerpt("a", index_a, random), self._excerpt("b", index_b, random))

    def held_out(self, domain: str) -> Sequence[HeldOut]:
        """The held-out recordings of "a" or "b", whole, with the truth where it is known."""
        own, other = self.test if domain == "a" else self.test.swapped
        truth = other if self.truth else None
        return [
            HeldOut(name, self._row(own, index), None if truth is None else self._row(truth, index))
            for index, name in enumerate(own.names)
        ]

    def validation(self, domain: str) -> Sequence[HeldOut]:
        """The recordings set aside to choose checkpoints by."""
        listed: Recordings = getattr(self.listed, domain)
        first = len(listed.names) - self.aside
        return [HeldOut(listed.names[place], self._row(listed, place)) for place in range(first, len(listed.names))]

    def baselines(self, target: str, items: Sequence[HeldOut]) -> Mapping[str, Batch]:
        """None beside copying, which is measured for every modality."""
        return {}

    def _excerpt(self, domain: str, index: int, random: Random) -> Batch:
        if (domain, index) not in self._rows:  # a spectrogram is made once, and cut anew each time
            self._rows[domain, index] = self._row(getattr(self.listed, domain), index)
        row = self._rows[domain, index]
        start = random.randrange(max(1, row.data.shape[1] - self.frames + 1))
        return row.map(lambda tensor: tensor[:, start : start + self.frames])

    def _row(self, listed: Recordings, index: int) -> Batch:
        return self.codecs.a.encode([listed.open(index, self.rate)])
