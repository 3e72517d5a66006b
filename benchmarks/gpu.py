"""What a training step and a translation cost on a CUDA card, beside the published code's plain loop; and that a
replayed step learns what a launched one does.

    python benchmarks/gpu.py                 # under four minutes on one card; without a card, the CPU half
    python benchmarks/gpu.py --profile       # and where the step's time goes, by kernel

Random pictures, medians of synchronised steps, all in one process and on one card. "Published" is the arithmetic of
junyanz/pytorch-CycleGAN-and-pix2pix written plainly (`published.py`), in float32 with TF32 convolutions and cuDNN's own
search, as that code runs. Each line that has a bound ends in PASS or FALLS SHORT. The floor is the step's counted
multiplications at the rate of one large bfloat16 product.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import torch
from published import PublishedCycleGAN, PublishedPix2Pix
from torch.utils.flop_counter import FlopCounterMode
from without_data import ready

import cyclekit.image.patchgan
import cyclekit.image.resnet
from cyclekit import api
from cyclekit.assembling.assemble import build_networks
from cyclekit.callbacks import Log, Saver
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, l1, lsgan
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.graph import EagerStep, GraphedStep
from cyclekit.training.loop import train, train_step
from cyclekit.training.state import Training

RECIPES = {"cyclegan": "monet2photo", "pix2pix": "facades"}
FAILED: list[str] = []


def training_of(objective: str, seed: int = 0, device: str = "cuda", **settings: Any) -> Training:
    """A published recipe's networks, ready to train on random pictures."""
    overrides = {"train.steps": 1000, **settings}
    recipe = load_recipe(find_recipe(RECIPES[objective]), overrides=overrides)
    torch.manual_seed(seed)
    networks = build_networks(recipe, Pair(ImageCodec(), ImageCodec()))
    made = CycleGAN(lsgan(), l1()) if objective == "cyclegan" else Pix2Pix(bce(), l1())
    return ready(recipe, networks, made, device)


def pictures(size: int, batch: int, seed: int = 0) -> Pair[Batch]:
    """Random pictures in pinned memory, as the loader gives them."""
    random = torch.Generator().manual_seed(seed)
    made = [torch.rand(batch, 3, size, size, generator=random) * 2 - 1 for _ in Pair._fields]
    return Pair(*(Batch(picture.pin_memory() if torch.cuda.is_available() else picture) for picture in made))


@contextlib.contextmanager
def layer_by_layer() -> Iterator[None]:
    """Without the fused kernels: the published code knows none."""
    rooms = [cyclekit.image.resnet, cyclekit.image.patchgan]
    before = [room.fuses for room in rooms]
    for room in rooms:
        room.fuses = lambda norm, features: False  # type: ignore[assignment]
    try:
        yield
    finally:
        for room, own in zip(rooms, before):
            room.fuses = own


def milliseconds(step: Callable[[], Any], steps: int, warm: int = 4) -> tuple[float, float]:
    """Median of synchronised steps, and the mean of as many that nobody waits for."""
    for _ in range(warm):
        step()
    torch.cuda.synchronize()
    each = []
    for _ in range(steps):
        begun = time.perf_counter()
        step()
        torch.cuda.synchronize()
        each.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    torch.cuda.synchronize()
    return 1000 * statistics.median(each), 1000 * (time.perf_counter() - begun) / steps


