"""The report's findings: what health checks and watches said on the way."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from cyclekit.report.charts import number_in_words
from cyclekit.report.run_folder import Record, RunFiles, state_of
from cyclekit.report.words import finite, section

TOLD_OTHERWISE = {"kind", "step", "check", "finding", "time", "since"}


def newest_findings(files: RunFiles) -> str:
    """Each check's newest findings, and since when; or that checks looked and found nothing."""
    found: dict[str, list[Record]] = {}
    for record in files.records("health"):
        found.setdefault(str(record.get("check") or "check"), []).append(record)
    lines = "".join(_line(check, records) for check, records in found.items())
    back = "".join(f"<li>{escape(str(record.get('message', '')))}</li>" for record in files.records("rollback"))
    if lines or back:
        return f'<div class="health"><b>Findings</b><ul>{lines}{back}</ul></div>'
    names = _checks_that_looked(files)
    return f'<p class="healthy">✓ Health: nothing found by {escape(", ".join(names))}.</p>' if names else ""


def _line(check: str, records: list[Record]) -> str:
    newest = [record for record in records if record["step"] == records[-1]["step"]]
    times = len({record["step"] for record in records})
    began = int(min(finite(record.get("since")) or record["step"] for record in records))
    often = f", {times} times" if times > 1 else ""
    since = f"{often} since step {began:,}" if began < newest[0]["step"] else ""
    words = "".join(f"<p>{escape(text)}</p>" for record in newest for text in _told(record))
    return f"<li><b>{escape(check)}</b> <small>step {newest[0]['step']:,}{since}</small>{words}</li>"


def _told(record: Record) -> Iterator[str]:
    """A finding in words: the line itself, and whatever else was written down with it."""
    yield str(record.get("finding", ""))
    for key, value in record.items():
        if key not in TOLD_OTHERWISE and value not in (None, ""):
            yield f"{key}: {number_in_words(value)}"


def _checks_that_looked(files: RunFiles) -> list[str]:
    """Names of the recipe's checks, once they have looked: they wait for the last stage, and for their time in it."""
    health = section(files.recipe, "health")
    # In runs of older versions they are in the section `validation`.
    checks: Any = health.get("checks") or section(files.recipe, "validation").get("health")
    train = section(files.recipe, "train")
    began, stages = 0, train.get("stages")
    if isinstance(stages, list) and stages:
        now = files.stages()[-1:]
        if not now or not isinstance(stages[-1], dict) or now[0]["name"] != stages[-1].get("name"):
            return []
        began = now[0]["step"]
    length = max(state_of(files).steps or 0, began)
    first = began + (finite(health.get("after")) or 0) * (length - began)
    looked = any(record["step"] >= max(first, 1) for record in files.records("metrics", "sample"))
    names = checks if isinstance(checks, list) and looked else []
    return [str(check.get("name") if isinstance(check, dict) else check) for check in names]
