"""CUT: PatchNCE against its definition, heads that learn with the generator, and a run that resumes exactly."""

import math

import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

import cyclekit
from benchmarks.without_data import ready
from cyclekit.assembling.assemble import build_networks
from cyclekit.callbacks import default_callbacks
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.losses import lsgan
from cyclekit.core.parts import Networks
from cyclekit.image.codec import ImageCodec
from cyclekit.image.cut import CUT, patch_nce
from cyclekit.image.patchgan import PatchDiscriminator
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.unet import UNetGenerator
from cyclekit.image.unshuffle import UnshuffleGenerator
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.training.graph import EagerStep, GraphedStep
from cyclekit.training.loop import prepare, train, train_step
from tests.pictures import picture_folders
from tests.tiny import TINY
from tests.training.test_text import made

CODECS = Pair(ImageCodec(), ImageCodec())
SETTINGS = {key: value for key, value in TINY.items() if key != "objective.replay"} | {
    "objective": {"name": "cut", "layers": [0, 4, 8], "patches": 9, "width": 6},
    "reconstruction": None,
}


def generator(**options):
    torch.manual_seed(0)
    return ResNetGenerator(*CODECS, width=4, blocks=6, **options)


def pictures(seed, side=24):
    return Batch(torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(seed)) * 2 - 1)


def test_patch_nce_is_its_definition():
    """Section 3.2: cross-entropy of the own place among all places of the same picture, over cosines."""
    random = torch.Generator().manual_seed(3)
    queries, keys = (torch.randn(2, 5, 7, generator=random, dtype=torch.float32) for _ in range(2))
    expected = []
    for of_query, of_key in zip(queries, keys):
        for place, query in enumerate(of_query):
            cosines = [float(torch.cosine_similarity(query, key, dim=0)) / 0.07 for key in of_key]
            expected.append(-cosines[place] + math.log(sum(map(math.exp, cosines))))
    assert float(patch_nce(queries, keys, 0.07)) == pytest.approx(sum(expected) / len(expected), rel=1e-5)


def test_what_is_at_its_own_place_costs_nothing_and_elsewhere_much():
    rows = torch.eye(6)[None]
    assert float(patch_nce(rows, rows, 0.07)) < 1e-4
    assert float(patch_nce(rows, rows.roll(1, 1), 0.07)) > 10


@pytest.mark.parametrize("how", ["strided", "antialiased"])
def test_layers_are_counted_as_published(how):
    """CUT's own network is antialiased: pixels, two downsampling convolutions, the first and the fifth block."""
    network = generator(downsampling=how)
    shown = network.features(pictures(0), [0, 4, 8, 12, 16] if how == "antialiased" else [0, 4, 7, 10, 14])
    padded = torch.nn.functional.pad(pictures(0).data, (3, 3, 3, 3), mode="reflect")
    assert torch.equal(shown[0], padded)
    assert [tuple(one.shape[1:]) for one in shown[1:]][-2:] == [(16, 6, 6)] * 2
    assert [one.shape[1] for one in shown] == [3, 8, 16, 16, 16]


def test_features_are_those_of_the_translation():
    network = generator(norm="none")  # its activations work in place
    whole = network.blocks(network.down(network.stem(pictures(1).data)))
    early, last = network.features(pictures(1), [1, 12])
    assert torch.equal(last, whole)
    assert early.min() < 0, "a convolution's answer, before its activation"
    with pytest.raises(ValueError, match=r"encoder has the layers 0 to \d+"):
        network.features(pictures(1), [99])


def test_a_heads_widths_are_those_of_the_unshuffle_generator():
    network = UnshuffleGenerator(*CODECS, width=4, blocks=2)
    objective = CUT(lsgan(), Pair(None, network), CODECS, layers=[0, 2, 3, 5], width=6)
    assert [head[0].in_features for head in objective.sides["heads"].networks] == [12, 4, 8, 8]


def step(objective, source=None):
    networks = Networks(
        Pair(None, generator()), Pair(None, torch.nn.ModuleList([PatchDiscriminator(CODECS.b, width=4, layers=1)]))
    )
    outputs = objective.outputs(networks.generators, Pair(source or pictures(1), pictures(2)))
    return (
        networks,
        outputs,
        objective.generator_loss(networks, outputs),
        objective.discriminator_loss(networks, outputs),
    )