def measured(name: str, make: Callable[[], Callable[[], Any]], steps: int) -> dict[str, float] | None:
    """Time one variant; say so, whatever happens."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    begun = time.perf_counter()
    try:
        step = make()
        step()
        torch.cuda.synchronize()
        first = time.perf_counter() - begun
        median, pipelined = milliseconds(step, steps)
    except Exception as error:  # one variant that fails must not hide the others
        verdict(name, False, f"{type(error).__name__}: {str(error)[:200]}")
        return None
    peak = torch.cuda.max_memory_reserved() / 2**30
    print(f"{name:<44} {median:8.1f} {pipelined:10.1f} {peak:9.2f} {first:8.1f}", flush=True)
    return {"median": median, "pipelined": pipelined, "peak": peak, "first": first}


def verdict(name: str, passed: bool, words: str = "") -> None:
    """One line with PASS or FALLS SHORT."""
    if not passed:
        FAILED.append(name)
    print(f"{name}: {words} {'PASS' if passed else 'FALLS SHORT'}", flush=True)


def published(objective: str, size: int, batch: int) -> Callable[[], Any]:
    """The plain loop."""
    recipe = load_recipe(find_recipe(RECIPES[objective]), overrides={"train.steps": 1})
    networks = build_networks(recipe, Pair(ImageCodec(), ImageCodec()))
    for network in [*networks.generators, *networks.discriminators]:
        if network is not None:
            network.to("cuda")
    loop = (PublishedCycleGAN if objective == "cyclegan" else PublishedPix2Pix)(networks)
    data = pictures(size, batch)
    return lambda: loop(data.map(lambda rows: rows.to("cuda")))


def ours(objective: str, size: int, batch: int, how: type = GraphedStep, **settings: Any) -> Callable[[], Any]:
    """cyclekit's step."""
    training = training_of(objective, **settings)
    step, data = how(train_step, training), pictures(size, batch)

    def once() -> Any:
        terms = step(data.map(lambda rows: rows.to("cuda")))
        assert not isinstance(step, GraphedStep) or step.eager_because is None, step.eager_because
        return terms

    return once


def flops(objective: str, size: int) -> float:
    """Floating-point operations of the published step at batch 1; a multiply-add counts two."""
    step = published(objective, size, 1)
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def rates() -> tuple[float, float]:
    """Of this card: bf16 operations a second in one large product, and bytes a second of a copy (read and written)."""
    one, other = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    product, _ = milliseconds(lambda: one @ other, 10)
    block = torch.empty(2**31, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(block)
    copy, _ = milliseconds(lambda: target.copy_(block), 10)
    return 2 * 8192**3 / product * 1000, 2 * block.numel() / copy * 1000


def table() -> None:
    """Steps: published, launched one by one, replayed."""
    rate, bandwidth = rates()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}: {rate / 1e12:.0f} TFLOP/s bf16, copies ", end="")
    print(f"{bandwidth / 1e12:.1f} TB/s\n")
    print(f"{'step, 256 px':<44} {'ms':>8} {'pipelined':>10} {'peak GiB':>9} {'first s':>8}")
    for objective, batch, bound in (("cyclegan", 1, 4.4), ("cyclegan", 8, 3.0), ("pix2pix", 1, 4.0)):
        with layer_by_layer():
            work = batch * flops(objective, 256)
            torch.backends.cudnn.benchmark = True
            plain = measured(f"{objective} batch {batch}: published", partial(published, objective, 256, batch), 15)
            torch.backends.cudnn.benchmark = False
        launched = partial(ours, objective, 256, batch, EagerStep)
        measured(f"{objective} batch {batch}: launched one by one", launched, 15)
        graph = measured(f"{objective} batch {batch}: one graph", partial(ours, objective, 256, batch), 25)
        if plain and graph:
            ratio, floor = plain["pipelined"] / graph["pipelined"], work / rate * 1000
            words = f"{ratio:.2f} times the published loop (floor {floor:.1f} ms), bound {bound}:"
            verdict(f"{objective} batch {batch}", ratio >= bound, words)


