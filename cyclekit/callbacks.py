"""What happens beside the steps: log, samples, checkpoints, report, and what the terminal shows.

A callback never changes what a step computes: with or without one, the weights are the same to the last bit.
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from cyclekit import checkpoint
from cyclekit.assemble import Run
from cyclekit.core.batch import Batch, concat, stackable
from cyclekit.core.parts import Column, HeldOut
from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.report.sentences import as_markdown, read_table
from cyclekit.training import Callback, Training, describe_device, save


def default_callbacks(log: Log | None = None) -> list[Callback]:
    """Log, samples, validation, checkpoints, report, in the order that lets each see what the one before it wrote."""
    from cyclekit.validation import Validation

    log = log or Log()
    return [log, Samples(log), Validation(log), Saver(log), Report(log)]


class Log(Callback):
    """log.jsonl, one JSON object a line, and the same numbers for TensorBoard. Terms are means since the last line."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.latest: dict[str, Any] = {}
        """The newest terms line."""
        self.stage: str | None = None

    def started(self, training: Training) -> None:
        """Open the log; a resumed one loses the lines after the checkpoint it resumes from."""
        from torch.utils.tensorboard import SummaryWriter

        self.path = training.folder / "log.jsonl"
        run = training.run
        if training.step:
            self._cut_after(training.step)
            self.write("resume", training.step, time=_now())
        else:
            passed = [list(item) for item in run.data.passed_over]
            self.write(
                "start", 0, time=_now(), data=f"{run.data.source}: {run.data.description}", passed_over=passed,
                profile=run.recipe.profile, steps=training.total_steps, **describe_device(training),
            )  # fmt: skip
        self.window_began, self.window_step = time.perf_counter(), training.step
        self.board = SummaryWriter(str(training.folder / "tensorboard"), purge_step=training.step + 1)

    def stepped(self, training: Training) -> None:
        """Add up this step's terms; write their means every `train.log_every` steps, and at the last."""
        if training.stage != self.stage:
            self.stage = training.stage
            self.write("stage", training.step, name=self.stage)
        for name, term in training.terms.items():
            self.sums[name] = self.sums[name] + term if name in self.sums else term
            self.counts[name] = self.counts.get(name, 0) + 1
        if due(training, training.run.recipe.train.log_every):
            self._write_terms(training)

    def ended(self, training: Training) -> None:
        """Write how it ended."""
        kind = "end" if training.stop == "finished" else "interrupted"
        self.write(kind, training.step, time=_now(), seconds=round(training.seconds, 3))
        self.board.close()

    def failed(self, training: Training, error: BaseException) -> None:
        """Say why in the log."""
        self.write("failed", training.step, time=_now(), message=str(error) or type(error).__name__)
        self.board.close()

    def write(self, kind: str, step: int, **fields: Any) -> None:
        """Append one line."""
        with checkpoint.clear_disk_errors(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "step": step, **fields}) + "\n")

    def _write_terms(self, training: Training) -> None:
        means = {named(training.run, name): float(total) / self.counts[name] for name, total in self.sums.items()}
        items = (training.step - self.window_step) * training.items
        rates = {side: optimizer.param_groups[0]["lr"] for side, optimizer in training.optimizers.items()}
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
        for name, mean in means.items():
            self.board.add_scalar(f"terms/{name}", mean, training.step)
        for side, rate in rates.items():
            self.board.add_scalar(f"learning rate/{side}", rate, training.step)
        self.board.add_scalar("items per second", fields["per_second"], training.step)
        self.sums, self.counts, self.window_began, self.window_step = {}, {}, now, training.step

    def _cut_after(self, step: int) -> None:
        """Drop lines of steps that will be done again, and a line that a crash cut off; take up the stage it was in."""
        kept = []
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []:
            try:
                record = json.loads(line)
                if record["step"] > step:
                    continue
                kept.append(line + "\n")
                self.stage = record["name"] if record["kind"] == "stage" else self.stage
            except (ValueError, KeyError):
                continue
        beside = self.path.with_name(".log.jsonl.partial")
        beside.write_text("".join(kept), encoding="utf-8")
        beside.replace(self.path)


