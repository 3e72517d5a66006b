"""The page of a run: everything in its folder, told in one self-contained `report.html`.

`write_report` reads the run folder's files (`reading.py`; never the run itself, so it works on a finished run, a
crashed one, and one that trains right now) and fills `page.html` with sections: `sections.py`, `metrics.py` and
`curves.py`. A section that has nothing to show says so. Text that comes from files is escaped where it enters HTML.
"""

from __future__ import annotations

import functools
import os
from html import escape
from pathlib import Path
from string import Template

from cyclekit.registry import RecipeError
from cyclekit.report.curves import curve_charts
from cyclekit.report.metrics import metric_tables
from cyclekit.report.reading import RunFiles, read_run, state_of, state_words
from cyclekit.report.sections import REFRESH_SECONDS, events, footer, headline, samples, settings, title_of
from cyclekit.report.words import empty, table


def write_report(run_folder: Path) -> Path:
    """Write `report.html` into a run folder, whole or not at all, and return its path.

    Raises:
        RecipeError: the folder is no run, or the page cannot be written into it.
    """
    run_folder = Path(run_folder)
    page = render(read_run(run_folder))
    path, beside = run_folder / "report.html", run_folder / f".report.html.{os.getpid()}"
    try:
        beside.write_text(page, encoding="utf-8", errors="replace")
        os.replace(beside, path)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def render(files: RunFiles) -> str:
    """The whole page."""
    state = state_of(files)
    title = title_of(files)
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if state.name in ("running", "waiting") else ""
    return _template().substitute(
        refresh=refresh,
        page_title=escape(f"{title}: {state_words(state)}"),
        complaints="".join(f'<p class="complaint">{escape(line)}</p>' for line in files.complaints),
        headline=headline(files, state, title),
        samples=samples(files),
        curves=curve_charts(files),
        metrics=metric_tables(files),
        settings=settings(files.recipe),
        events=events(files),
        environment=table(files.environment) or empty("environment.json is not there."),
        footer=escape(footer(files, state)),
    )


@functools.cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
