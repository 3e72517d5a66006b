"""A whole set of pictures looked over: in numbers, in findings, and on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cyclekit.core.curation import Audited, Finding, Told
from cyclekit.image.curation.audit import PictureCounts, counts, findings, notes_of
from cyclekit.image.curation.audit_sheet import write_audit_sheet
from cyclekit.image.curation.grouping import groups_of
from cyclekit.image.curation.looking import look_at
from cyclekit.registry import RecipeError, argument


def audit(places: Sequence[Path], progress: Told, *, sheet: Path | None = None) -> Audited:
    """Look at every picture of one data set, or of several folders, for `Modality.audit`.

    Args:
        sheet: a .png to write: some pictures nobody chose, and the suspects.

    Raises:
        RecipeError: training would refuse the set, or the sheet is called otherwise.
    """
    if sheet is not None and sheet.suffix.lower() != ".png":
        raise RecipeError(f"{argument('sheet', sheet)}: write a name that ends in .png")
    grouped = groups_of(places)
    looks = look_at(grouped.groups, grouped.paired, progress)
    table, found, notes = counts(looks), findings(looks), grouped.notes + notes_of(looks)
    if sheet is not None:
        title = f"{', '.join(map(str, places))}: {len(looks.seen):,} pictures"
        write_audit_sheet(looks, found, title, sheet)
    told = {
        "folders": [str(folder) for folder in places],
        "layout": grouped.words,
        "notes": notes,
        "groups": [one._asdict() for one in table],
        "findings": [{"what": one.what, "pictures": one.pictures, "names": one.names} for one in found],
        "sheet": None if sheet is None else str(sheet),
    }
    return Audited(
        grouped.words,
        ("pictures", "unreadable", "smallest", "median", "largest", "sizes", "modes"),
        [_row(one) for one in table],
        notes,
        [Finding(one.what, one.pictures, one.names) for one in found],
        told,
    )


def _row(one: PictureCounts) -> tuple[str, ...]:
    sizes = ("" if size is None else f"{size[0]}x{size[1]}" for size in (one.smallest, one.median, one.largest))
    modes = ", ".join(f"{mode} {count:,}" for mode, count in one.modes.items())
    return (one.group, f"{one.pictures:,}", f"{one.unreadable:,}", *sizes, f"{one.sizes:,}", modes)
