"""log.jsonl, one JSON object a line."""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from cyclekit.assembling.assemble import Run
from cyclekit.core.capabilities import Bootstrapped, Recorded
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import write_whole
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.training.loop import describe_device
from cyclekit.training.state import Callback, Training


class Log(Callback):
    """log.jsonl, one JSON object a line, and who else wants each as it comes. Terms are means since the last line."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.latest: dict[str, Any] = {}
        """The newest terms line."""
        self.saved: set[int] = set()
        """Steps that have a checkpoint line."""
        self.stage: str | None = None
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        """Each is told every record once it is written."""

    def started(self, training: Training) -> None:
        """Open the log; a resumed one loses the lines after the checkpoint it resumes from, if it has come to one."""
        self.path = training.folder / "log.jsonl"
        run = training.run
        if training.step:
            self._cut_after(training, training.step)
            changed = {"changed": training.changed} if training.changed else {}
            self.write("resume", training.step, time=_now(), steps=training.total_steps, **changed)
        else:
            self._cut_after(training, -1)
            passed = [list(item) for item in run.data.passed_over]
            self.write(
                "start", 0, time=_now(), data=f"{run.data.source}: {run.data.description}", passed_over=passed,
                notes=list(run.data.notes), profile=run.recipe.profile, steps=training.total_steps,
                **describe_device(training),
            )  # fmt: skip
        self.noted = 0
        self._write_notes(training)
        for step in history.steps(training.folder):
            if step <= training.step and step not in self.saved:  # a kill came between a checkpoint and its line
                self.write_checkpoint(training.folder, step)
        self.window_began, self.window_step = time.perf_counter(), training.step

    def stepped(self, training: Training) -> None:
        """Add up this step's terms; write their means every `train.log_every` steps, and at the last."""
        self._write_notes(training)
        if training.stage != self.stage:
            self.stage = training.stage
            self.write("stage", training.step, name=self.stage)
            self._tell_of_bootstrap(training)
        if training.budget is not None and training.budget.points[-1].step == training.step:
            point = training.budget.points[-1]
            self.write(
                "budget", training.step, seconds=round(point.seconds, 3), position=point.position, steps=point.steps
            )
        for name, term in training.terms.items():
            self.sums[name] = self.sums[name] + term if name in self.sums else term
            self.counts[name] = self.counts.get(name, 0) + 1
        if due(training, training.run.recipe.train.log_every):
            self._write_terms(training)

    def went_back(self, training: Training) -> None:
        """Lose the lines of the steps that are taken back."""
        self.sums, self.counts, self.latest = {}, {}, {}
        self._cut_after(training, training.step)
        self.window_began, self.window_step = time.perf_counter(), training.step

    def ended(self, training: Training) -> None:
        """Write how it ended."""
        kind = {"finished": "end", "patience": "stopped"}.get(str(training.stop), "interrupted")
        why = {"message": training.enough} if training.stop == "patience" else {}
        self.write(kind, training.step, time=_now(), seconds=round(training.seconds, 3), **why)

    def failed(self, training: Training, error: BaseException) -> None:
        """Say why in the log."""
        self.write("failed", training.step, time=_now(), message=str(error) or type(error).__name__)

    def write(self, kind: str, step: int, **fields: Any) -> None:
        """Append one line, and tell those who listen."""
        record = {"kind": kind, "step": step, **fields}
        with clear_disk_errors(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        for listener in self.listeners:
            listener(record)

    def write_checkpoint(self, folder: Path, step: int) -> None:
        """Append the line of a checkpoint, once."""
        if step not in self.saved:
            self.saved.add(step)
            place = history.folder_of(folder, step)
            self.write("checkpoint", step, folder=str(place.relative_to(folder)))

    def _write_notes(self, training: Training) -> None:
        for note in training.notes[self.noted :]:
            self.write("note", training.step, message=note)
        self.noted = len(training.notes)

    def _tell_of_bootstrap(self, training: Training) -> None:
        """In a stage that begins with it: what the first translations are made of, where that can be told."""
        run = training.run
        objective, choice = run.objective, run.recipe.bootstrap
        if choice is None or not isinstance(objective, Bootstrapped) or not objective.bootstrapped:
            return
        if isinstance(objective.bootstrap, Recorded):
            names = {"a": run.display("a"), "b": run.display("b")}
            self.write("bootstrap", training.step, name=choice.name, domains=names, **objective.bootstrap.record())

    def _write_terms(self, training: Training) -> None:
        means = {term_name(training.run, name): float(total) / self.counts[name] for name, total in self.sums.items()}
        items = (training.step - self.window_step) * training.items
        rates = {side: float(optimizer.param_groups[0]["lr"]) for side, optimizer in training.optimizers.items()}
        now = time.perf_counter()
        fields = {
            "epoch": round(training.epoch, 4),
            "seconds": round(training.seconds, 3),
            "per_second": round(items / max(now - self.window_began, 1e-9), 3),
            "learning_rate": rates,
            "terms": means,
        }
        self.write("terms", training.step, **fields)
        self.latest = {"step": training.step, **fields}
        self.sums, self.counts, self.window_began, self.window_step = {}, {}, now, training.step

    def _cut_after(self, training: Training, step: int) -> None:
        """Drop lines of steps that will be done again, and those that a crash cut off or that are no lines of a log;
        take up the stage it was in.
        """
        kept, bad = read_log(self.path)
        kept = [record for record in kept if record["step"] <= step]
        if bad:
            training.notes.append(
                f"{self.path.name}: {bad:,} {'lines' if bad > 1 else 'line'} could not be read; left out"
            )
        self.stage = next((record["name"] for record in reversed(kept) if record["kind"] == "stage"), None)
        self.saved = {record["step"] for record in kept if record["kind"] == "checkpoint"}
        with clear_disk_errors(self.path):
            write_whole(self.path, "".join(json.dumps(record) + "\n" for record in kept))


NUMBER, TEXT, MAPPING = (int, float), str, dict

FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "terms": {"terms": MAPPING, "per_second": NUMBER},
    "metrics": {"values": MAPPING, "criterion": (*NUMBER, type(None)), "best": bool},
    "stage": {"name": TEXT},
    "health": {"check": TEXT, "finding": TEXT},
    "budget": {"seconds": NUMBER, "steps": int},
    "rollback": {"message": TEXT},
}
"""What lines of a kind hold that somebody reads again when a run goes on."""


