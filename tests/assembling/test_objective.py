"""What objectives, terms and optimizers are built from: what they ask for by name, and nothing else."""

import pytest
import torch

import cyclekit
from cyclekit.assembling.assemble import try_once
from cyclekit.assembling.objective import build_optimizer
from cyclekit.core.losses import GANLoss
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.registry import RecipeError, register
from tests.pictures import picture_folders
from tests.tiny import TINY

pytestmark = pytest.mark.usefixtures("own_parts")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return str(picture_folders(tmp_path_factory.mktemp("data"), train=2, test=1))


def load(data, **changes):
    return cyclekit.load("recipes/monet2photo", profile="published", data=data, overrides=TINY | changes)


def test_an_objective_is_handed_what_it_names(data):
    handed = {}

    @register("objective", "mine")
    class Mine(Pix2Pix):
        makes = ("a", "b")

        def __init__(self, generators, gan_loss, codecs, elsewhere="default", *, weight: float = 1.0):
            handed.update(locals())
            super().__init__(gan_loss, None)

    run = load(data, objective={"name": "mine", "weight": 2.0}, reconstruction=None)
    assert handed["generators"] is run.networks.generators
    assert isinstance(handed["gan_loss"], GANLoss)
    assert handed["codecs"] is run.data.codecs
    assert (handed["elsewhere"], handed["weight"]) == ("default", 2.0)


def test_an_objective_that_asks_for_what_nobody_offers(data):
    @register("objective", "mine")
    class Mine(Pix2Pix):
        def __init__(self, gan_loss, generator):
            raise AssertionError("never built")

    with pytest.raises(RecipeError, match=r"^objective: objective 'mine' asks for 'generator', which nobody off"):
        load(data, objective="mine", reconstruction=None)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"objective": "plain"}, "reconstruction: objective 'plain' has no use for 'l1'; set reconstruction=null"),
        ({"objective": "pix2pix", "noise": "hiss"}, "noise: objective 'pix2pix' has no use for 'hiss'; set noise=null"),
        ({"gan_loss": None}, "gan_loss: is missing; objective 'cyclegan' asks for one; there are: bce, hinge, lsgan"),
        (
            {"objective": {"name": "plain", "terms": ["total_variation"]}, "reconstruction": None},
            "objective.terms: objective 'plain' carries no further terms",
        ),
        ({"objective.terms": ["total_variatio"]}, "objective.terms: no term is called 'total_variatio'"),
        ({"objective.terms": [{"name": "total_variation", "wieght": 1}]}, "has no option 'wieght'"),
        ({"objective.terms": ["total_variation"] * 2}, "'total_variation' stands twice"),
        ({"train.optimizer": "adm"}, "train.optimizer: no optimizer is called 'adm'; did you mean 'adam'?"),
        ({"train.optimizer": {"name": "adamw", "weight_decay": "x"}}, "train.optimizer.weight_decay: 'x' (str) does"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_one_line(data, changes, complaint):
    @register("objective", "plain")
    class Plain(Pix2Pix):
        def __init__(self, gan_loss):
            raise AssertionError("never built")

    @register("noise", "hiss")
    def hiss(data):
        raise AssertionError("never built")

    tiny = {key: value for key, value in TINY.items() if not ("objective" in changes and key.startswith("objective"))}
    with pytest.raises(RecipeError) as refused:
        cyclekit.load("recipes/monet2photo", profile="published", data=data, overrides=tiny | changes)
    assert complaint in str(refused.value)


def test_what_an_optimizer_refuses_is_found_before_anything_is_written(data):
    run = load(data, **{"train.optimizer": {"name": "adamw", "weight_decay": -1}})
    with pytest.raises(
        RecipeError, match=r"train.optimizer: optimizer 'adamw' refuses its options: Invalid weight_dec"
    ):
        try_once(run)


@pytest.mark.parametrize("choice", ["adam", {"name": "adamw", "weight_decay": 0.1}, "radam"])
def test_every_optimizer_minimises_and_resumes(data, choice, tmp_path):
    run = load(data, **{"train.optimizer": choice, "train.steps": 4})
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = build_optimizer(run.recipe, [weight], 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
    assert weight.abs().max() < 0.1
    assert optimizer.param_groups[0]["betas"] == (0.5, 0.999)
