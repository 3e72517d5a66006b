"""What a training step and a translation cost on a CUDA card, beside the published code's plain loop; and that a
replayed step learns what a launched one does.

    python benchmarks/gpu.py                 # under four minutes on one card
    python benchmarks/gpu.py --profile       # and where the step's time goes, by kernel

Each line ends in PASS, FALLS SHORT or NEEDS A CARD. Without a card all parts run on the processor, with small networks
and pictures: what does not depend on speed is checked there, and bounds on speed need a card.

Random pictures, medians of synchronised steps, all in one process and on one card. "Published" is the arithmetic of
junyanz/pytorch-CycleGAN-and-pix2pix written plainly (`published.py`), in float32 with TF32 convolutions and cuDNN's own
search, as that code runs. The floor is the step's counted multiplications at the rate of one large bfloat16 product.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from gpu_checks import (
    RECIPES,
    equal,
    first_step,
    fits,
    pictures,
    resumed,
    sentences,
    small,
    together,
    training_of,
    translating,
    translating_files,
)
from gpu_place import CARD, FALLEN, PROCESSOR, WAITING, Place, bounded, milliseconds, verdict
from published import PublishedCycleGAN, PublishedPix2Pix
from torch.utils.flop_counter import FlopCounterMode

import cyclekit.image.patchgan
import cyclekit.image.resnet
from cyclekit.assembling.assemble import build_networks
from cyclekit.core.batch import Pair
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.graph import EagerStep, GraphedStep
from cyclekit.training.loop import train_step


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


def measured(place: Place, name: str, make: Callable[[], Callable[[], Any]], steps: int) -> dict[str, float] | None:
    """Time one variant; say so, whatever happens."""
    place.free()
    begun = time.perf_counter()
    try:
        step = make()
        step()
        place.wait()
        first = time.perf_counter() - begun
        median, pipelined = milliseconds(place, step, steps)
    except Exception as error:  # one variant that fails must not hide the others
        verdict(name, False, f"{type(error).__name__}: {str(error)[:200]}")
        return None
    print(f"{name:<44} {median:8.1f} {pipelined:10.1f} {place.peak / 2**30:9.2f} {first:8.1f}", flush=True)
    return {"median": median, "pipelined": pipelined}


def published(place: Place, objective: str, batch: int) -> Callable[[], Any]:
    """The plain loop."""
    settings = {"train.steps": 1, **small(place, objective)}
    recipe = load_recipe(find_recipe(RECIPES[objective]), overrides=settings)
    networks = build_networks(recipe, Pair(ImageCodec(), ImageCodec()))
    for network in [*networks.generators, *networks.discriminators]:
        if network is not None:
            network.to(place.device)
    loop = (PublishedCycleGAN if objective == "cyclegan" else PublishedPix2Pix)(networks)
    data = pictures(place.side, batch)
    return lambda: loop(data.map(lambda rows: rows.to(place.device)))


def ours(place: Place, objective: str, batch: int, how: type = GraphedStep) -> Callable[[], Any]:
    """cyclekit's step."""
    training = training_of(place, objective)
    step, data = how(train_step, training), pictures(place.side, batch)

    def once() -> Any:
        terms = step(data.map(lambda rows: rows.to(place.device)))
        assert not isinstance(step, GraphedStep) or step.eager_because is None, step.eager_because
        return terms

    return once


def flops(place: Place, objective: str) -> float:
    """Floating-point operations of the published step at batch 1; a multiply-add counts two."""
    step = published(place, objective, 1)
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def rates(place: Place) -> tuple[float, float]:
    """Of this device: bf16 operations a second in one large product, and bytes a second of a copy (read, written)."""
    side, size = (8192, 2**31) if place.is_card else (256, 2**22)
    one, other = (torch.randn(side, side, device=place.device, dtype=torch.bfloat16) for _ in range(2))
    product, _ = milliseconds(place, lambda: one @ other, 10)
    block = torch.empty(size, dtype=torch.uint8, device=place.device)
    target = torch.empty_like(block)
    copy, _ = milliseconds(place, lambda: target.copy_(block), 10)
    return 2 * side**3 / product * 1000, 2 * size / copy * 1000


