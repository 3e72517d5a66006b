"""The objectives against traces of the reference implementation: every loss of every step, and what was learned.

The reference calls the judge of B "D_A" (and its loss D_A), the generator of B "G_A"; its logged losses carry the
weights, ours are raw.
"""

import json
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn

from cyclekit.assemble import Run, unique_parameters
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, l1, lsgan
from cyclekit.core.parts import Networks
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.image.importing import read_weights
from cyclekit.training import SIDES, train_step
from cyclekit.training_state import Training

GOLDEN = Path(__file__).parent / "golden"


def network(trace, name, **options):
    """A network of a trace. `options` sets what a file of weights cannot tell."""
    imported = read_weights(GOLDEN / f"{trace}_init_net_{name}.pth")
    return imported._replace(options=imported.options | options).build()


def training_of(networks, objective):
    run = Run(None, None, networks, objective, None, None)
    optimizers = {
        side: torch.optim.Adam(unique_parameters(getattr(networks, side)), lr=2e-4, betas=(0.5, 0.999))
        for side in SIDES
    }
    return Training(run, Path(), Accelerator(cpu=True), optimizers, 0, 1, "float32")


def trace_of(name):
    tensors = load_file(GOLDEN / f"{name}.safetensors")
    losses = json.loads((GOLDEN / f"{name}.json").read_text())["losses"]
    assert losses, "a trace without steps proves nothing"
    return tensors, losses


def real_pair(tensors, step):
    return Pair(Batch(tensors[f"A.{step}"]), Batch(tensors[f"B.{step}"]))


def assert_losses(terms, weights, expected):
    for reference, (term, weight) in weights.items():
        if reference in expected and expected[reference] != 0:
            assert weight * float(terms[term]) == pytest.approx(expected[reference], rel=1e-4), reference


@pytest.mark.parametrize(
    ("name", "gan_loss", "identity"), [("cyclegan_resnet9", lsgan, 5.0), ("cyclegan_resnet6_vanilla_noidt", bce, 0.0)]
)
def test_cyclegan_repeats_the_reference(name, gan_loss, identity):
    tensors, losses = trace_of(name)
    networks = Networks(
        generators=Pair(a=network(name, "G_B"), b=network(name, "G_A")),
        discriminators=Pair(a=nn.ModuleList([network(name, "D_B")]), b=nn.ModuleList([network(name, "D_A")])),
    )
    # Adam's first steps go by a gradient's sign, so that rounding alone grows tenfold a step: not even the reference in
    # float64 repeats its own float32 trace to 1e-4. Two calls, as it makes them, round the same way.
    training = training_of(networks, CycleGAN(gan_loss(), l1(), identity=identity, shared_forward=False))
    weights = {
        "G_A": ("adversarial.b", 1.0), "G_B": ("adversarial.a", 1.0),
        "D_A": ("discriminator.b", 1.0), "D_B": ("discriminator.a", 1.0),
        "cycle_A": ("cycle.a", 10.0), "cycle_B": ("cycle.b", 10.0),
        "idt_A": ("identity.b", 5.0), "idt_B": ("identity.a", 5.0),
    }  # fmt: skip
    for step, expected in enumerate(losses):
        terms = train_step(training, real_pair(tensors, step))
        assert len(terms) == (8 if identity else 6)
        assert_losses(terms, weights, expected)
    real = real_pair(tensors, len(losses) - 1)
    with torch.no_grad():
        torch.testing.assert_close(networks.generators.b(real.a).data, tensors["fake_B_after"], atol=1e-3, rtol=0)
        torch.testing.assert_close(networks.generators.a(real.b).data, tensors["fake_A_after"], atol=1e-3, rtol=0)


def test_pix2pix_repeats_the_reference():
    tensors, losses = trace_of("pix2pix_unet128")
    judge = network("pix2pix_unet128", "D")
    networks = Networks(Pair(None, network("pix2pix_unet128", "G", dropout=0.0)), Pair(None, nn.ModuleList([judge])))
    training = training_of(networks, Pix2Pix(bce(), l1()))
    for step, expected in enumerate(losses):
        terms = train_step(training, real_pair(tensors, step))
        assert_losses(terms, {"G_GAN": ("adversarial.b", 1.0), "G_L1": ("l1.b", 100.0)}, expected)
        both = 0.5 * (expected["D_real"] + expected["D_fake"])
        assert float(terms["discriminator.b"]) == pytest.approx(both, rel=1e-4)
    with torch.no_grad():
        fake = networks.generators.b(real_pair(tensors, len(losses) - 1).a).data
    torch.testing.assert_close(fake, tensors["fake_B_after"], atol=1e-3, rtol=0)
