"""What a run folder holds, read file by file. Nothing here knows the page.

A file that is missing is empty; one that is broken becomes a complaint that the page shows, never a guess.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cyclekit.core.duration import seconds_of
from cyclekit.recipe.yaml_files import read_value
from cyclekit.registry import RecipeError
from cyclekit.report.words import duration, finite, section

SILENT_SECONDS = 1800
"""A running run whose log has not grown for so long has probably been killed."""

BLOCK = 1 << 18
"""Bytes of log that are parsed, and remembered, together."""

LIFE = {"start", "resume", "interrupted", "failed", "stopped", "end"}
"""Kinds of log records that tell a run's state; the rest is what it made on the way."""

STATES = {
    "waiting": "Not started",
    "running": "Running",
    "silent": "Silent",
    "finished": "Finished",
    "stopped": "Stopped by itself",
    "interrupted": "Interrupted",
    "failed": "Failed",
}

Record = dict[str, Any]


class RunFiles(NamedTuple):
    """What a run folder holds, as far as it can be read."""

    folder: Path
    recipe: Record
    environment: Record
    log: list[Record]
    metrics: Any
    log_age: float
    """Seconds since the log last grew."""
    complaints: list[str]
    """One line for each thing that is there and cannot be read."""

    def records(self, *kinds: str) -> list[Record]:
        """The log's records of some kinds, in their order."""
        return [record for record in self.log if record["kind"] in kinds]

    def stages(self) -> list[Record]:
        """The log's stages, each once, where it began: a resume says anew in which one it goes on."""
        named = [record for record in self.records("stage") if record.get("name")]
        return [
            record for before, record in zip([None, *named], named) if not before or before["name"] != record["name"]
        ]

    def best(self) -> Record | None:
        """The look at validation data that the best checkpoint was taken at."""
        best = [record for record in self.records("metrics") if record.get("best") is True]
        return best[-1] if best else None


class State(NamedTuple):
    """Where a run stands."""

    name: str
    step: int
    steps: int | None
    message: str = ""
    about: bool = False
    """Whether the clock may still change how many steps there are."""


def read_run(folder: Path) -> RunFiles:
    """Read a run folder. What is missing is empty, what is broken is a complaint.

    Raises:
        RecipeError: it is no run folder.
    """
    if not folder.is_dir():
        raise RecipeError(f"{folder}: no such folder; a run's folder looks like runs/<recipe>/<time>")
    log_path, recipe_path = folder / "log.jsonl", folder / "recipe.yaml"
    if not log_path.is_file() and not recipe_path.is_file():
        inside = sorted(path.parent.name for path in folder.glob("*/log.jsonl"))
        hint = f"did you mean {folder / inside[-1]}?" if inside else "a run's folder looks like runs/<recipe>/<time>"
        raise RecipeError(f"{folder}: is no run folder: it has neither recipe.yaml nor log.jsonl; {hint}")
    complaints: list[str] = []
    recipe = _mapping(recipe_path, read_value, complaints)
    environment = _mapping(folder / "environment.json", json.loads, complaints)
    metrics = _loaded(folder / "metrics.json", json.loads, complaints)
    log = _read_log(log_path, complaints)
    age = time.time() - log_path.stat().st_mtime if log_path.is_file() else 0.0
    return RunFiles(folder, recipe, environment, log, metrics, age, complaints)


def _loaded(path: Path, load: Any, complaints: list[str]) -> Any:
    """A file's content, or None where it is missing or, with a complaint, broken."""
    if not path.is_file():
        return None
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        complaints.append(f"{path.name} cannot be read: {' '.join(str(error).split())}")
        return None


def _mapping(path: Path, load: Any, complaints: list[str]) -> Record:
    content = _loaded(path, load, complaints)
    if content is None or isinstance(content, dict):
        return content or {}
    complaints.append(f"{path.name} holds no mapping")
    return {}