def table(place: Place) -> None:
    """Steps: published, launched one by one, replayed."""
    rate, bandwidth = rates(place)
    name = torch.cuda.get_device_name() if place.is_card else "this processor"
    print(f"{name}, torch {torch.__version__}: {rate / 1e12:.2f} TFLOP/s bf16, copies {bandwidth / 1e12:.2f} TB/s\n")
    print(f"{f'step, {place.side} px':<44} {'ms':>8} {'pipelined':>10} {'peak GiB':>9} {'first s':>8}")
    for objective, batch, bound in (("cyclegan", 1, 4.4), ("cyclegan", 8, 3.0), ("pix2pix", 1, 4.0)):
        batch = batch if place.is_card else min(batch, 2)
        case = f"{objective} batch {batch}"
        with layer_by_layer():
            work = batch * flops(place, objective)
            torch.backends.cudnn.benchmark = True
            plain = measured(place, f"{case}: published", partial(published, place, objective, batch), place.steps)
            torch.backends.cudnn.benchmark = False
        measured(place, f"{case}: launched one by one", partial(ours, place, objective, batch, EagerStep), place.steps)
        graph = measured(place, f"{case}: one graph", partial(ours, place, objective, batch), place.steps)
        if plain and graph:
            ratio, floor = plain["pipelined"] / graph["pipelined"], work / rate * 1000
            words = f"{ratio:.2f} times the published loop (floor {floor:.1f} ms), bound {bound}:"
            bounded(place, case, ratio >= bound, words)


def by_kernel(place: Place) -> None:
    """Where a replayed step's time goes."""
    for batch in (1, 8):
        step = ours(place, "cyclegan", batch)
        for _ in range(5):
            step()
        place.wait()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiler:
            for _ in range(3):
                step()
            place.wait()
        events = sorted(profiler.key_averages(), key=lambda event: -event.self_device_time_total)
        total = sum(event.self_device_time_total for event in events) / 3000
        print(f"\nbatch {batch}: kernels of a step, {total:.1f} ms in all")
        for event in events[:28]:
            share, count = event.self_device_time_total / 3000, event.count / 3
            print(f"{share:8.2f} ms {count:7.0f} x {1000 * share / count:7.1f} us  {event.key[:100]}")


PARTS: dict[str, Callable[[Place], None]] = {
    "equal": equal,
    "resume": resumed,
    "fit": fits,
    "table": table,
    "first": first_step,
    "translate": translating,
    "files": translating_files,
    "sentences": sentences,
    "together": together,
}


def main() -> None:
    """Parse, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="store_true", help="print where a step's time goes, by kernel")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="these parts alone")
    parser.add_argument("--processor", action="store_true", help="the small parts of a processor, card or not")
    options = parser.parse_args()
    load_plugins()
    there = torch.cuda.is_available() and not options.processor
    place = CARD if there else PROCESSOR
    for name, part in PARTS.items():
        if options.only is not None and name not in options.only:
            print(f"({name}: not asked for)")
            continue
        begun = time.perf_counter()
        try:
            part(place)
        except Exception as error:
            verdict(name, False, f"{type(error).__name__}: {str(error)[:300]}")
        print(f"({name}: {time.perf_counter() - begun:.0f} s)\n", flush=True)
    if options.profile and place.is_card:
        by_kernel(place)
    elif options.profile:
        verdict("kernels of a step", None)
    print(f"{len(FALLEN)} fall short{': ' if FALLEN else ''}{', '.join(FALLEN)}")
    print(f"{len(WAITING)} need a card{': ' if WAITING else ''}{', '.join(WAITING)}")
    sys.exit(bool(FALLEN))


if __name__ == "__main__":
    main()