def test_one_step_asks_what_the_paper_says():
    objective = CUT(lsgan(), Pair(None, generator()), CODECS, layers=[0, 4, 7], patches=9, width=6, nce=2.0)
    _, outputs, loss, judged = step(objective)
    assert set(loss.terms) == {"adversarial.b", "nce.b", "nce_identity.b"}
    expected = loss.terms["adversarial.b"] + 2.0 * loss.terms["nce.b"] + 0.5 * loss.terms["nce_identity.b"]
    assert torch.equal(loss.total, expected)
    assert set(judged.terms) == {"discriminator.b"}
    assert outputs.fake.a is None
    loss.total.backward()
    assert all(weight.grad is not None for weight in objective.sides["heads"].networks.parameters())


def test_without_identity_it_is_not_computed():
    objective = CUT(lsgan(), Pair(None, generator()), CODECS, layers=[0], patches=4, width=4, nce_identity=0.0)
    _, outputs, loss, _ = step(objective)
    assert outputs.identity.b is None
    assert set(loss.terms) == {"adversarial.b", "nce.b"}


def test_mirrored_translations_are_compared_at_their_places():
    """FastCUT: half of the steps. With the first layer alone and a generator that keeps its input, nothing is lost."""
    objective = CUT(lsgan(), Pair(None, generator()), CODECS, layers=[0], patches=30, width=16, flip=True)
    seen = set()
    for number in range(12):
        torch.manual_seed(number)
        generators = Pair(None, lambda batch: batch)
        outputs = objective.outputs(generators, Pair(pictures(1), pictures(2)))
        flipped = bool(objective.flipped)
        seen.add(flipped)
        assert torch.equal(outputs.fake.b.data, pictures(1).data.flip(-1) if flipped else pictures(1).data)
        keys = objective._contrast(generator(), pictures(1), outputs.fake.b)
        torch.manual_seed(number)
        assert keys.item() < math.log(30)
    assert seen == {False, True}


def test_a_generator_that_shows_nothing_is_refused():
    with pytest.raises(ValueError, match="shows what its layers answer; set generator=resnet or unshuffle"):
        CUT(lsgan(), Pair(None, UNetGenerator(*CODECS, width=4, depth=3)), CODECS)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return str(picture_folders(tmp_path_factory.mktemp("data")))


def load(data, **changes):
    return cyclekit.load("recipes/monet2photo", profile="published", data=data, overrides=SETTINGS | changes)


def test_the_heads_are_a_side_of_the_run(data, tmp_path):
    """They move, are saved, and a resume goes on exactly where they were."""
    before = {name: value.clone() for name, value in load(data).sides["heads"].networks.state_dict().items()}
    through = tmp_path / "through"
    cyclekit.train(load(data), through)
    tensors, _ = checkpoint.load(history.latest(through))
    assert any(not torch.equal(tensors["heads"][name], value) for name, value in before.items())
    assert any(name.startswith("heads.") for name in tensors["optimizers"])

    run = load(data)
    train(run, made(run, tmp_path / "halves"), default_callbacks(), until=3)
    cyclekit.train(load(data), tmp_path / "halves", resume=True)
    again, _ = checkpoint.load(history.latest(tmp_path / "halves"))
    assert again.keys() == tensors.keys() >= {"heads", "generators", "average"}
    for file, named in tensors.items():
        assert all(torch.equal(again[file][name], value) for name, value in named.items()), file


