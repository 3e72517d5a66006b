"""The page of a run: everything in its folder, told in one self-contained `report.html`.

`write_report` reads the run folder's files (`run_folder.py`; never the run itself, so it works on a finished run, a
crashed one, and one that trains right now) and fills `page.html` with sections: `sections.py`, `metrics.py` and
`curves.py`. A section that has nothing to show says so. Text that comes from files is escaped where it enters HTML.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from cyclekit.report.bootstrap import first_translations
from cyclekit.report.curves import curve_charts
from cyclekit.report.metrics import metric_tables
from cyclekit.report.page import filled, write_page
from cyclekit.report.run_folder import RunFiles, read_run, state_of, state_words
from cyclekit.report.samples import samples
from cyclekit.report.sections import REFRESH_SECONDS, events, footer, headline, title_of
from cyclekit.report.settings import settings
from cyclekit.report.words import empty, table


def write_report(run_folder: Path) -> Path:
    """Write `report.html` into a run folder, whole or not at all, and return its path.

    Raises:
        RecipeError: the folder is no run, or the page cannot be written into it.
    """
    run_folder = Path(run_folder)
    return write_page(run_folder / "report.html", render(read_run(run_folder)))


def render(files: RunFiles) -> str:
    """The whole page."""
    state = state_of(files)
    title = title_of(files)
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if state.name in ("running", "waiting") else ""
    return filled(
        "page.html",
        refresh=refresh,
        page_title=escape(f"{title}: {state_words(state)}"),
        complaints="".join(f'<p class="complaint">{escape(line)}</p>' for line in files.complaints),
        headline=headline(files, state, title),
        samples=samples(files),
        bootstrap=first_translations(files),
        curves=curve_charts(files, state.steps or state.step),
        metrics=metric_tables(files),
        settings=settings(files.recipe),
        events=events(files),
        environment=table(files.environment) or empty("environment.json is not there."),
        footer=escape(footer(files, state)),
    )
