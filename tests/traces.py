"""The recorded traces of the reference implementation, and how far rounding alone can carry a run away from them.

    python -m tests.traces        # measures that again, in about two minutes, and writes golden/rounding.json

The reference calls the judge of B "D_A" (and its loss D_A), the generator of B "G_A"; its logged losses carry the
weights, ours are raw.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from benchmarks.published import PublishedCycleGAN, PublishedPix2Pix, cross_entropy
from cyclekit.assembling.assemble import Run
from cyclekit.assembling.networks import unique_parameters
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, l1, lsgan
from cyclekit.core.parts import Networks
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.image.importing import read_weights
from cyclekit.training.loop import SIDES, train_step
from cyclekit.training.state import Training

GOLDEN = Path(__file__).parent / "golden"
ROUNDING = GOLDEN / "rounding.json"
TRACES = ("cyclegan_resnet9", "cyclegan_resnet6_vanilla_noidt", "pix2pix_unet128")

Step = Callable[[Pair[Batch]], dict[str, Tensor]]


class Recorded(NamedTuple):
    """What one run made, of the reference or of ours."""

    terms: list[dict[str, float]]
    """The raw losses of each step, by our names."""
    fakes: dict[str, Tensor]
    """By domain, what the generators make of the last inputs after the last step."""


def recorded(trace: str) -> Recorded:
    """The reference's own run."""
    weights = {
        "G_A": ("adversarial.b", 1.0), "G_B": ("adversarial.a", 1.0),
        "D_A": ("discriminator.b", 1.0), "D_B": ("discriminator.a", 1.0),
        "cycle_A": ("cycle.a", 10.0), "cycle_B": ("cycle.b", 10.0),
        "idt_A": ("identity.b", 5.0), "idt_B": ("identity.a", 5.0),
        "G_GAN": ("adversarial.b", 1.0), "G_L1": ("l1.b", 100.0),
    }  # fmt: skip
    terms = []
    for logged in json.loads((GOLDEN / f"{trace}.json").read_text())["losses"]:
        found = {ours: logged[name] / weight for name, (ours, weight) in weights.items() if logged.get(name)}
        if "D_real" in logged:  # pix2pix logs its halves
            found["discriminator.b"] = (logged["D_real"] + logged["D_fake"]) / 2
        terms.append(found)
    assert terms, "a trace without steps proves nothing"
    tensors = load_file(GOLDEN / f"{trace}.safetensors")
    return Recorded(terms, {side: tensors[key] for side in "ab" if (key := f"fake_{side.upper()}_after") in tensors})


def inputs(trace: str, dtype: torch.dtype = torch.float32) -> list[Pair[Batch]]:
    """The real pictures of each step."""
    tensors = load_file(GOLDEN / f"{trace}.safetensors")
    steps = sum(key.startswith("A.") for key in tensors)
    return [Pair(*(Batch(tensors[f"{side}.{step}"].to(dtype)) for side in "AB")) for step in range(steps)]


def networks(trace: str, dtype: torch.dtype = torch.float32) -> Networks:
    """The networks of a trace with the reference's initial weights."""

    def read(name: str, **options: float) -> nn.Module:  # `options`: what a file of weights cannot tell
        imported = read_weights(GOLDEN / f"{trace}_init_net_{name}.pth")
        return imported._replace(options=imported.options | options).build().to(dtype)

    if trace.startswith("pix2pix"):
        return Networks(Pair(None, read("G", dropout=0.0)), Pair(None, nn.ModuleList([read("D")])))
    return Networks(
        generators=Pair(a=read("G_B"), b=read("G_A")),
        discriminators=Pair(a=nn.ModuleList([read("D_B")]), b=nn.ModuleList([read("D_A")])),
    )


def published(trace: str, built: Networks) -> Step:
    """The plain published loop, with the trace's settings."""
    if trace.startswith("pix2pix"):
        return PublishedPix2Pix(built)
    return PublishedCycleGAN(built, cross_entropy, identity=0.0) if "vanilla" in trace else PublishedCycleGAN(built)


def ours(trace: str, built: Networks, *, shared_forward: bool = False) -> Step:
    """cyclekit's step, with the trace's settings."""
    objective: CycleGAN | Pix2Pix
    if trace.startswith("pix2pix"):
        objective = Pix2Pix(bce(), l1())
    elif "vanilla" in trace:
        objective = CycleGAN(bce(), l1(), identity=0.0, shared_forward=shared_forward)
    else:
        objective = CycleGAN(lsgan(), l1(), shared_forward=shared_forward)
    optimizers: dict[str, torch.optim.Optimizer] = {
        side: torch.optim.Adam(unique_parameters(getattr(built, side)), lr=2e-4, betas=(0.5, 0.999)) for side in SIDES
    }
    run = Run(None, None, built, objective, None, None)  # type: ignore[arg-type]
    training = Training(run, Path(), torch.device("cpu"), optimizers, 0, 1, "float32")
    return lambda real: train_step(training, real)


def repeat(step: Step, built: Networks, reals: list[Pair[Batch]]) -> Recorded:
    """Take a step on each input."""
    terms = [{name: float(term) for name, term in step(real).items()} for real in reals]
    fakes = {}
    with torch.no_grad():
        for side, generator in built.generators._asdict().items():
            if generator is not None:
                fakes[side] = generator(getattr(reals[-1].swapped, side)).data
    return Recorded(terms, fakes)


def apart(run: Recorded, other: Recorded) -> list[float]:
    """How far two runs are apart: the largest relative difference of a loss in each step, and at last the mean
    difference of the pictures."""
    steps = [
        max(abs(term - theirs[name]) / abs(theirs[name]) for name, term in terms.items())
        for terms, theirs in zip(run.terms, other.terms, strict=True)
    ]
    pictures = [float((fake.double() - other.fakes[side].double()).abs().mean()) for side, fake in run.fakes.items()]
    return [*steps, max(pictures)]


def perturbed(built: Networks, seed: int, size: float = 1e-7) -> Networks:
    """The networks with every weight changed by up to `size` of itself, which is what rounding to float32 does."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (parameter for side in SIDES for parameter in unique_parameters(getattr(built, side))):
            parameter.mul_(1 + size * (2 * torch.rand(parameter.shape, generator=generator) - 1))
    return built


def rounding(trace: str, runs: int) -> list[float]:
    """How far float32 runs of the published loop with perturbed weights get from the loop in float64, at most."""
    built = networks(trace, torch.float64)
    true = repeat(published(trace, built), built, inputs(trace, torch.float64))
    found = []
    for seed in range(runs):
        built = perturbed(networks(trace), seed)
        found.append(apart(repeat(published(trace, built), built, inputs(trace)), true))
    return [float(f"{max(column):.2g}") for column in zip(*found)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    measured = {trace: rounding(trace, runs=100) for trace in TRACES}
    ROUNDING.write_text(json.dumps(measured, indent=1) + "\n")
    print(ROUNDING.read_text(), end="")
