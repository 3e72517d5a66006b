"""Normed weights become the plain ones that their layers use."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, spectral_norm, weight_norm

from cyclekit.image.importing import read_weights
from cyclekit.image.importing.folding import folded
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet, assert_same_outputs, drawn


@pytest.mark.parametrize(
    "normed", [spectral_norm, parametrizations.spectral_norm, weight_norm, parametrizations.weight_norm]
)
def test_normed_weights_become_plain_ones(file, normed):
    foreign = drawn(ForeignResNet())
    for module in list(foreign.modules()):
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            normed(module)
    foreign.train()
    foreign(torch.rand(1, 3, 32, 32))  # one step of the estimates
    foreign.eval()
    torch.save(foreign.state_dict(), file)
    assert_same_outputs(file, foreign)
    assert any("norm became plain weights, in 10 layers" in note for note in read_weights(file).notes)


def test_spectral_norm_of_a_square_transposed_layer_is_along_its_outputs(file):
    """A U-Net's innermost layer has as many channels in as out: its shape does not tell which is which."""
    layer = spectral_norm(nn.ConvTranspose2d(4, 4, 4, 2, 1))
    layer(torch.rand(1, 4, 8, 8))
    layer.eval()
    layer(torch.rand(1, 4, 8, 8))
    name = "model.model.1.model.3"
    plain, _ = folded({f"{name}.{key}": value for key, value in layer.state_dict().items()})
    torch.testing.assert_close(plain[f"{name}.weight"], layer.weight.detach())


@pytest.mark.parametrize(
    ("parts", "shapes"),
    [
        ({"weight_orig": (4, 3, 7, 7), "weight_u": (3,), "weight_v": (5,)}, "(4, 3, 7, 7), model.1.weight_u (3,)"),
        ({"weight_orig": (4, 3, 7, 7), "weight_u": (4, 1), "weight_v": (147,)}, "weight_u (4, 1)"),
        ({"weight_g": (4,), "weight_v": (4, 3, 7, 7)}, "weight_g (4,), model.1.weight_v (4, 3, 7, 7)"),
        ({"weight_g": (7, 1, 1, 1), "weight_v": (4, 3, 7, 7)}, "weight_g (7, 1, 1, 1)"),
        ({"weight_g": (), "weight_v": (4, 3, 7, 7)}, "weight_g ()"),
    ],
)  # fmt: skip
def test_parts_that_do_not_belong_together_are_a_damaged_file(file, parts, shapes):
    torch.save({f"model.1.{name}": torch.ones(shape) for name, shape in parts.items()}, file)
    with pytest.raises(RecipeError) as error:
        read_weights(file)
    told = str(error.value)
    assert ": is damaged: the parts of a weight in " in told
    assert shapes in told
    assert "\n" not in told


def test_a_part_alone_is_left_as_it_is():
    tensors = {"a.weight_orig": torch.ones(2), "weight": torch.ones(3), "b.weight_g": torch.ones(1)}
    assert folded(tensors) == (tensors, [])


def test_a_weight_without_a_layers_name():
    layer = weight_norm(nn.Linear(3, 2))
    plain, notes = folded(dict(layer.state_dict()))
    torch.testing.assert_close(plain["weight"], layer.weight.detach())
    assert plain.keys() == {"weight", "bias"}
    assert notes == [
        "weight norm became plain weights, in 1 layer: the same outputs; training that goes on has no such norm"
    ]
