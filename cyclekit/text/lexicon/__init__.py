"""Bilingual lexicons out of two monolingual texts, and translation word by word with them.

Read in this order: `words` (sentences as words), `vectors`, `alignment` (one space, one plan), `decoding` (sentences),
`induction` (all of it, in turns), `dictionaries` (files of pairs), `bootstrap` (what training begins with).
"""

from cyclekit.text.lexicon.bootstrap import LexiconBootstrap
from cyclekit.text.lexicon.induction import Lexicon, induce

__all__ = ["Lexicon", "LexiconBootstrap", "induce"]
