"""A lexicon as files for other tools: tables of words, and vectors in one space as word2vec and MUSE write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.files.new_folder import new_folder
from cyclekit.text.lexicon.alignment import Floats
from cyclekit.text.lexicon.induction import Lexicon, WordDirection

BEST = 5
"""Translations of a word that are written."""


def save_lexicon(lexicon: Lexicon, out: Path, names: Pair[str], told: Mapping[str, Any]) -> None:
    """Write a new folder: `A-B.tsv`, `B-A.tsv` (word, translation, share), `A.vec`, `B.vec` and `lexicon.json`.

    Args:
        names: of the languages, as files shall be called.
        told: what else lexicon.json shall hold, beside the lexicon's facts.

    Raises:
        RecipeError: the folder is there and holds something.
        OSError: it cannot be written.
    """
    with new_folder(out) as folder:
        for direction, source, target in (
            (lexicon.directions.b, names.a, names.b),
            (lexicon.directions.a, names.b, names.a),
        ):
            (folder / f"{source}-{target}.tsv").write_text("".join(_lines(direction)), encoding="utf-8")
        for name, vectors, direction in zip(names, lexicon.vectors, lexicon.directions.swapped):
            (folder / f"{name}.vec").write_text(_word2vec(direction.source.words, vectors), encoding="utf-8")
        facts = {"languages": list(names), **lexicon.facts, **told}
        (folder / "lexicon.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _lines(direction: WordDirection) -> list[str]:
    lines = []
    for word, places, shares in zip(direction.source.words, direction.candidates, direction.shares):
        for place, share in list(zip(places, shares))[:BEST]:
            lines.append(f"{word}\t{direction.target.words[place]}\t{share:.4f}\n")
    return lines


def _word2vec(words: list[str], vectors: Floats) -> str:
    rows = (f"{word} {' '.join(f'{value:.5f}' for value in row)}\n" for word, row in zip(words, vectors))
    return f"{len(words)} {vectors.shape[1]}\n{''.join(rows)}"
