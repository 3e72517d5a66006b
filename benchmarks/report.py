"""What a run's report costs: its size, the time of a rewrite, and the share of a run that all rewrites take.

A run folder is made up: a log line every 25 steps, a sheet of held-out pictures every 500, both directions of a
CycleGAN. The report is rewritten as the callback would, whose rule is asked with the clock of a made-up step.

    python benchmarks/report.py --size 64
    python benchmarks/report.py --size 256
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from cyclekit.builtin.worlds import streets
from cyclekit.callbacks.report import Pace
from cyclekit.core.cell import Cell
from cyclekit.report import write_report
from cyclekit.sheets.cells import Column, Kind, Sheet, save_cells
from cyclekit.sheets.whole import write_whole_sheet

MEGABYTE = 1_000_000


def main() -> None:
    """Make a run up, rewrite its report as training would, and print what that took."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=10_000)
    options.add_argument("--size", type=int, default=64, help="side of a picture in pixels")
    options.add_argument("--rows", type=int, default=8)
    options.add_argument("--log-every", type=int, default=25)
    options.add_argument("--sample-every", type=int, default=500)
    options.add_argument("--step-seconds", type=float, default=0.1, help="how long a step is said to take")
    given = options.parse_args()

    with TemporaryDirectory() as place:
        folder = Path(place)
        pictures = real_pictures(given.size, given.rows)
        begin(folder, given.steps)
        pace, writes, made = Pace(0.0), 0, 0.0
        longest: dict[str, float] = {"with a new sheet": 0.0, "with new log lines": 0.0}
        for step in range(given.log_every, given.steps + 1, given.log_every):
            write(folder, terms(step, given.step_seconds))
            news = "with new log lines"
            if step % given.sample_every == 0:
                begun = time.perf_counter()
                sheet(folder, step, given.steps, pictures)
                made, news = made + time.perf_counter() - begun, "with a new sheet"
            # The callback's rule; at the end it writes in any case.
            now = step * given.step_seconds
            if pace.allows(now, sheet=news == "with a new sheet") or step == given.steps:
                begun = time.perf_counter()
                write_report(folder)
                took = time.perf_counter() - begun
                longest[news] = max(longest[news], took)
                pace.wrote(now, took)
                writes += 1
        size = (folder / "report.html").stat().st_size
        run = given.steps * given.step_seconds
        lines = given.steps // given.log_every
        sheets = given.steps // given.sample_every
        print(f"{given.steps:,} steps, {lines:,} log lines, {sheets} sheets of 8 x {given.rows} pictures")
        print(f"pictures of {given.size} x {given.size}; a step is said to take {given.step_seconds * 1e3:.0f} ms\n")
        print("| measured | |")
        print("|---|---|")
        print(f"| size of report.html | {size / MEGABYTE:.2f} MB |")
        print(f"| sheets in it | {(folder / 'report.html').read_text().count('<figure data-step')} |")
        print(f"| rewrites | {writes} of {lines} possible ones |")
        for news, took in longest.items():
            print(f"| longest rewrite {news} | {took * 1e3:.0f} ms |")
        print(f"| all rewrites | {pace.spent:.2f} s, {pace.spent / run:.2%} of the run |")
        print(f"| the sheets themselves, for comparison | {made:.2f} s, {made / run:.2%} of the run |")
    print(f"\n{shlex.join(['python', *sys.argv])}")


def real_pictures(size: int, rows: int) -> np.ndarray:
    """Drawn scenes, rows x size x size x 3, as detailed as photographs are at their size."""
    return np.stack([streets.render(streets.LOOKS[0], 0, index, size) for index in range(rows)])


def begin(folder: Path, steps: int) -> None:
    """What a run folder holds before the first step."""
    (folder / "samples").mkdir()
    (folder / "recipe.yaml").write_text("name: made_up\ndomains: {a: day, b: night}\n")
    (folder / "environment.json").write_text("{}")
    write(folder, {"kind": "start", "step": 0, "steps": steps, "data": "builtin:streets: made up", "device": "cpu"})


def terms(step: int, step_seconds: float) -> dict[str, Any]:
    """A log line as a CycleGAN's run has them."""
    noise = np.random.default_rng(step).random(8)
    names = [f"{kind}.{domain}" for kind in ("adversarial", "cycle", "identity", "discriminator") for domain in "ab"]
    return {
        "kind": "terms", "step": step, "epoch": step / 500, "seconds": step * step_seconds, "per_second": 9.5,
        "learning_rate": {"generators": 2e-4, "discriminators": 2e-4}, "terms": dict(zip(names, noise.tolist())),
    }  # fmt: skip


def sheet(folder: Path, step: int, steps: int, pictures: np.ndarray) -> None:
    """A sheet of both directions whose translations begin as noise, which no encoder likes, and end as pictures."""
    generator = np.random.default_rng(step)
    share = step / steps

    def column(heading: str, domain: str, source: str, kind: Kind, noisy: float) -> Column:
        noise = generator.integers(0, 256, pictures.shape)
        mixed = (pictures * (1 - noisy) + noise * noisy).astype(np.uint8)
        return Column(heading, domain, source, kind, [Cell(picture) for picture in mixed])

    columns = [
        column(heading, domain, source, kind, 0.3 * (1 - share) if kind == "translation" else 0.0)
        for source, target, names in (("a", "b", ("day", "night")), ("b", "a", ("night", "day")))
        for heading, domain, kind in (
            (names[0], source, "source"), (f"to {names[1]}", target, "translation"),
            (f"and back to {names[0]}", source, "back"), (f"{names[0]} as itself", source, "identity"),
        )
    ]  # fmt: skip
    stem = folder / f"samples/step-{step:08d}"
    made = Sheet(f"step {step:,}", columns, {})
    save_cells(made, stem)
    files = {"file": write_whole_sheet(made, stem)[0], "cells": stem}
    paths = {key: str(path.relative_to(folder)) for key, path in files.items()}
    write(folder, {"kind": "sample", "step": step, **paths})


def write(folder: Path, record: dict[str, Any]) -> None:
    """Append a line to the log."""
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
