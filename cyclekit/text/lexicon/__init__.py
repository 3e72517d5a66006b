"""Bilingual lexicons out of two monolingual texts, and translation word by word with them.

Read in this order: `words` (sentences as words), `vectors`, `alignment` (one space, one plan), `decoding` (sentences),
`induction` (all of it, in turns), `dictionaries` (files of pairs), `bootstrap` and `embeddings` (what training begins
with), `kept` (each is made once), `saving`.
"""

from cyclekit.text.lexicon.bootstrap import LexiconBootstrap
from cyclekit.text.lexicon.induction import Lexicon, induce

__all__ = ["Lexicon", "LexiconBootstrap", "induce"]