def equal() -> None:
    """A replayed step learns what a launched one does."""
    terms: dict[str, list[dict[str, float]]] = {}
    for name, how in (("graph", GraphedStep), ("eager", EagerStep), ("eager again", EagerStep)):
        training = training_of("cyclegan", **{"generator.blocks": 3, "generator.width": 32})
        step = how(train_step, training)
        terms[name] = []
        for number in range(20):
            data = pictures(128, 2, seed=number).map(lambda rows: rows.to("cuda"))
            terms[name].append({key: float(term) for key, term in step(data).items()})
    for count in (1, 5, 20):
        pairs = zip(terms["graph"][:count], terms["eager"][:count], terms["eager again"][:count])
        errors, own = 0.0, 0.0
        for graph, eager, again in pairs:
            errors = max(errors, *(abs(graph[key] - eager[key]) / abs(eager[key]) for key in eager))
            own = max(own, *(abs(again[key] - eager[key]) / abs(eager[key]) for key in eager))
        bound = max(2e-2, 3 * own)
        words = f"largest relative difference of a term {errors:.1e} (of two launched runs {own:.1e}):"
        verdict(f"graph and launches, {count} steps", errors <= bound, words)


def by_kernel() -> None:
    """Where a replayed step's time goes."""
    for batch in (1, 8):
        step = ours("cyclegan", 256, batch)
        for _ in range(5):
            step()
        torch.cuda.synchronize()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiler:
            for _ in range(3):
                step()
            torch.cuda.synchronize()
        events = sorted(profiler.key_averages(), key=lambda event: -event.self_device_time_total)
        total = sum(event.self_device_time_total for event in events) / 3000
        print(f"\nbatch {batch}: kernels of a step, {total:.1f} ms in all")
        for event in events[:28]:
            share, count = event.self_device_time_total / 3000, event.count / 3
            print(f"{share:8.2f} ms {count:7.0f} x {1000 * share / count:7.1f} us  {event.key[:100]}")


