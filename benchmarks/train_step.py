"""How long one CycleGAN step takes, and how far that is from what the machine could do.

    python benchmarks/train_step.py                        # 64 px and 256 px, every variant
    python benchmarks/train_step.py --sizes 64 --rounds 5

Each variant runs in a process of its own, in turn, several rounds; the table shows the median over rounds and, because
machines drift, the ratio to the baseline of the same round. The baseline is the published code's arithmetic written
plainly (`published.py`): every forward on its own, three backwards, weight gradients of the discriminators switched off
by hand. The floor is the step's counted multiplications at the matrix rate that this machine reaches in one large
product.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from published import PublishedCycleGAN
from torch.utils.flop_counter import FlopCounterMode
from without_data import ready

from cyclekit.assembling.assemble import build_networks
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan
from cyclekit.core.parts import Networks
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.loop import train_step
from cyclekit.training.state import Training

BLOCKS = {64: 6, 256: 9}
"""Residual blocks by picture size, as published (CycleGAN 7.2: 6 for 128 px and below, 9 for 256 px)."""
VARIANTS = {
    "baseline": "the plain loop of the published arithmetic, float32",
    "float32": "cyclekit, eager, float32",
    "bf16": "cyclekit, eager, bfloat16 autocast",
    "float32 compiled": "cyclekit, torch.compile, float32",
    "bf16 compiled": "cyclekit, torch.compile, bfloat16 autocast",
}


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256], choices=sorted(BLOCKS))
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each variant in each round")
    parser.add_argument("--child", nargs=2, metavar=("VARIANT", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child[0], int(options.child[1]), options.steps)))
        return
    print(f"python benchmarks/train_step.py {' '.join(sys.argv[1:])}")
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    rates = {"float32": matrix_rate(torch.float32), "bf16": matrix_rate(torch.bfloat16)}
    for name, rate in rates.items():
        print(f"matrix rate {name}: {rate / 1e9:.0f} GFLOP/s")
    for size in options.sizes:
        table(size, options, rates)


def table(size: int, options: argparse.Namespace, rates: dict[str, float]) -> None:
    """Measure all variants at one size, in turn, and print their rows."""
    work = counted(size)
    print(f"\n{size} px, batch 1, ResNet-{BLOCKS[size]}, width 64: {work / 1e9:.0f} GFLOP a step")
    print("floor: " + ", ".join(f"{work / rate:.2f} s {name}" for name, rate in rates.items()))
    print(f"{'variant':<18} {'s/step':>8} {'vs baseline':>12} {'of floor':>9} {'peak MiB':>9} {'first step s':>13}")
    results: dict[str, list[dict[str, Any]]] = {variant: [] for variant in options.variants}
    for _ in range(options.rounds):
        for variant in options.variants:
            results[variant].append(in_a_process(variant, size, options.steps))
    for variant, rounds in results.items():
        seconds = statistics.median(found["seconds"] for found in rounds)
        speedup = "-"
        if "baseline" in results:
            pairs = zip(results["baseline"], rounds)
            speedup = f"{statistics.median(base['seconds'] / found['seconds'] for base, found in pairs):.2f}x"
        floor = work / rates["bf16" if "bf16" in variant else "float32"]
        peak = max(found["peak"] for found in rounds)
        first = statistics.median(found["first"] for found in rounds)
        print(f"{variant:<18} {seconds:>8.2f} {speedup:>12} {floor / seconds:>9.0%} {peak:>9.0f} {first:>13.1f}")


def in_a_process(variant: str, size: int, steps: int) -> dict[str, Any]:
    """One variant in a fresh process, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--steps", str(steps), "--child", variant, str(size)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def measure(variant: str, size: int, steps: int) -> dict[str, float]:
    """Median seconds of a step after the first, seconds of the first, and the process's peak memory in MiB."""
    torch.manual_seed(0)
    real = pair(size)
    if variant == "baseline":
        step = PublishedCycleGAN(networks(size))
    else:
        training = assembled(size, "bf16" if "bf16" in variant else "float32", "compiled" in variant)
        step = lambda real: train_step(training, real)  # noqa: E731
    seconds = []
    for _ in range(steps + 1):
        begun = time.perf_counter()
        step(real)
        seconds.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": statistics.median(seconds[1:]), "first": seconds[0], "peak": peak}


def networks(size: int) -> Networks:
    """The published networks for a size."""
    load_plugins()
    recipe = load_recipe(find_recipe("monet2photo"), overrides={"generator.blocks": BLOCKS[size]})
    return build_networks(recipe, Pair(ImageCodec(), ImageCodec()))


def assembled(size: int, precision: str, compiled: bool) -> Training:
    """The same networks in cyclekit's own step."""
    recipe = load_recipe(
        find_recipe("monet2photo"),
        overrides={"train.precision": precision, "train.compile": compiled, "train.steps": 1},
    )
    return ready(recipe, networks(size), CycleGAN(lsgan(), l1()))


def pair(size: int) -> Pair[Batch]:
    """One random picture of each domain."""
    return Pair(Batch(torch.rand(1, 3, size, size) * 2 - 1), Batch(torch.rand(1, 3, size, size) * 2 - 1))


def counted(size: int) -> int:
    """Floating-point operations of the baseline's step (a multiply-add counts two), forward and backward."""
    step, real = PublishedCycleGAN(networks(size)), pair(size)
    with FlopCounterMode(display=False) as counter:
        step(real)
    return counter.get_total_flops()


def matrix_rate(kind: torch.dtype, side: int = 2048) -> float:
    """Operations a second of one large matrix product: the best of several, since only interference slows it."""
    one, other = torch.rand(side, side).to(kind), torch.rand(side, side).to(kind)
    seconds = []
    for _ in range(8):
        begun = time.perf_counter()
        one @ other
        seconds.append(time.perf_counter() - begun)
    return 2 * side**3 / min(seconds)


def processor() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor()


if __name__ == "__main__":
    main()
