"""What happened when: stages, findings, rollbacks, resumes, the best checkpoint, on one line over a run's steps."""

from __future__ import annotations

from html import escape

from cyclekit.report.charts import COLOURS, Mark
from cyclekit.report.run_folder import Record, RunFiles
from cyclekit.report.words import finite

SIGNS = {"health": "!", "resume": "↻", "rollback": "↶", "best": "★"}

MOST = 12
"""So many happenings of the list below the line are told in words."""


def happenings(files: RunFiles) -> list[Mark]:
    """Everything that the curves mark, in the order of its steps."""
    # A check may find the same thing at every look: where it began is enough.
    began = {str(r.get("check")): r for r in reversed(files.records("health"))}
    told = (*files.records("resume", "rollback"), *files.stages(), *began.values())
    marks = [_mark(record) for record in told]
    best = files.best()
    if best is not None:
        marks.append(Mark(best["step"], f"best checkpoint at step {best['step']:,}", "best"))
    return sorted(marks, key=lambda mark: mark.step)


def timeline(files: RunFiles, steps: int) -> str:
    """The line; nothing where nothing happened that the curves do not show themselves."""
    marks = happenings(files)
    if not marks:
        return ""
    last = max(steps, 1)
    bands = "".join(_band(*band) for band in _stages(files, last))
    pins = "".join(
        f'<i class="pin {mark.kind}" style="left:{min(100.0, 100 * mark.step / last):.2f}%" '
        f'title="{escape(mark.label)}">{SIGNS[mark.kind]}</i>'
        for mark in marks
        if mark.kind in SIGNS
    )
    told = [mark for mark in marks if mark.kind in SIGNS]
    words = "".join(
        f'<li class="{mark.kind}"><i>{SIGNS[mark.kind]}</i> {escape(mark.label)}</li>' for mark in told[:MOST]
    )
    more = f"<li>and {len(told) - MOST} more, below under Events</li>" if len(told) > MOST else ""
    return (
        f'<figure class="card timeline"><div class="bar">{bands}{pins}</div>'
        f'<div class="ends"><span>step 0</span><span>step {last:,}</span></div>'
        f"{f'<ul>{words}{more}</ul>' if told else ''}</figure>"
    )


def _mark(record: Record) -> Mark:
    named = record.get("name") or record.get("check")
    since = finite(record.get("since")) if record["kind"] == "health" else None
    step = record["step"] if since is None else int(since)
    label = f"{record['kind']}{f' {named}' if named else ''} at step {step:,}"
    return Mark(step, label, record["kind"])


def _stages(files: RunFiles, last: int) -> list[tuple[str, int, float, float]]:
    """Name, number, begin and width (per cent) of each stage; one band for a run that has none."""
    stages = [(str(record["name"]), record["step"]) for record in files.stages()] or [("training", 0)]
    ends = [step for _, step in stages[1:]] + [last]
    return [
        (name, number, 100 * begin / last, 100 * max(0, end - begin) / last)
        for number, ((name, begin), end) in enumerate(zip(stages, ends))
    ]


def _band(name: str, number: int, begin: float, width: float) -> str:
    return (
        f'<span class="c{number % COLOURS}" style="left:{begin:.2f}%;width:{width:.2f}%" title="{escape(name)}">'
        f"<b>{escape(name)}</b></span>"
    )
