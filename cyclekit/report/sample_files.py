"""The samples that a run's log names, read as sheets: cells with an index, or as older runs have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.report.older_sheets import Domains, pasted, tabular
from cyclekit.report.run_folder import RunFiles
from cyclekit.report.sheets import inside, odd_file
from cyclekit.report.words import section
from cyclekit.sheets.cells import INDEX, Column, Sheet, load_cells

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}
TABLES = {".tsv"}


class LoggedSheet(NamedTuple):
    """A sheet in a run's log."""

    step: int
    file: str
    """The whole sheet, for people, in the run folder."""
    cells: str | None
    """The folder with its cells; None where an older run has none."""

    @property
    def readable(self) -> bool:
        """Whether it can be shown; something of another kind is linked."""
        return self.cells is not None or Path(self.file).suffix.lower() in PICTURES | TABLES

    def place(self, folder: Path) -> Path:
        """What to read of it.

        Raises:
            ValueError: it lies outside the run folder.
        """
        path = inside(folder, self.file if self.cells is None else f"{self.cells}/{INDEX}")
        if path is None:
            raise ValueError("it lies outside the run folder")
        return path


def samples_of(files: RunFiles) -> list[LoggedSheet]:
    """Those of a run, one for each step, in their order."""
    by_step = {
        record["step"]: LoggedSheet(record["step"], str(record["file"]), _text(record.get("cells")))
        for record in files.records("sample")
        if record.get("file")
    }
    return list(by_step.values())


def domains_of(files: RunFiles) -> Domains:
    """The display names of a run's domains."""
    return tuple(sorted((str(domain), str(name)) for domain, name in section(files.recipe, "domains").items()))


def read_sheet(place: Path, domains: Domains) -> Sheet | None:
    """The sheet that lies at a `Sample.place`; None for an older picture that cannot be taken apart.

    Raises:
        ValueError: it cannot be read.
    """
    if place.exists() and not place.is_file():
        raise ValueError(f"{place.name} is no file")  # but a pipe, say, for which one would wait for ever
    with odd_file():
        if place.name == INDEX:
            return load_cells(place.parent)
        return tabular(place, domains) if place.suffix.lower() in TABLES else pasted(place, domains)


def has_pictures(columns: list[Column]) -> bool:
    """Whether all cells of some columns are pictures, and each column has some."""
    return all(column.cells and all(cell.picture is not None for cell in column.cells) for column in columns)


def has_words(columns: list[Column]) -> bool:
    """Whether a direction's cells are words."""
    return any(cell.words is not None for column in columns for cell in column.cells)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