def _read_log(path: Path, complaints: list[str]) -> list[Record]:
    """The log's records. What a resume took back (steps after its own) is left out.

    A crash may cut the last line off: that one is passed over; any other bad line is counted in a complaint.
    """
    if not path.is_file():
        return []
    try:
        log = path.read_bytes()
    except OSError as error:
        complaints.append(f"{path.name} cannot be read: {error}")
        return []
    records: list[Record] = []
    bad, furthest = 0, 0
    for block in _blocks(log):
        parsed, bad_here = _parsed(block)
        bad += bad_here
        for record in parsed:
            if record["kind"] in ("start", "resume") and record["step"] < furthest:
                records = [r for r in records if r["kind"] in LIFE or r["step"] <= record["step"]]
                furthest = record["step"]
            records.append(record)
            furthest = max(furthest, record["step"])
    if bad:
        complaints.append(f"{path.name}: {bad:,} line{'s' if bad > 1 else ''} cannot be read and left out here")
    return records


def _blocks(log: bytes) -> Iterator[bytes]:
    """The log in blocks of whole lines: the same blocks while it grows, but for the last."""
    begin = 0
    while begin < len(log):
        end = log.find(b"\n", begin + BLOCK) + 1 or len(log)
        yield log[begin:end]
        begin = end


@functools.lru_cache(maxsize=64)
def _parsed(block: bytes) -> tuple[list[Record], int]:
    """A block's records, and how many of its ended lines are none.

    Kept in memory, so that a rewrite parses new lines only; nobody changes what is kept.
    """
    records, bad = [], 0
    for line in block.splitlines(keepends=True):
        record = _record(line)
        if record is not None:
            records.append(record)
        elif line.strip() and line.endswith(b"\n"):
            bad += 1
    return records, bad


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        return None
    record["step"] = int(finite(record.get("step")) or 0)
    return record


def state_of(files: RunFiles) -> State:
    life = files.records(*LIFE)
    step = max((r["step"] for r in files.log if r["kind"] != "start"), default=0)
    told = [finite(r.get("steps")) for r in reversed(files.records(*LIFE, "budget"))]
    steps = next((int(value) for value in [*told, finite(section(files.recipe, "train").get("steps"))] if value), None)
    if not life:
        return State("waiting", step, steps)
    last = life[-1]
    if last["kind"] == "end":
        return State("finished", step, steps, str(last.get("message", "")))
    if last["kind"] in ("stopped", "interrupted", "failed"):
        return State(last["kind"], step, steps, str(last.get("message", "")))
    if files.log_age > SILENT_SECONDS:
        return State("silent", step, steps, f"No news for {duration(files.log_age)}: it may have been killed.")
    return State("running", step, steps, about=budget_of(files) is not None)


def of_steps(state: State) -> str:
    """How many steps a run has in all, as words after its step; none where nobody knows."""
    return f" of {'about ' * state.about}{state.steps:,}" if state.steps else ""


def state_words(state: State) -> str:
    return f"{STATES[state.name].lower()}, step {state.step:,}{of_steps(state)}"


def budget_of(files: RunFiles) -> float | None:
    """Seconds in steps after which the run ends; None where it ends otherwise."""
    try:
        return finite(seconds_of(section(files.recipe, "train").get("budget")))
    except ValueError:
        return None


def elapsed(files: RunFiles) -> float:
    """Seconds of training over all sittings, whether or not the log's clock starts anew at a resume."""
    total, before = 0.0, 0.0
    for record in files.records("terms", "end", "stopped", "resume"):
        seconds = finite(record.get("seconds"))
        if seconds is not None:
            total += seconds - before if seconds >= before else seconds
            before = seconds
    return total


def time_left(files: RunFiles, state: State) -> float | None:
    """Seconds to go: what is left of the budget, or at the pace of the last twenty records."""
    budget = budget_of(files)
    if state.name == "running" and budget is not None:
        return max(budget - elapsed(files), 0.0)
    recent = [r for r in files.records("terms")[-20:] if finite(r.get("seconds")) is not None]
    if state.name != "running" or state.steps is None or len(recent) < 2:
        return None
    steps, seconds = recent[-1]["step"] - recent[0]["step"], recent[-1]["seconds"] - recent[0]["seconds"]
    return (state.steps - state.step) * seconds / steps if steps > 0 and seconds > 0 else None