def read_log(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The records of a log, and how many of its whole lines hold none; a last line that a crash cut off is passed over.

    Raises:
        RecipeError: it cannot be read.
    """
    if not path.exists():
        return [], 0
    try:
        *lines, cut_off = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror or error}") from error
    records = [_record(line) for line in lines if line.strip()]
    last = _record(cut_off)
    return [record for record in [*records, last] if record is not None], records.count(None)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(record, dict) and isinstance(record.get("kind"), str) and type(record.get("step")) is int
    if not whole or not all(isinstance(record.get(key), kind) for key, kind in FIELDS.get(record["kind"], {}).items()):
        return None
    return record if all(map(_is_number, _numbers(record))) else None


def _numbers(record: dict[str, Any]) -> list[Any]:
    """What somebody computes with, of a record that has its fields."""
    if record["kind"] == "terms":
        return [record["per_second"], *record["terms"].values()]
    if record["kind"] == "metrics":
        numbers = [record["criterion"]] if record["best"] else []
        for direction in record["values"].values():
            numbers += direction.values() if isinstance(direction, dict) else [None]
        return numbers
    return []


def _is_number(value: Any) -> bool:
    """Whether it is one that a float can hold; not a number is one."""
    return isinstance(value, float) or (type(value) is int and abs(value) <= sys.float_info.max)


def term_name(run: Run, term: str) -> str:
    """A term's name with the domain's display name: `cycle.a` -> `cycle.monet`."""
    kind, _, domain = term.partition(".")
    return f"{kind}.{run.display(domain)}" if domain in ("a", "b") else term


def due(training: Training, every: int) -> bool:
    """Whether something that happens every so many steps happens now; at the last step everything does."""
    return training.step % every == 0 or training.stop is not None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
