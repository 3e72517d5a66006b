"""Claim 9: how many pictures a second each generator translates. The lecture's figure is ten on a good GPU.

    python -m experiments.speed                       # 500 x 500 px, this processor and the GPU where there is one
    python -m experiments.speed --size 256 --rounds 5

A picture is timed from 8-bit pixels to 8-bit pixels, one at a time: encoded and padded to what the network takes,
translated, cropped and decoded. All variants take turns, several rounds; the table shows medians, and how near a
network comes to its floor: its counted operations at the rate of one large convolution on the same machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from cyclekit import registry
from cyclekit.api import read
from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from experiments.trial import as_script, machine

LECTURE, LECTURE_SIZE = 10, 500
"""Pictures a second, of so many pixels a side, "on a good GPU"."""

PUBLISHED = ("encoder_decoder", "unet_256", "resnet_6blocks", "resnet_9blocks")
"""With their default options, which are the published ones: width 64; eight halvings; six and nine blocks."""
SMALL = "monet2photo-cpu"
"""The generator of monet2photo's profile for built-in data."""

LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
TURN = 0.25
"""Seconds that a turn lasts at least: a GPU translates many pictures in it, a processor one."""


class Variant(NamedTuple):
    """One way to run one generator."""

    generator: str
    device: str
    precision: str
    layout: str


class Timed(NamedTuple):
    """Seconds for one picture."""

    whole: float
    """From 8-bit pixels to 8-bit pixels."""
    network: float
    """Of that, in the network."""


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Parse, measure, write speed.json and table.md; what speed.json holds."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*PUBLISHED, SMALL]
    parser.add_argument("--size", type=int, help="side of the square pictures in pixels; default: 500, the lecture's")
    parser.add_argument("--rounds", type=int, help="default: 3")
    parser.add_argument("--threads", type=int, help="of the processor; default: as many as torch takes")
    parser.add_argument("--generators", nargs="+", default=names, choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--devices", nargs="+", default=devices(), choices=devices(), help="default: all there are")
    parser.add_argument("--out", type=Path, default=Path("runs/experiments/speed"), help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="64 px, one round, one layout; the numbers mean nothing")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    load_plugins()
    layouts = list(LAYOUTS)[:1] if options.quick else list(LAYOUTS)
    size, rounds = (
        options.size or (64 if options.quick else LECTURE_SIZE),
        options.rounds or (1 if options.quick else 3),
    )
    result = measured(options.generators, options.devices, layouts, size, rounds, 0.0 if options.quick else TURN)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "speed.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    text = report(result)
    (options.out / "table.md").write_text(text, encoding="utf-8")
    print(text)
    return result


def devices() -> list[str]:
    """The processor, and a CUDA device where there is one."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def precisions(device: str) -> list[str]:
    """How a device can multiply in hardware; emulated bfloat16 is slow and tells nothing.

    "tf32" is what PyTorch does on a GPU unless told otherwise: float32 convolutions with ten bits of mantissa.
    """
    if device == "cpu":
        return ["float32", *(["bf16"] if torch.cpu._is_avx512_bf16_supported() else [])]
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    return ["float32", *(["tf32", "bf16"] if native else [])]


def measured(
    names: Sequence[str], on: Sequence[str], layouts: Sequence[str], size: int, rounds: int, least: float
) -> dict[str, Any]:
    """Every variant in turn, `rounds` times after a turn to warm up, with the floors in between.

    Args:
        least: seconds that a turn lasts.
    """
    ways = [(device, precision) for device in on for precision in precisions(device)]
    networks = {name: built(name) for name in names}
    shapes = {name: shape(name, size) for name in names}
    times: dict[Variant, list[Timed]] = {
        Variant(name, *way, layout): [] for name in names for way in ways for layout in layouts
    }
    rates = dict.fromkeys(ways, 0.0)
    for turn in range(rounds + 1):
        for device, precision in ways:
            # The best of all rounds: only interference slows it.
            found = [convolution_rate(Variant("", device, precision, layout), size) for layout in layouts]
            rates[device, precision] = max(rates[device, precision], *found)
        for variant, seconds in times.items():
            timed = one_turn(networks[variant.generator], variant, size, least)
            if turn:
                seconds.append(timed)
    return {
        "size": size,
        "rounds": rounds,
        "machine": machine(),
        "devices": {
            device: torch.cuda.get_device_name() if device == "cuda" else machine()["processor"] for device in on
        },
        "GFLOP/s of a convolution": {" ".join(way): rate / 1e9 for way, rate in rates.items()},
        "generators": shapes,
        "variants": [
            summary(
                variant, seconds, shapes[variant.generator]["GFLOP"] * 1e9 / rates[variant.device, variant.precision]
            )
            for variant, seconds in times.items()
        ],
    }


def summary(variant: Variant, found: Sequence[Timed], floor: float) -> dict[str, Any]:
    """Medians over the rounds, their range, and the share of the network's time that its floor is."""
    seconds, network = (statistics.median(getattr(timed, field) for timed in found) for field in Timed._fields)
    each = [1 / timed.whole for timed in found]
    return {
        **variant._asdict(),
        "pictures a second": 1 / seconds,
        "slowest, fastest round": [min(each), max(each)],
        "seconds in the network": network,
        "seconds beside it": seconds - network,
        "of floor": floor / network,
    }


def built(name: str) -> nn.Module:
    """A generator between colour pictures, in eval mode. Its weights are random: they change no time."""
    codec = ImageCodec()
    if name == SMALL:
        choice = read("monet2photo", profile="small").generator
        return registry.build("generator", choice.name, codec, codec, options=choice.options).eval()
    return registry.build("generator", name, codec, codec).eval()


def shape(name: str, size: int) -> dict[str, Any]:
    """A generator's parameters, the side that it pads a picture to, and the operations (a multiply-add is two).

    Convolutions alone are counted. Norms, activations and padding take time too: that is what a floor leaves out.
    """
    with torch.device("meta"):
        network = built(name)
    padded, _ = ImageCodec().prepare(noise(size), network.multiple, network.smallest)  # type: ignore[arg-type]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(padded.to("meta"))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return {"parameters": parameters, "side": padded.data.shape[-1], "GFLOP": counter.get_total_flops() / 1e9}


@torch.no_grad()
def one_turn(network: nn.Module, variant: Variant, size: int, least: float) -> Timed:
    """One picture after another for at least so many seconds; the mean."""
    layout: Any = LAYOUTS[variant.layout]
    network.to(variant.device).to(memory_format=layout)
    codec, picture = ImageCodec(), noise(size)
    count, whole, inside = 0, 0.0, 0.0
    with multiplying(variant):
        while not count or whole < least:
            begun = time.perf_counter()
            row, memory = codec.prepare(picture, network.multiple, network.smallest)  # type: ignore[arg-type]
            row = Batch(row.data.to(variant.device, memory_format=layout))
            entered = now(variant.device)
            made = network(row)
            left = now(variant.device)
            codec.finish(made.to("cpu"), memory)
            whole, inside, count = whole + time.perf_counter() - begun, inside + left - entered, count + 1
    if variant.device != "cpu":
        network.to("cpu")  # so that the next one has the device to itself
    return Timed(whole / count, inside / count)


@torch.no_grad()
def convolution_rate(variant: Variant, size: int) -> float:
    """Operations a second of the convolution in a ResNet's blocks: 256 channels to 256, at a quarter of the side."""
    side: int = size // 4
    layout: Any = LAYOUTS[variant.layout]
    features, weight = (
        torch.rand(*shape, device=variant.device).to(memory_format=layout)
        for shape in ((1, 256, side, side), (256, 256, 3, 3))
    )
    if variant.precision == "bf16":
        features, weight = features.bfloat16(), weight.bfloat16()
    work = 2 * 9 * 256 * 256 * side**2
    with multiplying(variant):
        return work / min(seconds(features, weight, variant.device) for _ in range(4))


def seconds(features: Tensor, weight: Tensor, device: str) -> float:
    """Seconds for one convolution; on a GPU of many, which alone are longer than their launch."""
    count = 1 if device == "cpu" else 20
    begun = now(device)
    for _ in range(count):
        F.conv2d(features, weight, padding=1)
    return (now(device) - begun) / count


@contextmanager
def multiplying(variant: Variant) -> Iterator[None]:
    """The variant's precision, and on a GPU the fastest algorithm that a search finds."""
    with ExitStack() as stack:
        if variant.device == "cuda":
            fast = variant.precision != "float32"
            stack.enter_context(torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=fast))
        stack.enter_context(torch.autocast(variant.device, torch.bfloat16, enabled=variant.precision == "bf16"))
        yield


