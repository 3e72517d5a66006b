"""Steps from a graph: on a processor the same path without a capture, bit for bit what launched steps give."""

import random

import pytest
import torch

from benchmarks.without_data import ready
from cyclekit.assembling.assemble import build_networks
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, l1, lsgan, wgan_gp
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.core.terms import WeightedTerm
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.training.graph import DeviceDial, EagerStep, GraphedStep, Uncapturable, _no_host_random
from cyclekit.training.loop import train_step

SMALL = {"generator.blocks": 1, "generator.width": 4, "discriminator.width": 4, "train.precision": "float32",
         "train.steps": 100, "train.epochs": None}  # fmt: skip


def training_with(objective, **settings):
    load_plugins()
    recipe = load_recipe(find_recipe("monet2photo"), overrides={**SMALL, **settings})
    torch.manual_seed(0)
    networks = build_networks(recipe, Pair(ImageCodec(), ImageCodec()))
    return ready(recipe, networks, objective)


def rows(step, count=2, size=32):
    generator = torch.Generator().manual_seed(step)
    return Pair(*(Batch(torch.rand(count, 3, size, size, generator=generator) * 2 - 1) for _ in range(2)))


def terms_of(training, how, steps=7, shape=lambda step: {}, turn=lambda training, step: None):
    step, seen = how(train_step, training), []
    for number in range(steps):
        turn(training, number)
        seen.append({name: float(term) for name, term in step(rows(number, **shape(number))).items()})
    return step, seen


@pytest.mark.parametrize(
    "make",
    [
        lambda: CycleGAN(lsgan(), l1(), replay=3),
        lambda: CycleGAN(lsgan(), l1(), replay=0, identity=0.0),
        lambda: CycleGAN(lsgan(), l1(), replay=4, adversarial_target=0.3),
    ],
)
def test_steps_from_a_graph_are_those_that_are_launched(make):
    trainings = [training_with(make()) for _ in range(2)]
    (graphed, seen), (_, wanted) = (terms_of(t, how) for t, how in zip(trainings, (GraphedStep, EagerStep)))
    assert graphed.recorded
    assert graphed.eager_because is None
    assert seen == wanted
    for one, other in zip(*(t.run.networks.generators.b.parameters() for t in trainings)):
        assert torch.equal(one, other)
    states = [training.run.objective.state_dict() for training in trainings]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_the_gradient_penalty_draws_on_the_device_and_pix2pix_has_no_buffer():
    objective = Pix2Pix(bce(), l1())
    assert objective.replay_buffers == ()
    _, seen = terms_of(training_with(CycleGAN(wgan_gp(), l1(), replay=2)), GraphedStep)
    # On a processor the penalty draws from the host's generator; a capture would refuse it, see below.
    assert len(seen) == 7


def test_a_shape_gets_a_graph_of_its_own_and_one_that_a_buffer_cannot_hold_ends_it():
    step, _ = terms_of(training_with(CycleGAN(lsgan(), l1(), replay=0)), GraphedStep, 8,
                       lambda number: {"count": 1 + number % 2})  # fmt: skip
    assert len(step.recorded) == 2
    training = training_with(CycleGAN(lsgan(), l1(), replay=5))
    twin = training_with(CycleGAN(lsgan(), l1(), replay=5))
    shape = lambda number: {"size": 32 if number < 5 else 40, "count": 1}  # noqa: E731
    step, seen = terms_of(training, GraphedStep, 8, shape)
    assert "rows of several shapes" in step.eager_because
    assert training.notes == [f"every step is launched anew, not replayed from a graph: {step.eager_because}"]
    assert seen == terms_of(twin, EagerStep, 8, shape)[1]


def test_dials_move_without_a_new_graph():
    stages = [{"name": "rise", "share": None, "objective": {"cycle": [0.5, 9.0], "adversarial": 1.0, "identity": 2.5}}]

    def turn(training, step):
        training.run.objective.cycle = 0.5 + step

    trainings = [training_with(CycleGAN(lsgan(), l1(), replay=3), **{"train.stages": stages}) for _ in range(2)]
    for training in trainings:
        training.run.dials = {("objective", name): 1.0 for name in ("cycle", "adversarial", "identity")}
    graphed, seen = terms_of(trainings[0], GraphedStep, turn=turn)
    assert len(graphed.recorded) == 1
    wanted = terms_of(trainings[1], EagerStep, turn=turn)[1]
    for one, other in zip(seen, wanted):
        assert one == pytest.approx(other, rel=1e-5)
    assert trainings[0].run.objective.cycle == 6.5  # the number, not what stood in for it


