"""What `cyclekit check` predicts of a training's memory, beside what real steps take on this machine.

    python benchmarks/memory.py              # the table, in minutes; FALLS SHORT where it is off by more than 15 %
    python benchmarks/memory.py --only text

Each line is a process of its own. "Allocator" is the most that PyTorch's allocator had given out at once, by its own
profiler; predictions are compared with it. "Process" is by how much the process's resident memory rose at its peak
(Linux): work space inside operations and what an allocator cannot use for its rounding come on top.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import torch

from cyclekit import api
from cyclekit.assembling.assemble import Run, assemble
from cyclekit.core.batch import collate
from cyclekit.training.loop import prepare, set_dials, train_step
from cyclekit.training.memory import MIB, needed, stops, worst_rows
from cyclekit.training.sizes import Held

PLAIN = ["data.validation=0", "validation.metrics=[]", "validation.criterion=null", "metrics=[]", "health.checks=[]"]
LANDSCAPES = "data.sources=[{builtin: landscapes, scenes: 4, held_out: 2}]"
FACADES = "data.sources=[{builtin: facades, scenes: 4, held_out: 2}]"
NO_REPLAY = "objective.replay=0"  # a prediction counts full buffers, and two steps fill none
REVIEWS = "data.sources=[{builtin: reviews, sentences: 2000, held_out: 40, validation: 40}]"
SENTENCES = "data.sources=[{builtin: formality, sentences: 2000, held_out: 40, validation: 40}]"


def crop(side: int) -> list[str]:
    """Pictures of a size."""
    return [f"data.load_size={side}", f"data.crop_size={side}"]


CASES: dict[str, tuple[str, str, list[str]]] = {
    "ResNet-9, 128 px, batch 1": ("monet2photo", "published", [LANDSCAPES, *crop(128)]),
    "ResNet-9, 128 px, batch 4": ("monet2photo", "published", [LANDSCAPES, *crop(128), "train.batch_size=4"]),
    "ResNet-9, 128 px, batch 4, checkpointing": (
        "monet2photo", "published", [LANDSCAPES, *crop(128), "train.batch_size=4", "train.checkpointing=true"]),
    "ResNet-9, 64 px, batch 8": ("monet2photo", "published", [LANDSCAPES, *crop(64), "train.batch_size=8"]),
    "ResNet-9, 64 px, batch 8, 4 parts": (
        "monet2photo", "published", [LANDSCAPES, *crop(64), "train.batch_size=8", "train.accumulate=4"]),
    "ResNet-9, 256 px, batch 1": ("monet2photo", "published", [LANDSCAPES, *crop(256)]),
    "ResNet-9, 128 px, batch 1, bf16": (
        "monet2photo", "published", [LANDSCAPES, *crop(128), "train.precision=bf16"]),
    "monet2photo --profile cpu": ("monet2photo", "cpu", [LANDSCAPES]),
    "monet2photo --profile cpu, batch 16": ("monet2photo", "cpu", [LANDSCAPES, "train.batch_size=16"]),
    "pix2pix U-Net, 256 px, batch 1": ("facades", "published", [FACADES]),
    "pix2pix U-Net, 256 px, batch 4": ("facades", "published", [FACADES, "train.batch_size=4"]),
    "CUT, 128 px, batch 1": ("horse2zebra_cut", "published", [LANDSCAPES, *crop(128)]),
    "text, batch 16": ("formal2informal", "published", [SENTENCES, "train.batch_size=16"]),
    "text, batch 64": ("formal2informal", "published", [SENTENCES, "train.batch_size=64"]),
    "text --profile cpu": ("negative2positive", "cpu", [REVIEWS]),
    "translation --profile cpu": ("north2south", "cpu", []),
}  # fmt: skip


def run_of(case: str) -> Run:
    """A case's run."""
    recipe, profile, settings = CASES[case]
    precise = [] if any("precision" in setting for setting in settings) else ["train.precision=float32"]
    replay = [] if recipe in ("facades", "horse2zebra_cut") else [NO_REPLAY]  # which have none
    return assemble(api.read(recipe, profile=profile, overrides=[*PLAIN, *replay, *precise, *settings]))


def really_held(run: Run, precision: Literal["float32", "bf16"] = "float32") -> int:
    """Bytes of tensors at the worst moment of real steps, those that a prediction looks at; the run stays as it is."""
    rows = collate(worst_rows(run.data, run.recipe.train.batch_size))
    most = 0
    with torch.random.fork_rng(devices=[]), Held() as held:
        for batch in rows:
            held.count(batch.data)
        training = prepare(copy.deepcopy(run, {id(run.data): run.data}), Path(), "cpu")
        training.precision = precision
        for step in stops(training):
            training.step = step
            set_dials(training)
            held.peak = held.now
            train_step(training, rows)
            most = max(most, held.peak)
    return most


def steps(run: Run) -> None:
    """Real steps, those that a prediction looks at."""
    rows = collate(worst_rows(run.data, run.recipe.train.batch_size))
    training = prepare(copy.deepcopy(run, {id(run.data): run.data}), Path(), "cpu")
    for step in stops(training):
        training.step = step
        set_dials(training)
        train_step(training, rows)


def allocated(run: Run) -> int:
    """Bytes that PyTorch's allocator had given out at most."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profiler:
        steps(run)
    assert profiler.profiler is not None
    assert profiler.profiler.kineto_results is not None
    return max(_totals(profiler.profiler.kineto_results.experimental_event_tree()))


def _totals(events: Iterable[Any]) -> Iterable[int]:
    waiting = list(events)
    while waiting:
        event = waiting.pop()
        waiting += event.children
        if event.tag == torch._C._profiler._EventType.Allocation:
            yield event.extra_fields.total_allocated


def resident(run: Run) -> int:
    """Bytes by which the process's resident memory rises at its peak."""
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    steps(run)
    return _status("VmHWM") - before


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def one(case: str, what: str) -> None:
    """A process's own work: a number, as JSON."""
    run = run_of(case)
    if what == "predicted":
        precision: Any = run.recipe.train.precision
        print(json.dumps(needed(run, precision=precision).total))
    else:
        print(json.dumps({"allocated": allocated, "resident": resident}[what](run)))


def main() -> None:
    """Predict, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORD", help="cases whose name has this word")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(*options.one)
    short = 0
    print(f"{'':<42}{'predicted':>10}{'allocator':>10}{'off by':>8}{'process':>9}   MiB, torch {torch.__version__}")
    for case in (case for case in CASES if options.only is None or options.only in case):
        found = []
        for what in ("predicted", "allocated", "resident"):
            command = [sys.executable, "-W", "ignore", __file__, "--one", case, what]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{case}: {what}: {done.stderr[-800:]}")
            found.append(json.loads(done.stdout.splitlines()[-1]))
        predicted, given, process = found
        off = predicted / given - 1
        short += abs(off) > 0.15
        verdict = "PASS" if abs(off) <= 0.15 else "FALLS SHORT"
        line = f"{predicted / MIB:>10,.0f}{given / MIB:>10,.0f}{off:>8.1%}{process / MIB:>9,.0f}"
        print(f"{case:<42}{line}   {verdict}", flush=True)
    sys.exit(bool(short))


if __name__ == "__main__":
    main()