def now(device: str) -> float:
    """The time, once the device has nothing left to do."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def noise(size: int) -> Image.Image:
    """A picture to translate; which one changes no time."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8))


def report(result: dict[str, Any]) -> str:
    """Markdown: a row for each variant, the fastest of each generator on each device against the lecture's figure."""
    size = result["size"]
    lines = [
        f"{size} x {size} px, one picture at a time, medians of {result['rounds']} rounds; "
        f"torch {result['machine']['torch']}, {result['machine']['threads']} CPU threads; "
        + ", ".join(f"{device}: {name}" for device, name in result["devices"].items()) + ".",
        "Rate of one convolution, GFLOP/s: "
        + ", ".join(f"{way} {rate:,.0f}" for way, rate in result["GFLOP/s of a convolution"].items()) + ".",
        "",
        "| generator | parameters | px inside | GFLOP | device | precision | layout | pictures/s | s in network "
        "| s beside it | of floor |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in result["variants"]:
        of = result["generators"][row["generator"]]
        cells = [
            row["generator"], f"{of['parameters'] / 1e6:.2f} M", str(of["side"]), f"{of['GFLOP']:,.0f}",
            row["device"], row["precision"], row["layout"], f"{row['pictures a second']:.3g}",
            f"{row['seconds in the network']:.3g}", f"{row['seconds beside it']:.2g}", f"{row['of floor']:.0%}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for device in result["devices"]:
        for name in result["generators"]:
            best = max(
                (row for row in result["variants"] if (row["device"], row["generator"]) == (device, name)),
                key=lambda row: row["pictures a second"],
            )
            rate = best["pictures a second"]
            line = f"- {name} on {device}: {rate:.3g} pictures/s at best ({best['precision']}, {best['layout']})"
            if size == LECTURE_SIZE:
                verdict = "reached" if rate >= LECTURE else f"missed by a factor of {LECTURE / rate:.1f}"
                line += f"; the lecture's {LECTURE} a second are {verdict}"
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    as_script(main)
