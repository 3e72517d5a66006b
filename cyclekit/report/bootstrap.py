"""The report's lines on a bootstrap: what the first translations were made of, with examples."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from cyclekit.report.run_folder import RunFiles
from cyclekit.report.words import finite, section, table


def first_translations(files: RunFiles) -> str:
    """What the log tells of it, folded; nothing where no stage began so, or it cannot be told."""
    found = files.records("bootstrap")
    if not found:
        return ""
    record, names = found[-1], section(found[-1], "domains")
    sides = "".join(_pairs(names, target, pairs) for target, pairs in section(record, "pairs").items())
    return (
        f"<details><summary>What the first translations were made of: {escape(str(record.get('name')))}</summary>"
        f"{table(section(record, 'facts'))}{sides}</details>"
    )


def _pairs(names: dict[str, Any], target: str, pairs: Any) -> str:
    """Words of one domain, the other's words for them, and how surely."""
    heads = "".join(
        f'<th scope="col">{escape(str(word))}</th>'
        for word in (names.get("a" if target == "b" else "b", ""), names.get(target, target), "share")
    )
    return (
        f'<div class="sentences"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(_rows(pairs))}</tbody></table>'
        "</div>"
    )


def _rows(pairs: Any) -> Iterator[str]:
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, list) and len(pair) == 3:
            share = finite(pair[2])
            cells = (str(pair[0]), str(pair[1]), "" if share is None else f"{100 * share:.0f} %")
            yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
