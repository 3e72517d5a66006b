"""The parts of `gpu.py` beside its table: what is equal, what fits, and what else is fast."""

from __future__ import annotations

import copy
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import torch
from gpu_place import SMALL, Place, bounded, milliseconds, verdict
from live import jpeg
from memory import FACADES, LANDSCAPES, NO_REPLAY, PLAIN, SENTENCES, allocated, crop
from torch import Tensor
from without_data import ready

from cyclekit import api
from cyclekit.assembling.assemble import Run, assemble, build_networks
from cyclekit.callbacks import Log, Saver
from cyclekit.core.batch import Batch, Pair, collate
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, l1, lsgan
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.image.codec import ImageCodec
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.graph import EagerStep, GraphedStep
from cyclekit.training.loop import precision_of, prepare, read_batches, set_dials, train, train_step
from cyclekit.training.memory import MIB, needed, stops, worst_rows
from cyclekit.training.state import Training
from cyclekit.use.translate import Translator

RECIPES = {"cyclegan": "monet2photo", "pix2pix": "facades"}


def small(place: Place, objective: str) -> dict[str, Any]:
    """Settings of networks that the place takes in a moment."""
    own = {"cyclegan": {"generator.blocks": 1}, "pix2pix": {"generator.depth": 3}}[objective]
    return place.smaller | own if place.smaller else {}


def training_of(place: Place, objective: str, seed: int = 0, **settings: Any) -> Training:
    """A published recipe's networks, ready to train on random pictures."""
    overrides = {"train.steps": 1000, **small(place, objective), **settings}
    recipe = load_recipe(find_recipe(RECIPES[objective]), overrides=overrides)
    torch.manual_seed(seed)
    networks = build_networks(recipe, Pair(ImageCodec(), ImageCodec()))
    made = CycleGAN(lsgan(), l1()) if objective == "cyclegan" else Pix2Pix(bce(), l1())
    return ready(recipe, networks, made, place.device)


def pictures(side: int, batch: int, seed: int = 0) -> Pair[Batch]:
    """Random pictures in pinned memory, as the loader gives them."""
    random = torch.Generator().manual_seed(seed)
    made = [torch.rand(batch, 3, side, side, generator=random) * 2 - 1 for _ in Pair._fields]
    return Pair(*(Batch(picture.pin_memory() if torch.cuda.is_available() else picture) for picture in made))