class Samples(Callback):
    """Sheets of the same held-out items over time: real, translated, back, and what identity makes of them."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Fix the items; show what the untrained networks make of them."""
        run, rows = training.run, training.run.recipe.sample.rows
        held_out = {source: run.data.held_out(source) for source, _ in run.directions}
        self.items = {source: _first_rows(items, rows) for source, items in held_out.items() if len(items)}
        self.truths = {source: _first_truths(items, rows) for source, items in held_out.items()}
        if training.step == 0:
            self._write(training)

    def stepped(self, training: Training) -> None:
        """A sheet every `train.sample_every` steps, and one of the networks as they are kept at the end."""
        if due(training, training.run.recipe.train.sample_every):
            self._write(training)

    def _write(self, training: Training) -> None:
        run = training.run
        if len(self.items) < len(run.directions):
            return  # nothing is held out: there is nothing to show that was not learned from
        items = {domain: batch.to(training.device) for domain, batch in self.items.items()}
        columns = sample_columns(run, items, self.truths)
        name = run.recipe.title or run.recipe.name
        title = f"{name} · step {training.step:,} of {training.total_steps:,} · {run.data.source}"
        stem = training.folder / "samples" / f"step-{training.step:08d}"
        with checkpoint.clear_disk_errors(stem):
            stem.parent.mkdir(exist_ok=True)
            path = run.data.sheet(columns, title, stem)
        self.log.write("sample", training.step, file=str(path.relative_to(training.folder)))
        if path.suffix == ".png":
            import numpy
            from PIL import Image

            with Image.open(path) as picture:
                pixels = numpy.asarray(picture.convert("RGB"))
            self.log.board.add_image("samples", pixels, training.step, dataformats="HWC")
        elif path.suffix == ".tsv":
            table = read_table(path, path.stat().st_mtime_ns)
            text = as_markdown(table, {run.display(source) for source, _ in run.directions})
            self.log.board.add_text("samples", text, training.step)


class Saver(Callback):
    """A checkpoint every `train.save_every` steps and at the end; the newest few are kept."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def stepped(self, training: Training) -> None:
        """Save when it is time."""
        if due(training, training.run.recipe.train.save_every):
            save_checkpoint(training, self.log)


class Report(Callback):
    """report.html, rewritten as the run goes: with every sheet, but not so often that it costs more than it shows."""

    SHARE = 0.01
    """Of the training time that rewriting may take."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.spent = 0.0

    def started(self, training: Training) -> None:
        """A first report, so that there is something to look at within the first minute."""
        self.began = time.perf_counter()
        self._write(training)

    def stepped(self, training: Training) -> None:
        """When a sheet or log line is new and the time allows."""
        settings = training.run.recipe.train
        news = due(training, settings.sample_every) or due(training, settings.log_every)
        if news and self.spent < self.SHARE * (time.perf_counter() - self.began):
            self._write(training)

    def ended(self, training: Training) -> None:
        """The whole story."""
        self._write(training)

    def failed(self, training: Training, error: BaseException) -> None:
        """The report says why it stopped."""
        self._write(training)

    def _write(self, training: Training) -> None:
        begun = time.perf_counter()
        with checkpoint.clear_disk_errors(training.folder):
            write_report(training.folder)
        self.spent += time.perf_counter() - begun


