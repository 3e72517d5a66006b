"""`builtin:formality`: everyday sentences written on the spot from a seed, formally or informally.

A Meaning is an intent with its content words (names, things, places, times); its realisations in one style are the
accepted rewrites of those in the other, so a rewritten sentence can be scored against many true ones.
Read in this order: `intents` (what is said: one folder of tables), `points` (style words and clauses they share),
`lexicon` (content words), `builtin` (the data set); how frames are written and become sentences is told in
`cyclekit.builtin.grammars`. A new intent is two lines a frame in one of the tables of `intents`.
"""

from __future__ import annotations

from .builtin import FormalityGrammar, formality, grammar

__all__ = ["FormalityGrammar", "formality", "grammar"]
