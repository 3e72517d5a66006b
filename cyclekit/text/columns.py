"""Which column of a table holds which sentences: named in `data.columns`, or known by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, did_you_mean
from cyclekit.text.tables import LABEL_NAMES, TEXT_NAMES, Table

Columns = Mapping[str, Any]
"""`text`, `label`, `a`, `b`; see `check_columns`."""

NONE: Columns = {}
"""Columns that are not named: they are known by their names, or refused."""

MOST_SHOWN = 8


class Split(NamedTuple):
    """The sentences of both domains in one table."""

    sentences: Pair[list[str]]
    words: str
    beside: bool
    """Whether row k of both domains is row k of the table: the domains are columns without empty cells."""
    blank: int


def check_columns(columns: Columns | None) -> Columns:
    """`data.columns`: `{a: COLUMN, b: COLUMN}` for two columns of sentences; `{text: COLUMN, label: COLUMN}` for one
    beside labels, with `a` and `b` for the labels of the domains (a list for several); `{text: COLUMN}` where each
    domain has its own table. A column is a name; or its number from 1, in a table without a header.

    Raises:
        RecipeError: other keys, or no columns and labels.
    """
    if not columns:
        return {}
    shown = "write {text: COLUMN, label: COLUMN}, {a: COLUMN, b: COLUMN}, or {text: COLUMN} for one table a domain"
    if not isinstance(columns, Mapping):
        raise RecipeError(f"data.columns: {columns} names no columns; {shown}")
    keys = set(columns)
    for key in columns:
        if key not in ("text", "label", "a", "b"):
            raise RecipeError(f"data.columns: there is no '{key}'{did_you_mean(str(key), ['text', 'label'])}; {shown}")
    if ("a" in keys) != ("b" in keys):
        raise RecipeError(f"data.columns: says what one domain is, and not the other; {shown}")
    if "text" in keys and "a" in keys and "label" not in keys:
        raise RecipeError(f"data.columns: text and a and b want a label column too; {shown}")
    places = [columns[key] for key in (keys if "label" not in keys else keys & {"text", "label"})]
    kinds = {isinstance(place, int) and not isinstance(place, bool) for place in places}
    if not all(isinstance(place, str | int) for place in places) or len(kinds) > 1 or True in map(_below_one, places):
        raise RecipeError("data.columns: columns are all named, or all numbered from 1 (then there is no header)")
    return columns


def has_header(columns: Columns) -> bool:
    """Whether columns are named, not numbered."""
    place = columns.get("label", columns.get("text", columns.get("a")))
    return not isinstance(place, int)


def both_domains(table: Table, domains: Pair[str], columns: Columns) -> Split:
    """The sentences of both domains in one table.

    Raises:
        RecipeError: no such columns, none that are known by their names, or a domain without sentences.
    """
    if "label" in columns:
        label = _column(table, columns["label"])
        return _labelled(table, _text_column(table, columns, label), label, domains, columns)
    if "a" in columns:
        return _beside(table, Pair(_column(table, columns["a"]), _column(table, columns["b"])))
    by_name = {name.lower(): name for name in table.text}
    names = domains.map(lambda domain: by_name.get(domain.lower()))
    if names.a and names.b:
        return _beside(table, Pair(names.a, names.b))
    labels = list(table.classes) or [name for name in table.cells if name.lower() in LABEL_NAMES]
    if len(labels) == 1:
        text = _text_column(table, columns, labels[0], may_be_missing=True)
        if text is not None:
            return _labelled(table, text, labels[0], domains, columns)
    raise RecipeError(
        f"data.sources: {table.words} has the columns {_shown(table.cells)}; two domains are text columns {domains.a} "
        f"and {domains.b}, or one text column beside one label of two classes; say which: "
        "set data.columns='{text: COLUMN, label: COLUMN}' or '{a: COLUMN, b: COLUMN}', by numbers from 1 if the "
        "first row is no header"
    )


def one_domain(table: Table, domain: str, columns: Columns) -> tuple[list[str], str]:
    """The sentences of a table of one domain, row by row, an empty string for an empty cell; and the column's name.

    Raises:
        RecipeError: no such column, several that may be meant, or rows of several labels.
    """
    if "label" in columns or "a" in columns:
        raise RecipeError(
            f"data.columns: {table.words} is the table of one domain; write data.columns={{text: COLUMN}}, or give one "
            "table for both domains"
        )
    name = _text_column(table, columns, None, may_be_missing=True, domain=domain)
    if name is None:
        raise RecipeError(
            f"data.sources: {table.words} has the columns {_shown(table.cells)}; say which holds the sentences: "
            "set data.columns='{text: COLUMN}', by its number from 1 if the first row is no header"
        )
    if "text" not in columns:
        _refuse_labels(table, name, domain)
    return _texts(table, name), name


def _refuse_labels(table: Table, text: str, domain: str) -> None:
    """A table with rows of several labels is hardly of one domain."""
    for name in table.cells:
        if name == text or (name not in table.classes and name.lower() not in LABEL_NAMES):
            continue
        found = sorted({_label(cell, table.classes.get(name)) for cell in table.cells[name]()})
        if len(found) > 1:
            raise RecipeError(
                f"data.sources: {table.words} has rows of {name} {_shown(found)}, and all would be {domain}; give it "
                f"alone if it is of both domains, or set data.columns='{{text: {text}}}' if the {name} does not matter"
            )


def _text_column(
    table: Table, columns: Columns, label: str | None, *, may_be_missing: bool = False, domain: str | None = None
) -> Any:
    if "text" in columns:
        return _column(table, columns["text"])
    others = [name for name in table.text if name != label]
    if len(others) == 1:
        return others[0]
    wanted = (*TEXT_NAMES, *([domain.lower()] if domain else []))
    known = [name for name in others if name.lower() in wanted]
    found = [name for name in others if name.lower() == wanted[-1]] if domain else []
    if known:
        return (found or sorted(known, key=lambda name: wanted.index(name.lower())))[0]
    if may_be_missing:
        return None
    raise RecipeError(
        f"data.columns: {table.words} has the columns {_shown(table.cells)}; say which holds the sentences: "
        "data.columns={text: COLUMN, label: COLUMN}"
    )


def _column(table: Table, wanted: Any) -> str:
    name = str(wanted)
    if name in table.cells:
        return name
    same = [known for known in table.cells if known.lower() == name.lower()]
    if len(same) == 1:
        return same[0]
    raise RecipeError(
        f"data.columns: {table.words} has no column '{name}'{did_you_mean(name, list(table.cells))}; "
        f"it has {_shown(table.cells)}"
    )


def _beside(table: Table, names: Pair[str]) -> Split:
    if names.a == names.b:
        raise RecipeError(f"data.columns: column '{names.a}' cannot be both domains; name two columns")
    cells = names.map(lambda name: _texts(table, name))
    blank = sum(not cell for side in cells for cell in side)
    return Split(cells.map(lambda side: _filled(side, table)), f"columns {names.a}, {names.b}", blank == 0, blank)


def _labelled(table: Table, text: str, label: str, domains: Pair[str], columns: Columns) -> Split:
    if text == label:
        raise RecipeError(f"data.columns: column '{text}' cannot be both text and label; name two columns")
    classes = table.classes.get(label)
    labels = [_label(cell, classes) for cell in table.cells[label]()]
    texts = _texts(table, text)
    wanted = _wanted(table, label, labels, domains, columns)
    cells = wanted.map(lambda ones: [cell for one, cell in zip(labels, texts) if one in ones])
    kept = cells.map(lambda side: _filled(side, table))
    # A label that is the domain's own name needs no word; of all others it is said whose they are.
    said = [
        ones[0] if {one.lower() for one in ones} == {domain.lower()} else f"{' and '.join(ones)} for {domain}"
        for ones, domain in zip(wanted, domains)
    ]
    words = f"column {text} by {label}: {', '.join(said)}"
    others = Counter(one for one in labels if one not in wanted.a and one not in wanted.b)
    if others:
        listed = ", ".join(f"{count:,} of {one or 'no label'}" for one, count in others.most_common(3))
        words += f" (left out: {listed}{', ...' if len(others) > 3 else ''})"
    return Split(kept, words, False, sum(map(len, cells)) - sum(map(len, kept)))


def _wanted(table: Table, label: str, labels: Sequence[str], domains: Pair[str], columns: Columns) -> Pair[list[str]]:
    """The labels of each domain."""
    there = list(dict.fromkeys(labels))
    if "a" in columns:
        given = Pair(*(columns[side] if isinstance(columns[side], list) else [columns[side]] for side in "ab"))
        wanted = given.map(lambda ones: [_label(one, table.classes.get(label)) for one in ones])
        for one in (*wanted.a, *wanted.b):
            if one not in there:
                raise RecipeError(
                    f"data.columns: {table.words}: no row has the {label} '{one}'; it has {_shown(there)}"
                )
        if set(wanted.a) & set(wanted.b):
            raise RecipeError(f"data.columns: both domains have the {label} '{min(set(wanted.a) & set(wanted.b))}'")
        return wanted
    names = table.classes.get(label, there)
    found = domains.map(lambda domain: [name for name in names if name.lower() == domain.lower()])
    if found.a and found.b:
        return found
    in_order = list(names) if label in table.classes else sorted(filter(None, there))
    if len(in_order) == 2 and (label in table.classes or in_order == ["0", "1"]):
        return Pair([in_order[0]], [in_order[1]])
    raise RecipeError(
        f"data.sources: {table.words} has the classes {_shown(in_order)}; name the domains after two of them (they are "
        f"{domains.a} and {domains.b}), or say whose they are: set data.columns='{{label: {label}, a: "
        f"{in_order[0] if in_order else 'X'}, b: {in_order[-1] if in_order else 'Y'}}}'"
    )


def _label(cell: Any, classes: Sequence[str] | None) -> str:
    """A label as text: class numbers by their names, 1.0 as 1."""
    if classes is not None and isinstance(cell, int) and 0 <= cell < len(classes):
        return classes[cell]
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def _texts(table: Table, name: str) -> list[str]:
    """A column's cells with single spaces, empty where there is nothing."""
    if name not in table.text:
        raise RecipeError(f"data.columns: {table.words}: column '{name}' holds no text; these do: {_shown(table.text)}")
    return [" ".join((cell or "").split()) for cell in table.cells[name]()]


def _filled(cells: list[str], table: Table) -> list[str]:
    kept = [cell for cell in cells if cell]
    if not kept:
        raise RecipeError(f"data.sources: {table.words} holds no sentences for one domain")
    return kept


def _shown(names: Any) -> str:
    listed = [str(name) if str(name) else "(empty)" for name in names]
    cut = [name if len(name) <= 30 else name[:29] + "…" for name in listed[:MOST_SHOWN]]
    return ", ".join(cut) + (f" and {len(listed) - MOST_SHOWN} more" if len(listed) > MOST_SHOWN else "") or "none"


def _below_one(place: Any) -> bool:
    return isinstance(place, int) and place < 1
