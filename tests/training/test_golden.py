"""The objectives against the reference implementation: every loss of every step, every gradient, what was learned.

Training is ill-conditioned: Adam's first steps go by a gradient's sign, a ReLU or an absolute value has a kink, and so
two processors that round differently part tenfold a step, or jump. What is the same everywhere is pinned: the first
losses against the reference's own, and all the rest in float64 against its arithmetic written plainly. Its recorded
float32 run is held to how far rounding alone can carry a run (`traces.py` measured it).
"""

import json

import pytest
import torch

from benchmarks.published import PublishedCycleGAN
from cyclekit.assembling.networks import unique_parameters
from cyclekit.training.loop import SIDES
from tests.traces import ROUNDING, TRACES, apart, inputs, networks, ours, perturbed, published, recorded, repeat

CYCLEGAN = "cyclegan_resnet9"
ROUNDED = json.loads(ROUNDING.read_text())


def bound(trace):
    """Two float32 runs are each within `ROUNDED` of the exact one, so within twice that of each other."""
    return [2 * size for size in ROUNDED[trace]]


def within(found, allowed):
    return all(size <= most for size, most in zip(found, allowed, strict=True))


def gradients(built):
    return {
        f"{side}.{index}": parameter.grad
        for side in SIDES
        for index, parameter in enumerate(unique_parameters(getattr(built, side)))
    }


def numbers(terms):
    return {name: float(term) for name, term in terms.items()}


def assert_close_gradients(found, expected, tolerance):
    """To a share of each side's largest gradient: a bias before a norm has none but its rounding."""
    for side in SIDES:
        largest = max(float(gradient.abs().max()) for name, gradient in expected.items() if name.startswith(side))
        assert largest > 1e-3
        for name, gradient in expected.items():
            if name.startswith(side):
                assert float((found[name] - gradient).abs().max()) <= tolerance * largest, name


@pytest.mark.parametrize("shared_forward", [False, True])
@pytest.mark.parametrize("trace", TRACES)
def test_the_first_losses_are_the_reference_s(trace, shared_forward):
    built, expected = networks(trace), recorded(trace)
    terms = ours(trace, built, shared_forward=shared_forward)(inputs(trace)[0])
    assert numbers(terms) == pytest.approx(expected.terms[0], rel=1e-5)


@pytest.mark.parametrize("trace", TRACES)
def test_the_first_gradients_are_the_published_loop_s(trace):
    built, plain = networks(trace), networks(trace)
    ours(trace, built)(inputs(trace)[0])
    published(trace, plain)(inputs(trace)[0])
    assert_close_gradients(gradients(built), gradients(plain), 1e-5)


@pytest.mark.parametrize("shared_forward", [False, True])
@pytest.mark.parametrize("trace", TRACES)
def test_every_step_is_the_published_loop_s_in_float64(trace, shared_forward):
    built, plain = networks(trace, torch.float64), networks(trace, torch.float64)
    step, plainly = ours(trace, built, shared_forward=shared_forward), published(trace, plain)
    reals = inputs(trace, torch.float64)
    for real in reals:
        assert numbers(step(real)) == pytest.approx(numbers(plainly(real)), rel=1e-9)
        assert_close_gradients(gradients(built), gradients(plain), 1e-9)
    assert apart(repeat(step, built, reals[-1:]), repeat(plainly, plain, reals[-1:]))[-1] < 1e-9


@pytest.mark.parametrize("trace", TRACES)
def test_the_recorded_run_is_repeated_as_far_as_rounding_lets_it(trace):
    built = networks(trace)
    found = apart(repeat(ours(trace, built), built, inputs(trace)), recorded(trace))
    assert within(found, bound(trace)), (found, bound(trace))


@pytest.mark.parametrize("trace", TRACES)
def test_a_perturbed_run_stays_as_near(trace):
    """What the bound was measured from is true on this machine too."""
    built = perturbed(networks(trace), seed=1000)
    found = apart(repeat(published(trace, built), built, inputs(trace)), recorded(trace))
    assert within(found, bound(trace)), (found, bound(trace))


def with_adam(step, **settings):
    for optimizer in (step.generator_adam, step.discriminator_adam):
        optimizer.param_groups[0].update(settings)
    return step


@pytest.mark.parametrize(
    "wrong",
    [
        lambda built: PublishedCycleGAN(built, identity=0.5),  # the published 0.5 is relative to the cycle's 10
        lambda built: PublishedCycleGAN(built, cycle=9.0),
        lambda built: with_adam(PublishedCycleGAN(built), lr=1.96e-4),
        lambda built: with_adam(PublishedCycleGAN(built), betas=(0.9, 0.999)),
    ],
    ids=["identity", "cycle", "rate", "momentum"],
)
def test_a_wrong_loop_does_not_stay_as_near(wrong):
    built = networks(CYCLEGAN)
    found = apart(repeat(wrong(built), built, inputs(CYCLEGAN)), recorded(CYCLEGAN))
    assert not within(found, bound(CYCLEGAN)), found
