"""Whether two texts are translations of each other line by line, as far as lengths tell."""

from __future__ import annotations

import numpy as np

from cyclekit.core.batch import Pair

FEWEST_LINES = 30
"""With fewer, the correlation of lengths says nothing."""


def is_parallel(lines: Pair[list[str]]) -> bool:
    """Whether line k of one file translates line k of the other, as far as lengths tell.

    Translations are about as long as what they translate, in any language (Gale and Church 1993): files of equally many
    lines (at least 30) are taken as parallel if the lengths of their lines correlate at 0.5 or more. (Files that are
    each sorted by length would deceive it: say `parallel` then.)
    """
    if len(lines.a) != len(lines.b) or len(lines.a) < FEWEST_LINES:
        return False
    lengths = lines.map(lambda side: np.array([len(line) for line in side], float))
    if lengths.a.std() == 0 or lengths.b.std() == 0:
        return False
    return bool(np.corrcoef(lengths.a, lengths.b)[0, 1] >= 0.5)
