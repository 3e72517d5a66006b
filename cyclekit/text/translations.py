"""`bootstrap: translations`: the first translator knows the answers, which makes the same step a supervised one.

The fake of a sentence is its translation in the data, so the cycle's way back is a network that learns from pairs:
the ceiling of what the same network reaches without them.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from cyclekit.core.batch import Batch, concat
from cyclekit.registry import register


@register("bootstrap", "translations")
class Translations:
    """Gives each training sentence its translation. Of a sentence that occurs several times, always the first one."""

    def __init__(self, data: Any) -> None:
        """Take the training pairs.

        Args:
            data: the text data part, with pairs (`data.aligned`).

        Raises:
            ValueError: the data has no pairs.
        """
        if not data.aligned:
            raise ValueError("there are no pairs to learn from; set data.aligned=true, with parallel data")
        self._known: dict[tuple[str, bytes], Batch] = {}
        for index in range(data.sizes.a):
            pair = data.training_pair(index, index, 0)
            for domain, own, other in (("a", pair.a, pair.b), ("b", pair.b, pair.a)):
                self._known.setdefault((domain, own.data.numpy().tobytes()), other)

    def __call__(self, real: Batch, domain: str, generator: nn.Module) -> Batch:
        """Training rows (B, S) of `domain` to their translations (B, T)."""
        rows = real.to("cpu").rows()
        return concat([self._known[domain, row.data.numpy().tobytes()] for row in rows]).to(real.data.device)
