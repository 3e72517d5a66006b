"""How long one full CycleGAN step on sentences takes, by how a gradient passes through the words.

    python benchmarks/text_step.py                          # four ways, and greedy translation
    python benchmarks/text_step.py --rounds 5 --precision bf16

A full step: two domains of 64 sentences of 16 to 32 tokens, vocabulary 8,000; both translations, both cycles, both
denoising autoencoders, generators' update, discriminators' update. `draw_then_rescore` is the house's; `step_by_step`
is the same network decoded differentiably word by word, on a cache too; `no_cache` the same without one, all that was
written decoded again for every word; `soft` feeds whole distributions (Style Transformer). Each runs in a process of
its own, in turn, several rounds; the table shows medians and, because machines drift, the ratio within a round. Memory
is the process's peak above what it held before its first step. Sentences are random, and an untrained network does not
end its own: all bridges draw all places of the longest row.
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
from torch import Tensor
from without_data import ready

from cyclekit.assembling.assemble import build_networks
from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import lsgan
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import load_recipe
from cyclekit.recipe.validating import validated
from cyclekit.text.codec import END, PAD
from cyclekit.text.likelihood import token_nll
from cyclekit.training.loop import train_step
from cyclekit.training.state import Training

BRIDGES = ("draw_then_rescore", "step_by_step", "no_cache", "soft")
VOCABULARY, LONGEST, ROWS = 8000, 32, 64


class NumbersForWords:
    """Stands in for a codec: a vocabulary of numbers."""

    pad, end, unknown, blank = PAD, END, 2, 3
    vocabulary, limit, allowed = VOCABULARY, LONGEST, None
    begins_word = torch.ones(VOCABULARY, dtype=torch.bool)

    def __init__(self, domain: str) -> None:
        self.domain = domain

    def piece(self, index: int) -> str:
        """Every number is a word."""
        return str(index)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each bridge in each round")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, help="of the feed-forward parts; 4 x width if not given")
    parser.add_argument("--precision", default="float32", choices=["float32", "bf16"])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options)))
        return
    print(f"python benchmarks/text_step.py {' '.join(sys.argv[1:])}")
    threads = f"{torch.get_num_threads()} threads, torch {torch.__version__}"
    hidden = options.hidden or 4 * options.width
    network = f"width {options.width}, hidden {hidden}, {options.layers} + {options.layers} layers"
    print(f"{processor()}, {threads}; {options.precision}, {network}")
    results: dict[str, list[dict[str, float]]] = {bridge: [] for bridge in BRIDGES}
    for _ in range(options.rounds):
        for bridge in BRIDGES:
            results[bridge].append(in_a_process(bridge))
    print(f"{'bridge':<18} {'s/step':>8} {'times ours':>11} {'peak MiB':>9}")
    for bridge, rounds in results.items():
        seconds = statistics.median(found["seconds"] for found in rounds)
        ratio = statistics.median(found["seconds"] / own["seconds"] for found, own in zip(rounds, results[BRIDGES[0]]))
        print(f"{bridge:<18} {seconds:>8.2f} {ratio:>10.2f}x {max(found['peak'] for found in rounds):>9.0f}")
    print(f"greedy translation: {max(found['translated'] for found in results[BRIDGES[0]]):.0f} sentences a second")


def in_a_process(bridge: str) -> dict[str, Any]:
    """One bridge in a fresh process, so that its peak memory is its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--child", bridge]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def measure(bridge: str, options: argparse.Namespace) -> dict[str, float]:
    """Median seconds of a step after the first, the peak in MiB, and sentences translated in a second."""
    torch.manual_seed(0)
    training, real = assembled(bridge, options), Pair(sentences(), sentences())
    before = peak_memory()
    seconds = []
    for _ in range(options.steps + 1):
        begun = time.perf_counter()
        train_step(training, real)
        seconds.append(time.perf_counter() - begun)
    peak = peak_memory() - before
    translated = throughput(training, real.a) if bridge == BRIDGES[0] else 0.0  # they all translate alike
    return {"seconds": statistics.median(seconds[1:]), "peak": peak, "translated": translated}


def without_cache(generator: Any) -> None:
    """Let a generator decode all it has written anew for every word."""

    def decode_next(inputs: Tensor, caches: list[Any], mask: Tensor | None, position: int) -> Tensor:
        # The first layer's cache serves as the place to remember what was written.
        caches[0].inputs = inputs if position == 0 else torch.cat([caches[0].inputs, inputs], 1)
        state = network._placed(caches[0].inputs)
        for layer, cache in zip(network.decoder_layers(), caches):
            state = layer(state, cache.memorised, mask)
        return network.written(state)[:, -1]

    network = generator.network
    network.decode_next = decode_next


def throughput(training: Training, source: Batch) -> float:
    """Sentences a second, greedily."""
    generator = training.run.networks.generators.b
    assert generator is not None
    generator.eval()
    begun = time.perf_counter()
    with torch.no_grad(), training.autocast():
        for _ in range(3):
            generator(source)
    return 3 * source.size / (time.perf_counter() - begun)


def assembled(bridge: str, options: argparse.Namespace) -> Training:
    """The text base's networks and objective over random sentences."""
    load_plugins()
    settings = load_recipe(
        Path("recipes/formal2informal"),
        overrides={
            "generator.bridge": "step_by_step" if bridge == "no_cache" else bridge,
            "generator.width": options.width, "generator.layers": options.layers,
            "generator.hidden": options.hidden, "train.precision": options.precision, "train.steps": 1,
            "train.stages": [], "train.moving_average": None,
        },
    )  # fmt: skip
    recipe = validated(settings.model_dump(), "benchmark")
    networks = build_networks(recipe, Pair(NumbersForWords("a"), NumbersForWords("b")))  # type: ignore[arg-type]
    objective = CycleGAN(
        lsgan(), token_nll(), adversarial=4.0, cycle=1.0, identity=0.5, cross_domain_negatives=1.0,
        adversarial_target=0.25, teacher_forcing=True, replay=2000,
    )  # fmt: skip
    if bridge == "no_cache":
        without_cache(networks.generators.b)  # which brings the other direction, over the same network
    return ready(recipe, networks, objective)


def sentences() -> Batch:
    """Random sentences of 16 to 32 tokens."""
    rows = []
    for length in torch.randint(16, LONGEST + 1, (ROWS,)).tolist():
        ids = torch.randint(300, VOCABULARY, (1, length))
        ids[0, -1] = END
        rows.append(Batch(ids, torch.ones(1, length, dtype=torch.bool)))
    return concat(rows)


def peak_memory() -> float:
    """MiB that this process ever held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor() -> str:
    """The processor's name and count of cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return name


if __name__ == "__main__":
    main()
