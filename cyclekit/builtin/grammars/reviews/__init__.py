"""`builtin:reviews`: reviews written on the spot from a seed, complaining or praising.

A Meaning is a topic with its content words (dishes, names, places, prices); its realisations in praise are the
accepted rewrites of those in complaint: opposite statements about the same things. Where the words that both lines of a
frame share stand, a rewrite is known; what differs between them is the judgement, and it is spread over the sentence.
Read in this order: `topics` (what is said: one folder of tables), `points` (judgements and clauses they share),
`lexicon` (content words), `builtin` (the data set); how frames are written and become sentences is told in
`cyclekit.builtin.grammars`. A new topic is two lines a frame in one of the tables of `topics`.
"""

from __future__ import annotations

from .builtin import ReviewGrammar, grammar, reviews

__all__ = ["ReviewGrammar", "grammar", "reviews"]
