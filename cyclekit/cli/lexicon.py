"""`cyclekit lexicon`: a bilingual dictionary out of two texts that are no translations of each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer

if TYPE_CHECKING:
    from cyclekit.text.lexicon.induction import WordDirection

SHOWN = 20
"""Pairs of words a direction that are printed."""


def lexicon(
    a: Annotated[str, typer.Argument(metavar="A", help="Sentences of one language: a file, a folder or a glob.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Sentences of the other; none needs to translate one of A.")],
    dictionary: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Pairs to begin with: FreeDict's .dict.dz, Ding's, or two words a line."),
    ] = None,
    gold: Annotated[
        str | None, typer.Option(metavar="FILE", help="A dictionary to measure by (precision@1); nothing learns of it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to make: tables of words, vectors in one space. Default: A-B.")
    ] = None,
    words: Annotated[int, typer.Option(help="The most words of a language, of those that occur twice.")] = 5000,
    window: Annotated[int, typer.Option(help="How many words away a word's neighbours may be.")] = 10,
    dimensions: Annotated[int, typer.Option(help="Of the word vectors.")] = 200,
    spelling: Annotated[
        float, typer.Option(help="How much less words cost that are written alike; 0.5 for related languages.")
    ] = 0.0,
) -> None:
    """Make a bilingual dictionary of two texts that are no translations of each other.

    Begins with words that both languages write alike, or nearly. Writes a table of words for each direction
    (A-B.tsv: word, translation, share), both languages' vectors in one space (.vec, as word2vec and MUSE write them),
    and lexicon.json.
    """
    from cyclekit.core.batch import Pair
    from cyclekit.files.new_folder import refuse_taken
    from cyclekit.terminal.screen import progress_bar
    from cyclekit.text.lexicon.dictionaries import read_dictionary
    from cyclekit.text.lexicon.induction import induce
    from cyclekit.text.lexicon.saving import save_lexicon

    texts: Pair[Sequence[str]] = Pair(_sentences(a), _sentences(b))
    names = _names(a, b)
    out = Path(f"{names.a}-{names.b}") if out is None else out
    refuse_taken(out)
    if texts.a == texts.b:
        raise RecipeError(f"{a} and {b} hold the same sentences; give a text of each language")
    try:
        right = None if gold is None else read_dictionary(gold)
        with progress_bar("learning which words are which") as told:
            made = induce(
                texts,
                dictionary=dictionary or [],
                words=words,
                window=window,
                dimensions=dimensions,
                spelling=spelling,
                told=told,
            )
    except ValueError as error:
        raise RecipeError(f"lexicon: {error}") from error
    measured: dict[str, Any] = {}
    for direction, source, target in ((made.directions.b, *names), (made.directions.a, *names.swapped)):
        note = ""
        if right is not None:
            share, asked = direction.precision(right)
            measured[f"{source} -> {target}"] = {"precision@1 (%)": round(share, 1) if asked else None, "words": asked}
            note = f"precision@1 {share:.1f} % of {asked:,} words" if asked else f"no word of it is in {gold}"
        _print_pairs(source, target, direction, note)
    facts = made.facts
    seeds = ", ".join(f"{name} {count:,}" for name, count in facts["seeds"].items())
    covered = ", ".join(f"{name} {share:.1f}" for name, share in zip(names, facts["running words covered (%)"]))
    answer(f"begun with: {seeds}; running words covered (%): {covered}")
    save_lexicon(made, out, names, {"gold": gold, "precision": measured} if measured else {})
    answer(out)


def _sentences(path: str) -> list[str]:
    from cyclekit.core.data import SourceMissing
    from cyclekit.text.lines import matching, read_text_file, sentences_in

    try:
        found, _ = sentences_in([read_text_file(file) for file in matching(path)])
    except SourceMissing as missing:
        raise RecipeError(f"{path}: {missing}") from missing
    return found


def _names(a: str, b: str) -> Any:
    """What the languages are called: the files' names without what both share; a and b where that leaves nothing."""
    from cyclekit.core.batch import Pair

    stems = [Path(path).name.split(".") for path in (a, b)]
    own = [".".join(part for part in stem if part not in other) for stem, other in zip(stems, reversed(stems))]
    fit = all(name and name.isprintable() and not set(name) & set("*?[]/\\") for name in own)
    return Pair(*own) if fit and own[0] != own[1] else Pair("a", "b")


def _print_pairs(source: str, target: str, direction: WordDirection, note: str) -> None:
    from rich.table import Table

    from cyclekit.terminal.screen import table_screen

    table = Table(title=f"{source} -> {target}{note and ': '}{note}", title_justify="left")
    for heading in (source, target, "share"):
        table.add_column(heading, justify="right" if heading == "share" else "left")
    for word, found, share in direction.pairs(SHOWN):
        table.add_row(word, found, f"{100 * share:.0f} %")
    table_screen().print(table)
