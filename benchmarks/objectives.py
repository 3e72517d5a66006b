"""How long a step of CUT takes, and how much memory, beside CycleGAN's on the same networks.

    python benchmarks/objectives.py                        # the cpu profile's networks at 64 px, both in turn
    python benchmarks/objectives.py --profile published --size 128 --batch 1 --rounds 2 --steps 1
    python benchmarks/objectives.py --profile repaint --size 128  # the parts that repaint, bf16 where native

Each objective runs in a process of its own, in turn, several rounds; the table shows the median over rounds and,
because machines drift, the ratio to CycleGAN of the same round. Each has the networks of its own recipe, CUT those of
one direction only. Memory is the largest that the process had, without what it held before the first step.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import torch
from train_step import processor
from without_data import ready

from cyclekit.assembling.assemble import build_networks
from cyclekit.assembling.objective import build_objective
from cyclekit.core.batch import Batch, Pair
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.loop import train_step

RECIPES = {"cyclegan": "horse2zebra", "cut": "horse2zebra_cut"}
REPAINTING = {"cyclegan": ("monet2photo", "cpu"), "cut": ("horse2zebra_cut", "repaint")}
"""Recipe and profile of either with the parts that repaint."""


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="cpu")
    parser.add_argument("--size", type=int, default=64, help="side of the pictures")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5, help="timed steps of each objective in each round")
    parser.add_argument("--child", choices=RECIPES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options)))
        return
    print(f"python benchmarks/objectives.py {' '.join(sys.argv[1:])}")
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"profile {options.profile}, {options.size} px, {options.batch} pictures of each domain")
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in RECIPES}
    for _ in range(options.rounds):
        for name in RECIPES:
            results[name].append(in_a_process(name))
    print(f"{'objective':<10} {'s/step':>8} {'vs cyclegan':>12} {'MiB of steps':>13} {'parameters':>12}")
    for name, rounds in results.items():
        seconds = statistics.median(found["seconds"] for found in rounds)
        both = zip(results["cyclegan"], rounds)
        ratio = statistics.median(found["seconds"] / base["seconds"] for base, found in both)
        peak = statistics.median(found["peak"] for found in rounds)
        print(f"{name:<10} {seconds:>8.3f} {ratio:>11.2f}x {peak:>13.0f} {rounds[0]['parameters']:>12,}")


def in_a_process(name: str) -> dict[str, Any]:
    """One objective in a fresh process, so that its peak memory is its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--child", name]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def measure(name: str, options: argparse.Namespace) -> dict[str, float]:
    """Median processor seconds of a step after the first, memory of the steps in MiB, and parameters that learn."""
    load_plugins()
    repaints = options.profile == "repaint"
    chosen, profile = REPAINTING[name] if repaints else (RECIPES[name], options.profile)
    recipe = load_recipe(
        find_recipe(chosen),
        profile=None if profile == "published" else profile,
        overrides={"train.precision": "auto" if repaints else "float32", "train.moving_average": None},
    )
    torch.manual_seed(0)
    codecs = Pair(ImageCodec(), ImageCodec())
    networks = build_networks(recipe, codecs)
    objective = build_objective(recipe, SimpleNamespace(codecs=codecs), networks)  # type: ignore[arg-type]
    training = ready(recipe, networks, objective)
    shape = (options.batch, 3, options.size, options.size)
    real = Pair(Batch(torch.rand(shape) * 2 - 1), Batch(torch.rand(shape) * 2 - 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(options.steps + 1):
        begun = time.process_time()
        train_step(training, real)
        seconds.append(time.process_time() - begun)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    learning = [group["params"] for optimizer in training.optimizers.values() for group in optimizer.param_groups]
    parameters = sum(one.numel() for own in learning for one in own)
    return {"seconds": statistics.median(seconds[1:]), "peak": peak, "parameters": parameters}


if __name__ == "__main__":
    main()
