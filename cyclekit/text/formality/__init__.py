"""`builtin:formality`: everyday sentences written on the spot from a seed, formally or informally.

A Meaning is an intent with its content words (names, things, places, times); its realisations in one style are the
accepted rewrites of those in the other, so a rewritten sentence can be scored against many true ones.
Read in this order: `intents` (what is said: one folder of tables), `points` (style words and clauses they share),
`lexicon` (content words), `grammar` (how frames are written and realised), `references` (which rewrites are shown),
`builtin` (the splits). A new intent is two lines a frame in one of the tables of `intents`.
"""

from __future__ import annotations

from .builtin import formality, grammar
from .grammar import STYLES, Frame, Grammar, Meaning, Style, at_random, content, realise
from .references import references

__all__ = [
    "STYLES",
    "Frame",
    "Grammar",
    "Meaning",
    "Style",
    "at_random",
    "content",
    "formality",
    "grammar",
    "realise",
    "references",
]
