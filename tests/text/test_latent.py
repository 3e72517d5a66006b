from types import SimpleNamespace

import pytest
import torch
from torch import nn

import cyclekit
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import lsgan
from cyclekit.core.parts import Networks, Outputs
from cyclekit.registry import RecipeError
from cyclekit.text.latent import LatentCycleGAN
from tests.tiny import TINY_TEXT


class Reader(nn.Module):
    """Reads each id as a vector of its own."""

    read_width = 6

    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(20, 6, generator=torch.Generator().manual_seed(0)))

    def read(self, source):
        return self.embedding[source.data]


def made(**options):
    """An objective, its networks, and outputs in which domain a has ids below 10 and b the others."""
    torch.manual_seed(0)
    reader = Reader()
    networks = Networks(Pair(reader, reader), Pair(None, None))
    objective = LatentCycleGAN(lsgan(), lambda made, real: made.data.mean(), networks.generators, **options)
    mask = torch.arange(5) < torch.tensor([[5], [3], [1]])
    real = Pair(*(Batch(torch.randint(low, low + 10, (3, 5)).where(mask, 0), mask) for low in (1, 10)))
    nothing: Pair = Pair(None, None)
    same = Pair(*(Batch(reader.embedding[:2] ** 2) for _ in range(2)))
    return objective, networks, Outputs(real, nothing, nothing, same)


def descend(parameters, loss, steps=60):
    optimizer = torch.optim.Adam(parameters, 0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward(inputs=list(parameters))
        optimizer.step()


def test_the_discriminator_learns_which_domain_was_read_and_the_encoder_to_hide_it():
    objective, networks, outputs = made(cycle=0.0)

    def judged():
        return objective.latent_loss(networks, outputs).total

    def fooled():
        return objective.generator_loss(networks, outputs).terms["latent"]

    before = judged().item()
    assert before == pytest.approx(0.69, abs=0.1)  # a coin
    descend(list(objective.discriminator.parameters()), judged)
    assert judged().item() < 0.45  # with a tenth of doubt no better than 0.33
    told_apart = fooled().item()
    assert told_apart > 1.2
    descend(list(networks.generators.b.parameters()), fooled)
    assert fooled().item() < 0.5 < judged().item()


def test_only_the_side_that_learns_is_given_a_gradient():
    objective, networks, outputs = made(cycle=0.0)
    told = objective.latent_loss(networks, outputs).total
    assert torch.autograd.grad(told, networks.generators.b.embedding, allow_unused=True) == (None,)


def test_padding_is_not_judged():
    objective, networks, outputs = made()
    shorter = Pair(*(Batch(one.data.where(one.mask, 7), one.mask) for one in outputs.real))
    assert torch.equal(
        objective.latent_loss(networks, outputs).total,
        objective.latent_loss(networks, outputs._replace(real=shorter)).total,
    )


def test_without_its_weight_it_is_a_cyclegan():
    objective, networks, outputs = made(latent=0.0)
    weights = {"adversarial": 0.0, "cycle": 1.0, "identity": 1.0}
    plain = CycleGAN(lsgan(), lambda made, real: made.data.mean(), **weights)
    assert objective.latent_loss(networks, outputs) is None
    one, other = (each.generator_loss(networks, outputs) for each in (objective, plain))
    assert torch.equal(one.total, other.total)
    assert one.terms.keys() == other.terms.keys()
    objective.latent = 2.0
    more = objective.generator_loss(networks, outputs)
    assert (more.total - one.total).item() == pytest.approx(2 * more.terms["latent"].item(), rel=1e-4)


@pytest.mark.parametrize(("options", "why"), [({"latent": -1.0}, "latent is -1"), ({"latent_hidden": 0}, "hidden 0")])
def test_weights_that_make_no_sense_are_refused(options, why):
    with pytest.raises(ValueError, match=why):
        made(**options)
    with pytest.raises(ValueError, match="generator=transformer"):
        LatentCycleGAN(lsgan(), lambda made, real: made, Pair(SimpleNamespace(), SimpleNamespace()))


def test_it_takes_the_options_of_the_recipes_of_sentences_and_trains(tmp_path):
    def run(**options):
        return cyclekit.load(
            "recipes/formal2informal", profile="published",
            overrides=TINY_TEXT | {"train.steps": 2, "objective.name": "latent_cyclegan", **options},
        )  # fmt: skip

    started = run()
    before = [weight.clone() for weight in started.objective.discriminator.parameters()]
    cyclekit.train(started, tmp_path / "run")
    after = list(started.objective.discriminator.parameters())
    assert all(not torch.equal(one, other.cpu()) for one, other in zip(before, after))
    with pytest.raises(RecipeError, match=r"objective\.latent_hiden.*latent_hidden"):
        run(**{"objective.latent_hiden": 3})
