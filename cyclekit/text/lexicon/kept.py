"""The lexicons of a data part, each made once: training begins with one, and results stand beside one."""

from __future__ import annotations

import inspect
from typing import Any
from weakref import WeakKeyDictionary

from cyclekit.text.lexicon.induction import Lexicon, induce

OPTIONS = inspect.signature(induce)

# A lexicon lives as long as its data part, so that runs in one process never share one.
_kept: WeakKeyDictionary[Any, dict[tuple[Any, ...], Lexicon]] = WeakKeyDictionary()


def lexicon_of(data: Any, **options: Any) -> Lexicon:
    """The lexicon of the data's training sentences, made at its first use.

    Args:
        data: the text data part; only `train` is looked at.
        options: see `induction.induce`.

    Raises:
        ValueError: as `induce`.
    """
    call = OPTIONS.bind(data.train, **options)
    call.apply_defaults()
    chosen = {name: value for name, value in call.arguments.items() if name not in ("train", "told")}
    key = tuple(tuple(value) if isinstance(value, list) else value for value in chosen.values())
    kept = _kept.setdefault(data, {})
    if key not in kept:
        kept[key] = induce(data.train, **options)
    return kept[key]