def test_a_term_of_another_weight_gets_a_graph_of_its_own():
    """Its weight is a number in the step: one graph for each stage that turns it, and the same steps."""

    def turn(training, step):
        objective = training.run.objective
        objective.terms = [objective.terms[0]._replace(weight=2.0 if step < 4 else 0.5)]

    smooth = WeightedTerm("smooth", 1.0, lambda outputs: outputs.fake.b.data.diff(dim=-1).abs().mean())
    trainings = [training_with(CycleGAN(lsgan(), l1(), replay=0, terms=[smooth])) for _ in range(2)]
    for training in trainings:
        training.run.dials = {("terms", "smooth"): 1.0}
    graphed, seen = terms_of(trainings[0], GraphedStep, 9, turn=turn)
    assert len(graphed.recorded) == 2
    assert graphed.eager_because is None
    assert seen == terms_of(trainings[1], EagerStep, 9, turn=turn)[1]


def test_a_buffer_is_drawn_for_only_where_the_step_asks_it():
    """With the adversarial dial off nobody asks the buffers, and their random numbers stand still."""

    def turn(training, step):
        training.run.objective.adversarial = 1.0 if step < 4 else 0.0

    trainings = [training_with(CycleGAN(lsgan(), l1(), replay=2)) for _ in range(2)]
    for training in trainings:
        training.run.dials = {("objective", "adversarial"): 1.0}
    graphed, _ = terms_of(trainings[0], GraphedStep, 9, turn=turn)
    assert len(graphed.recorded) == 2
    terms_of(trainings[1], EagerStep, 9, turn=turn)
    states = [training.run.objective.state_dict() for training in trainings]
    assert all(torch.equal(states[0][key], states[1][key]) for key in ("a.random", "b.random"))


def test_a_dial_decides_by_being_off_or_on_and_nothing_else():
    dial = DeviceDial(0.5, torch.tensor(0.25))
    assert dial
    assert dial not in (0, 1)
    assert not DeviceDial(0, torch.tensor(0.0))
    assert (dial * torch.ones(2)).tolist() == (torch.ones(2) * dial).tolist() == [0.25, 0.25]
    assert [float(made) for made in (dial + 1, 1 - dial, dial - 1, dial / 2)] == [1.25, 0.75, -0.75, 0.125]
    for ask in (lambda: dial == 0.3, lambda: float(dial)):
        with pytest.raises(Uncapturable):
            ask()


def test_an_objective_that_does_not_say_so_is_not_captured():
    class Own(CycleGAN):
        """A stranger's, with a count in Python."""

    objective = Own(lsgan(), l1())
    del objective.replay_buffers
    training = training_with(objective)
    step, seen = terms_of(training, GraphedStep)
    assert "does not say that it can" in step.eager_because
    assert seen == terms_of(training_with(CycleGAN(lsgan(), l1())), EagerStep)[1]


def test_an_optimizer_that_counts_on_the_host_is_not_captured():
    training = training_with(CycleGAN(lsgan(), l1()))
    assert GraphedStep(train_step, training).eager_because is None
    for side, optimizer in training.optimizers.items():
        training.optimizers[side] = torch.optim.Adagrad(optimizer.param_groups[0]["params"], lr=1e-4)
    assert "counts its steps on the processor" in GraphedStep(train_step, training).eager_because
    assert all(buffer.pool is None for buffer in training.run.objective.replay_buffers)


def test_masked_rows_are_launched():
    step = GraphedStep(lambda training, real: {"x": torch.zeros(())}, training_with(CycleGAN(lsgan(), l1())))
    masked = Batch(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 3, dtype=torch.bool))
    step(Pair(masked, masked))
    assert "masked" in step.eager_because


@pytest.mark.parametrize("draw", [lambda: torch.rand(1), random.random, lambda: __import__("numpy").random.rand()])
def test_random_numbers_of_the_host_are_found_and_put_back(draw):
    torch.manual_seed(1), random.seed(1), __import__("numpy").random.seed(1)
    wanted = draw()
    torch.manual_seed(1), random.seed(1), __import__("numpy").random.seed(1)
    with pytest.raises(Uncapturable, match="on the processor"), _no_host_random():
        draw()
    assert draw() == wanted


def test_after_going_back_everything_is_captured_anew():
    training = training_with(CycleGAN(lsgan(), l1(), replay=3))
    step, _ = terms_of(training, GraphedStep)
    state = {key: value.clone() for key, value in training.run.objective.state_dict().items()}
    training.run.objective.load_state_dict(state)
    step.forget()
    assert not step.recorded
    again = [step(rows(number)) for number in range(4)]
    assert len(again) == 4
    assert step.eager_because is None