def test_a_moving_average_of_the_heads_is_kept_where_they_want_one(data, tmp_path, own_parts):
    """A resume goes on with it as exactly as with them; without a decay, and of sides that want none, there is none."""
    from cyclekit.core.parts import Side
    from cyclekit.registry import register

    @register("objective", "averaging")
    class Averaging(CUT):
        def __init__(self, gan_loss, generators, codecs):
            super().__init__(gan_loss, generators, codecs, layers=[0, 4], patches=9, width=6)
            (heads,) = self.sides.values()
            self.sides = {"heads": heads._replace(averaged=True), "more": Side(torch.nn.Linear(1, 1))}

    def run(**changes):
        return load(data, objective="averaging", **changes)

    assert run(**{"train.moving_average": None}).side_averages == {}
    through = tmp_path / "through"
    cyclekit.train(run(), through)
    tensors, _ = checkpoint.load(history.latest(through))
    assert {"heads-average", "more"} < tensors.keys()
    assert "more-average" not in tensors
    assert tensors["heads-average"].keys() == tensors["heads"].keys()
    assert not all(torch.equal(value, tensors["heads"][name]) for name, value in tensors["heads-average"].items())

    half = run()
    train(half, made(half, tmp_path / "halves"), default_callbacks(), until=3)
    cyclekit.train(run(), tmp_path / "halves", resume=True)
    again, _ = checkpoint.load(history.latest(tmp_path / "halves"))
    assert all(torch.equal(again["heads-average"][name], value) for name, value in tensors["heads-average"].items())


def test_heads_are_compiled_where_they_are_called(data, tmp_path):
    training = prepare(load(data, **{"train.compile": True}), tmp_path)
    heads = list(training.run.sides["heads"].networks)
    assert len(heads) == 3
    assert all(head._compiled_call_impl is not None for head in heads)


def test_a_side_takes_no_name_of_a_checkpoints_files(data, own_parts):
    from cyclekit.core.parts import Side
    from cyclekit.registry import register

    @register("objective", "mine")
    class Mine(CUT):
        def __init__(self, gan_loss, generators, codecs):
            super().__init__(gan_loss, generators, codecs, layers=[0])
            self.sides = {"random": Side(torch.nn.Linear(1, 1))}

    with pytest.raises(RecipeError, match="'mine' calls a side 'random'; a checkpoint has that already"):
        load(data, objective="mine")


SMALL = {
    "generator.blocks": 2, "generator.width": 4, "discriminator.width": 4, "train.precision": "float32",
    "train.steps": 100, "train.epochs": None, "objective": {"name": "cut"}, "reconstruction": None,
}  # fmt: skip


def training_with(**options):
    load_plugins()
    recipe = load_recipe(find_recipe("monet2photo"), overrides=SMALL)
    torch.manual_seed(0)
    networks = build_networks(recipe, CODECS)
    objective = CUT(lsgan(), networks.generators, CODECS, layers=[0, 4, 7], patches=9, width=6, **options)
    return ready(recipe, networks, objective)


@pytest.mark.parametrize("options", [{}, {"flip": True, "nce_identity": 0.0, "nce": 10.0}])
def test_steps_from_a_graph_are_those_that_are_launched(options):
    """Without CUDA the same path without a capture: places and mirrored steps are drawn alike, bit for bit."""
    seen, weights = [], []
    for how in (GraphedStep, EagerStep):
        training = training_with(**options)
        step = how(train_step, training)
        torch.manual_seed(1)
        seen.append([{k: float(v) for k, v in step(Pair(pictures(n), pictures(n + 50))).items()} for n in range(7)])
        heads = training.run.sides["heads"].networks
        weights.append([*training.run.networks.generators.b.parameters(), *heads.parameters()])
        assert how is EagerStep or (step.recorded and step.eager_because is None)
    assert seen[0] == seen[1]
    assert all(torch.equal(one, other) for one, other in zip(*weights))


def test_dials_of_stages_move_in_a_captured_step():
    training = training_with()
    training.run.dials = {("objective", name): 1.0 for name in CUT.dials}
    step = GraphedStep(train_step, training)
    for number in range(8):
        training.run.objective.nce = 0.5 + number / 10
        step(Pair(pictures(number), pictures(number + 50)))
    assert len(step.recorded) == 1
    assert step.eager_because is None


@pytest.mark.parametrize("flip", [False, True])
def test_a_step_asks_the_host_nothing(flip):
    """Tensors without values: whatever looked at one, or made a shape of it, would fail. A capture needs the same."""
    training = training_with(flip=flip)
    objective, networks = training.run.objective, training.run.networks
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        real = Pair(*(Batch(fake.from_tensor(pictures(number).data)) for number in (1, 2)))
        outputs = objective.outputs(networks.generators, real)
        loss = objective.generator_loss(networks, outputs)
        assert loss.total.shape == objective.discriminator_loss(networks, outputs).total.shape == ()
        with pytest.raises(DataDependentOutputException):
            float(loss.total.detach())