class Terminal(Callback):
    """A progress bar with time left and the raw terms; plain lines where the output is no terminal."""

    PLAIN_EVERY = 10.0
    """Seconds between plain lines."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.console = Console(file=sys.stderr)
        speed = describe_device(training)
        compiled = "compiled" if speed["compiled"] else "eager"
        precision = f"{speed['precision']} ({speed['precision_because']})"
        print(f"speed: {speed['device']}, {precision}, {compiled}, {speed['threads']} threads", file=sys.stderr)
        self.shown_at = 0.0
        self.bar: Progress | None = None
        if self.console.is_terminal:
            self.bar = Progress(
                TextColumn("step {task.completed:,.0f}/{task.total:,.0f}"),
                BarColumn(),
                TextColumn("{task.fields[speed]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                TextColumn("\n{task.fields[terms]}"),
                console=self.console,
            )
            self.task = self.bar.add_task(
                "", total=training.total_steps, completed=training.step, speed="", terms="the first step"
            )
            self.bar.start()

    def stepped(self, training: Training) -> None:
        """Move the bar, or print a line now and then."""
        latest = self.log.latest
        terms = "  ".join(f"{name} {value:.3f}" for name, value in latest.get("terms", {}).items())
        speed = f"{latest['per_second']:.1f}/s" if latest else ""
        if self.bar is not None:
            self.bar.update(self.task, completed=training.step, speed=speed, terms=terms)
        elif latest and time.perf_counter() - self.shown_at > self.PLAIN_EVERY:
            self.shown_at = time.perf_counter()
            # By the latest speed: a stage of training may take several times as long a step as the one before.
            left = (training.total_steps - training.step) * training.items / latest["per_second"]
            print(
                f"step {training.step:,}/{training.total_steps:,}  {speed}  "
                f"left {datetime.timedelta(seconds=round(left))}  {terms}",
                file=sys.stderr,
                flush=True,
            )

    def ended(self, training: Training) -> None:
        """Take the bar down."""
        if self.bar is not None:
            self.bar.stop()

    def failed(self, training: Training, error: BaseException) -> None:
        """Take the bar down, so that the error stands alone."""
        if self.bar is not None:
            self.bar.stop()


def save_checkpoint(training: Training, log: Log) -> None:
    """Save this step, delete what is too old, and log it.

    Raises:
        RecipeError: weights that are not finite, or a full disk.
    """
    for network in [*training.run.networks.generators, *training.run.networks.discriminators]:
        for name, parameter in network.named_parameters() if network is not None else ():
            if not torch.isfinite(parameter).all():
                raise RecipeError(f"{training.folder}: the weight {name} is no longer finite; not saved")
    place = save(training)
    checkpoint.prune(training.folder, training.run.recipe.train.keep)
    log.write("checkpoint", training.step, folder=str(place.relative_to(training.folder)))


@torch.no_grad()
def sample_columns(run: Run, items: dict[str, Batch], truths: dict[str, Batch | None]) -> list[Column]:
    """Translate the items of each direction; a column for each thing to look at.

    Args:
        items: source domain -> its held-out rows, on the generators' device.
        truths: source domain -> their true translations where they are known; shown where there is no way back.
    """
    columns = []
    # Dropout may draw random numbers here; the training's own must not notice.
    with torch.random.fork_rng(), run.translating() as generators:
        for source, target in run.directions:
            real = items[source]
            forth, back = getattr(generators, target), getattr(generators, source)
            fake = forth(real)
            columns += [
                Column(run.display(source), source, real),
                Column(f"to {run.display(target)}", target, fake),
            ]
            if back is not None:
                columns += [
                    Column(f"and back to {run.display(source)}", source, back(fake)),
                    Column(f"{run.display(source)} as itself", source, back(real)),
                ]
            elif (truth := truths.get(source)) is not None:
                columns.append(Column(f"true {run.display(target)}", target, truth))
    return columns


def named(run: Run, term: str) -> str:
    """A term's name with the domain's display name: `cycle.a` -> `cycle.monet`."""
    kind, _, domain = term.partition(".")
    return f"{kind}.{run.display(domain)}" if domain in ("a", "b") else term


def due(training: Training, every: int) -> bool:
    """Whether something that happens every so many steps happens now; at the last step everything does."""
    return training.step % every == 0 or training.stop is not None


def _first_rows(items: Sequence[HeldOut], count: int) -> Batch:
    """The first items that stack: pictures kept at their own sizes need not."""
    rows = [items[place].row for place in range(min(count, len(items)))]
    return concat([row for row in rows if stackable(rows[0], row)])


def _first_truths(items: Sequence[HeldOut], count: int) -> Batch | None:
    """The one true translation of each of the same items; None where some have none, or several."""
    shown = [items[place] for place in range(min(count, len(items)))]
    truths = [item.truth for item in shown if stackable(shown[0].row, item.row)]
    known = [truth for truth in truths if truth is not None and truth.size == 1]
    return concat(known) if known and len(known) == len(truths) else None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