def equal(place: Place) -> None:
    """A replayed step learns what a launched one does; on a processor, what the same path does without a capture."""
    terms: dict[str, list[dict[str, float]]] = {}
    sizes = {} if place.smaller else {"generator.blocks": 3, "generator.width": 32}
    for name, how in (("graph", GraphedStep), ("eager", EagerStep), ("eager again", EagerStep)):
        training = training_of(place, "cyclegan", **sizes)
        step = how(train_step, training)
        terms[name] = []
        for number in range(20):
            data = pictures(max(place.side // 2, 32), 2, seed=number).map(lambda rows: rows.to(place.device))
            terms[name].append({key: float(term) for key, term in step(data).items()})
        if isinstance(step, GraphedStep):
            verdict("steps are replayed", step.eager_because is None and bool(step.recorded), step.eager_because or "")
    for count in (1, 5, 20):
        errors = difference(terms["graph"][:count], terms["eager"][:count])
        own = difference(terms["eager again"][:count], terms["eager"][:count])
        bound = max(2e-2, 3 * own) if place.is_card else 0.0
        words = f"largest relative difference of a term {errors:.1e} (of two launched runs {own:.1e}):"
        verdict(f"graph and launches, {count} steps", errors <= bound, words)


def difference(some: list[dict[str, float]], others: list[dict[str, float]]) -> float:
    """The largest relative difference of a term; infinite where steps are missing."""
    if len(some) != len(others) or not some:
        return math.inf
    pairs = [(one[name], other[name]) for one, other in zip(some, others) for name in one]
    return max(abs(one - other) / max(abs(other), 1e-6) for one, other in pairs)


TWELVE = {"train.epochs": None, "train.steps": 12, "train.log_every": 1, "train.save_every": 6, "train.graph": True,
          "train.batch_size": 2, "train.workers": 0, "generator.blocks": 2, "generator.width": 16,
          "data.load_size": 64, "data.crop_size": 64, "data.validation": 0,
          "data.sources": [{"builtin": "landscapes", "scenes": 8, "held_out": 2}],
          "validation.metrics": [], "validation.criterion": None, "metrics": [], "health.checks": []}  # fmt: skip
"""A run of 12 steps."""


def run_of_twelve(place: Place) -> dict[str, Any]:
    """Its settings, smaller where the place is."""
    if not place.smaller:
        return TWELVE
    return TWELVE | SMALL | {"generator.blocks": 1, "data.load_size": place.side, "data.crop_size": place.side}


def flags(settings: dict[str, Any]) -> list[str]:
    """Settings as they are typed."""
    return [part for key, value in settings.items() for part in ("--set", f"{key}={json.dumps(value)}")]


def logged(folder: Path) -> list[dict[str, float]]:
    """The terms of each step of a run."""
    records = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [record["terms"] for record in records if record["kind"] == "terms"]


def resumed(place: Place) -> None:
    """A run that is saved between two steps from a graph and goes on in a fresh training; two that go through."""
    seen = []
    with tempfile.TemporaryDirectory() as where:
        for name, ends in (("straight", [None]), ("again", [None]), ("resumed", [6, None])):
            folder = Path(where) / name
            for part, stop in enumerate(ends):
                run = api.load("monet2photo", profile="published", overrides=run_of_twelve(place), quiet=True)
                folder.mkdir(exist_ok=True)
                (folder / "recipe.yaml").write_text(run.recipe.dump())
                log = Log()
                train(run, folder, [log, Saver(log)], device=place.device, resume=part > 0, until=stop)
            seen.append(logged(folder))
    own, off = difference(seen[1], seen[0]), difference(seen[2], seen[0])
    bound = max(2e-2, 3 * own) if place.is_card else 0.0
    words = f"largest relative difference of a term {off:.1e} (of two that go through {own:.1e}), bound {bound:.1e}:"
    verdict("resume across a capture", off <= bound, words)


def together(place: Place) -> None:
    """Two processes, on a card each or on the processor, beside one with the whole batch: float32, launched."""
    if place.is_card and torch.cuda.device_count() < 2:
        return verdict("two processes, a card each", None, f"this machine has {torch.cuda.device_count()} card;")
    settings = run_of_twelve(place) | {
        "train.precision": "float32", "train.graph": False, "generator.dropout": 0.0,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as where:
        seen = []
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        for name, start in (("one", []), ("two", torchrun)):
            out = Path(where) / name
            command = [sys.executable, *start, "-m", "cyclekit", "run", "monet2photo", "--profile", "published"]
            command += ["--device", place.device, "--out", str(out), *flags(settings)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                return verdict("two processes", False, f"ended with {done.returncode}: {done.stderr[-600:]}")
            seen.append(logged(out))
    first, all_ = difference(seen[1][:1], seen[0][:1]), difference(seen[1], seen[0])
    words = f"largest relative difference of a term {first:.1e} at the first step, {all_:.1e} in {len(seen[0])}:"
    verdict("two processes are one with the whole batch", first <= 1e-3 and all_ <= 5e-2, words)


def first_step(place: Place) -> None:
    """From the command to its first steps, with nothing prepared: settings as published, built-in pictures."""
    settings: dict[str, Any] = {"train.epochs": None, "train.steps": 12, "train.log_every": 4, "metrics": [],
                                "validation.metrics": [], "validation.criterion": None, "data.validation": 0,
                                "health.checks": []}  # fmt: skip
    if place.smaller:
        settings = run_of_twelve(place) | {"train.log_every": 4}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "cyclekit", "run", "monet2photo", "--profile", "published", "--out", str(out)]
        command += ["--data", "builtin:landscapes", "--device", place.device, *flags(settings)]
        begun, wall = time.time(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - wall
        log = out / "log.jsonl"
        if done.returncode or not log.exists():
            return verdict("the command", False, f"ended with {done.returncode}: {done.stderr[-600:]}")
        records = [json.loads(line) for line in log.read_text().splitlines()]
    print("\n".join(line for line in done.stderr.splitlines() if line.startswith(("speed", "note"))))
    started = next(record for record in records if record["kind"] == "start")["time"]
    moment = [record["seconds"] for record in records if record["kind"] == "terms"]
    before = datetime.fromisoformat(started).timestamp() - begun
    words = f"start {before:.1f} s, step 4 {moment[0]:.1f} s after that, 12 steps {seconds:.1f} s in all, bound 15 s:"
    bounded(place, "the command's first steps", before + moment[0] <= 15, words)


def translating(place: Place) -> None:
    """Pictures a second through the published generator, on the device."""
    network = training_of(place, "cyclegan").run.networks.generators.b.eval()
    side = place.translated

    def once(rows: Tensor, rounded: bool) -> None:
        with torch.inference_mode(), torch.autocast(place.device, torch.bfloat16, enabled=rounded):
            network(Batch(rows))

    for batch in (1, 8):
        rows = torch.rand(batch, 3, side, side, device=place.device).to(memory_format=torch.channels_last)
        for name, rounded in (("float32", False), ("bf16", True)):
            _, pipelined = milliseconds(place, partial(once, rows, rounded), place.steps)
            print(f"{side}x{side}, batch {batch}, {name}: {1000 * batch / pipelined:.0f} pictures/s by the network")


def translating_files(place: Place) -> None:
    """A folder of JPEGs to another: read, translated and written; side by side with doing one after the other."""
    recipe = load_recipe(find_recipe("monet2photo"), overrides={"train.steps": 1, **small(place, "cyclegan")})
    torch.manual_seed(0)
    codecs = Pair(ImageCodec(), ImageCodec())
    translator = Translator(recipe, build_networks(recipe, codecs), codecs, torch.device(place.device))
    with tempfile.TemporaryDirectory() as where:
        source = Path(where) / "in"
        source.mkdir()
        for number in range(240 if place.is_card else 24):
            (source / f"{number:03d}.jpg").write_bytes(jpeg(place.translated))
        count = len(list(source.iterdir()))
        ways = {"in turn": partial(translator.stream, keep_going=True), "overlapped": translator.steps(keep_going=True)}
        rates: dict[str, list[float]] = {name: [] for name in ways}
        made: dict[str, list[bytes]] = {}
        for round_ in range(4):  # the first warms up
            for name, way in ways.items():
                out = Path(where) / f"{name} {round_}"
                begun = time.perf_counter()
                translator.files(None)(way, [str(source)], out, lambda *_: None)
                rates[name].append(count / (time.perf_counter() - begun))
                made[name] = [path.read_bytes() for path in sorted(out.iterdir())]
    turn, overlapped = (statistics.median(found[1:]) for found in rates.values())
    verdict("the files are the same", made["in turn"] == made["overlapped"], f"{count} pictures:")
    words = f"{overlapped:.0f} a second ({turn:.0f} one after the other), bound 200:"
    bounded(place, f"{place.translated}x{place.translated} from file to file", overlapped >= 200, words)


def sentences(place: Place) -> None:
    """Sentences a second in the cycle stage: the profile `gpu` beside the published settings."""
    rates: dict[str, float] = {}
    for profile in ("published", "gpu"):
        fewer = {"train.batch_size": {"published": 4, "gpu": 8}[profile], "generator.width": 16, "generator.heads": 2,
                 "generator.layers": 1, "generator.hidden": 16, "data.vocabulary": 400}  # fmt: skip
        lines = [SENTENCES, *(f"{key}={json.dumps(value)}" for key, value in fewer.items() if place.smaller)]
        run = assemble(api.read("formal2informal", profile=profile, overrides=[*PLAIN, *lines]))
        training = prepare(run, Path(), place.device)
        training.step = stops(training)[-1]
        set_dials(training)
        batches = read_batches(training)
        try:
            real = [next(batches) for _ in range(4)]
        finally:
            batches.close()
        turn = iter(range(10**9))
        _, each = milliseconds(
            place, lambda training=training, real=real, turn=turn: train_step(training, real[next(turn) % 4]),
            place.steps,
        )  # fmt: skip
        rates[profile] = 2000 * run.recipe.train.batch_size / each
        print(f"formal2informal, {profile}, stage {training.stage}: {rates[profile]:,.0f} sentences/s")
    ratio = rates["gpu"] / rates["published"]
    bounded(place, "sentences a second", ratio >= 10, f"{ratio:.1f} times the published settings', bound 10:")


def fits(place: Place) -> None:
    """What `check --fit` predicts, beside what the allocator takes for real steps."""
    side = max(place.side, 64)
    cases = {
        "CycleGAN, batch 1": ("monet2photo", [LANDSCAPES, NO_REPLAY, *crop(side)], "cyclegan"),
        "CycleGAN, batch 8": ("monet2photo", [LANDSCAPES, NO_REPLAY, *crop(side), "train.batch_size=8"], "cyclegan"),
        "checkpointing, batch 8": (
            "monet2photo", [LANDSCAPES, NO_REPLAY, *crop(side), "train.batch_size=8", "train.checkpointing=true"],
            "cyclegan",
        ),
        "pix2pix, batch 1": ("facades", [FACADES, *([] if place.is_card else crop(side))], "pix2pix"),
    }  # fmt: skip
    for name, (recipe, settings, objective) in cases.items():
        # Not as small as for times: of a few MiB what is neither weight nor activation is a share that counts.
        fewer = [f"{key}={value * (1 if 'depth' in key else 4)}" for key, value in small(place, objective).items()]
        run = assemble(api.read(recipe, profile="published", overrides=[*PLAIN, *settings, *fewer]))
        precision = precision_of(run.recipe.train.precision, not place.is_card)
        place.free()
        predicted = needed(run, card=place.is_card, precision=precision).total
        taken = _on_card(place, run) if place.is_card else allocated(run)
        off = predicted / taken - 1
        words = f"predicted {predicted / MIB:,.0f} MiB, measured {taken / MIB:,.0f} ({off:+.1%}), within 15 %:"
        verdict(f"memory, {name}, {side} px", abs(off) <= 0.15, words)


def _on_card(place: Place, run: Run) -> int:
    """Bytes that a card's allocator takes for the steps that a prediction looks at, replayed."""
    place.free()
    training = prepare(copy.deepcopy(run, {id(run.data): run.data}), Path(), place.device)
    rows = collate(worst_rows(run.data, run.recipe.train.batch_size)).map(lambda batch: batch.to(place.device))
    step = GraphedStep(train_step, training)
    for stop in stops(training):
        training.step = stop
        set_dials(training)
        for _ in range(4):
            step(rows)
    place.wait()
    return place.peak
