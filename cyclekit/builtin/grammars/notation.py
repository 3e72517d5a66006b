"""How a line of a grammar is written, and how it is cut into its pieces.

{list}     a content word: part of the meaning, kept letter by letter in both lines; `{list.2}` is another one
@name      a clause, itself a frame of two lines: part of the meaning; `(@name)` is there a third of the time
<name>     a style point that many frames share; each line takes its own side's alternatives
[x|y|z]    alternatives of this line alone, equally likely; may hold all of the above, or nothing
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SLOT = re.compile(r"\{[\w.]+\}|\(@\w+\)|@\w+")
_TOKEN = re.compile(r"\{[\w.]+\}|\(@\w+\)|@\w+|<\w+>")


def pieces(text: str) -> Iterator[str]:
    """Cut a line at its slots, style points and (outermost) brackets."""
    start = at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        end = _closing(text, at) if text[at] == "[" else found.end() if found else at
        if end == at:
            at += 1
            continue
        if start < at:
            yield text[start:at]
        yield text[at:end]
        start = at = end
    if start < len(text):
        yield text[start:]


def alternatives(text: str) -> list[str]:
    """Split at the bars that stand in no inner bracket."""
    parts, depth, start = [], 0, 0
    for here, sign in enumerate(text):
        depth += {"[": 1, "]": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            parts.append(text[start:here])
            start = here + 1
    return [*parts, text[start:]]


def words(text: str) -> tuple[str, ...]:
    """A list of content words as tables write it: separated by commas, over as many lines as it takes."""
    return tuple(" ".join(word.split()) for word in text.split(","))


def _closing(text: str, at: int) -> int:
    """Just behind the bracket that closes the one at `at`."""
    depth = 0
    for here in range(at, len(text)):
        depth += {"[": 1, "]": -1}.get(text[here], 0)
        if depth == 0:
            return here + 1
    raise ValueError(f"a bracket is not closed in: {text}")
