"""Which of a beam's candidates to take, as `cyclekit.text.reranking` chooses: the one that all networks like best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cyclekit.exported.decoding import Hypothesis, length_penalty
from cyclekit.text.pieces import PAD

TOGETHER = 64
"""Candidates that are scored at once."""


class Channel(NamedTuple):
    """A noisy channel's networks, and what they weigh."""

    back: Any
    """Gives log p(source | candidate)."""
    wanted: Any
    """The discriminators of the domain that is made."""
    unwanted: Any
    """Those of the other."""
    weights: Mapping[str, float]

    def ordered(self, sources: Sequence[np.ndarray], found: Sequence[Sequence[Hypothesis]]) -> list[list[Hypothesis]]:
        """The candidates of each source (T,), the best first."""
        of = [place for place, candidates in enumerate(found) for _ in candidates]
        every = [candidate for candidates in found for candidate in candidates]
        total = np.array([candidate.score * length_penalty(len(candidate.ids)) for candidate in every])
        order = sorted(range(len(every)), key=lambda place: len(every[place].ids))
        believed = np.float32(self.weights["believed"])
        for start in range(0, len(order), TOGETHER):
            places = order[start : start + TOGETHER]
            made, real = padded_rows([every[place].ids for place in places])
            asked, shown = padded_rows([sources[of[place]] for place in places])
            back = self.back.run(None, {"ids": made, "mask": real, "words": asked, "real": shown})[0]
            judged = {"ids": made, "mask": real}
            wanted = np.minimum(self.wanted.run(None, judged)[0], believed)
            unwanted = np.maximum(self.unwanted.run(None, judged)[0], believed)
            total[places] += self.weights["way_back"] * back + self.weights["verdict"] * (wanted - unwanted)
        ranked, first = [], 0
        for candidates in found:
            scores = total[first : first + len(candidates)]
            ranked.append([candidates[place] for place in np.argsort(-scores, kind="stable")])
            first += len(candidates)
        return ranked


SHORTEST = 3
"""Tokens that the files take at least; what is shorter is padded."""


def padded_rows(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (T,) of any length as ids (B, T), no shorter than files take them, and their mask."""
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(max(SHORTEST, int(lengths.max()))) < lengths[:, None]
    ids = np.full(mask.shape, PAD)
    ids[mask] = np.concatenate(rows)
    return ids, mask