def first_step() -> None:
    """From the command to its first steps, with nothing prepared: settings as published, built-in pictures."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "cyclekit", "run", "monet2photo", "--profile", "published", "--out", str(out)]
        settings = ["train.epochs=null", "train.steps=12", "train.log_every=4", "metrics=[]", "validation.metrics=[]",
                    "validation.criterion=null", "data.validation=0", "health.checks=[]"]  # fmt: skip
        command += ["--data", "builtin:landscapes", *(part for setting in settings for part in ("--set", setting))]
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
        words = f"start {before:.1f} s, step 4 {moment[0]:.1f} s after that, 12 steps {seconds:.1f} s in all:"
        verdict("the command's first steps, bound 15 s", before + moment[0] <= 15, words)


def translating() -> None:
    """Pictures a second through the published generator at 500x500, on the device."""
    training = training_of("cyclegan")
    network = training.run.networks.generators.b.eval()

    def once(rows: torch.Tensor, rounded: bool) -> None:
        with torch.inference_mode(), torch.autocast("cuda", torch.bfloat16, enabled=rounded):
            network(Batch(rows))

    for batch in (1, 8):
        rows = torch.rand(batch, 3, 500, 500, device="cuda").to(memory_format=torch.channels_last)
        for name, rounded in (("float32", False), ("bf16", True)):
            _, pipelined = milliseconds(partial(once, rows, rounded), 20)
            print(f"500x500, batch {batch}, {name}: {1000 * batch / pipelined:.0f} pictures/s through the network")


SMALL = {"train.epochs": None, "train.steps": 12, "train.log_every": 1, "train.save_every": 6, "train.graph": True,
         "train.batch_size": 2, "train.workers": 0, "generator.blocks": 2, "generator.width": 16, "data.load_size": 64,
         "data.crop_size": 64, "data.validation": 0,
         "data.sources": [{"builtin": "landscapes", "scenes": 8, "held_out": 2}],
         "validation.metrics": [], "validation.criterion": None, "metrics": [], "health.checks": []}  # fmt: skip


def logged(folder: Path) -> list[dict[str, float]]:
    """The terms of each step of a run."""
    records = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [record["terms"] for record in records if record["kind"] == "terms"]


def difference(some: list[dict[str, float]], others: list[dict[str, float]]) -> float:
    """The largest relative difference of a term; infinite where steps are missing."""
    if len(some) != len(others) or not some:
        return math.inf
    pairs = [(one[name], other[name]) for one, other in zip(some, others) for name in one]
    return max(abs(one - other) / max(abs(other), 1e-6) for one, other in pairs)


def resumed(device: str) -> None:
    """A run that is saved between two steps from a graph and goes on in a fresh training; two that go through."""
    seen = []
    with tempfile.TemporaryDirectory() as where:
        for name, stops in (("straight", [None]), ("again", [None]), ("resumed", [6, None])):
            folder = Path(where) / name
            for part, stop in enumerate(stops):
                run = api.load(find_recipe("monet2photo"), profile="published", overrides=SMALL, quiet=True)
                folder.mkdir(exist_ok=True)
                (folder / "recipe.yaml").write_text(run.recipe.dump())
                train(run, folder, [Log(), Saver()], device=device, resume=part > 0, until=stop)
            seen.append(logged(folder))
    own, off = difference(seen[1], seen[0]), difference(seen[2], seen[0])
    bound = 0.0 if device == "cpu" else max(2e-2, 3 * own)
    words = f"largest relative difference of a term {off:.1e} (of two that go through {own:.1e}), bound {bound:.1e}:"
    verdict(f"resume across a capture, {device}", off <= bound, words)


def together() -> None:
    """Two processes, a card each, beside one with the whole batch: float32, launched one by one."""
    if torch.cuda.device_count() < 2:
        print(f"two processes: not run, this machine has {torch.cuda.device_count()} card")
        return
    settings = SMALL | {"train.precision": "float32", "train.graph": False, "generator.dropout": 0.0}
    flags = [part for key, value in settings.items() for part in ("--set", f"{key}={json.dumps(value)}")]
    with tempfile.TemporaryDirectory() as where:
        seen = []
        for name, start in (
            ("one", []),
            ("two", ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]),
        ):
            out = Path(where) / name
            command = [sys.executable, *start, "-m", "cyclekit", "run", "monet2photo", "--profile", "published"]
            done = subprocess.run([*command, "--out", str(out), *flags], capture_output=True, text=True)
            if done.returncode:
                return verdict("two processes", False, f"ended with {done.returncode}: {done.stderr[-600:]}")
            seen.append(logged(out))
    first, all_ = difference(seen[1][:1], seen[0][:1]), difference(seen[1], seen[0])
    words = f"largest relative difference of a term {first:.1e} at the first step, {all_:.1e} in {len(seen[0])}:"
    verdict("two processes are one with the whole batch", first <= 1e-3 and all_ <= 5e-2, words)


def on_the_processor() -> None:
    """The half that needs no card: the same static path, without a capture."""
    sums = []
    for how in (GraphedStep, EagerStep):
        training = training_of("cyclegan", device="cpu", **{"generator.blocks": 1, "generator.width": 4})
        step = how(train_step, training)
        for number in range(5):
            terms = step(pictures(32, 2, seed=number))
        sums.append({name: float(term) for name, term in terms.items()})
    verdict("the static path on a processor, 5 steps", sums[0] == sums[1], "terms equal those of launches:")
    resumed("cpu")


PARTS: dict[str, Callable[[], None]] = {
    "equal": equal,
    "resume": partial(resumed, "cuda"),
    "together": together,
    "table": table,
    "first": first_step,
    "translate": translating,
}


def main() -> None:
    """Parse, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="print where a step's time goes, by kernel")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="these parts alone")
    options = parser.parse_args()
    load_plugins()
    on_the_processor()
    if not torch.cuda.is_available():
        print(f"no CUDA card here, so these were not run: {', '.join(PARTS)}")
    else:
        for name, part in PARTS.items():
            if options.only is None or name in options.only:
                begun = time.perf_counter()
                try:
                    part()
                except Exception as error:
                    verdict(name, False, f"{type(error).__name__}: {str(error)[:300]}")
                print(f"({name}: {time.perf_counter() - begun:.0f} s)\n", flush=True)
        if options.profile:
            by_kernel()
    print(f"{len(FAILED)} of the bounds not met: {', '.join(FAILED)}" if FAILED else "all bounds met")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    main()
