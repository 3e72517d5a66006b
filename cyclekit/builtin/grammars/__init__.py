"""Sentences written on the spot from a seed, in two styles, with every accepted rewrite known.

What `builtin:formality` and `builtin:reviews` share; each brings its own tables, and a Grammar made of them.
Read in this order: `notation` (how lines are written), `frames` (frames, meanings, and how they become sentences),
`grammar` (meanings drawn from tables), `references` (which rewrites are shown), `writer` (the splits of a data set).
"""

from __future__ import annotations

from .frames import Frame, Meaning, Pick, at_random, content
from .grammar import Grammar
from .references import Balanced
from .writer import Writer, text_set

__all__ = [
    "Balanced",
    "Frame",
    "Grammar",
    "Meaning",
    "Pick",
    "Writer",
    "at_random",
    "content",
    "text_set",
]
