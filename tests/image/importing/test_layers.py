"""The file's tensors under the names used here: all of them, and nothing left over."""

import pytest
import torch
from torch import Tensor

from cyclekit.image.importing import read_weights
from cyclekit.image.importing.layers import Layer, norm_of
from cyclekit.image.importing.resnet import resnet_layers
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.registry import RecipeError
from tests.image.importing.states import COLOUR, as_in_the_file, assert_same, stirred

# --------------------------------------------------------------------------------------------- what users' files carry


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


def test_nearly_known_files_are_refused_with_the_first_odd_key(file, state):
    def refusal(changed: dict[str, Tensor]) -> str:
        torch.save(changed, file)
        with pytest.raises(RecipeError) as error:
            read_weights(file)
        return str(error.value)

    assert "but for model.9.filt (2, 1, 3, 3), which has no place" in refusal(
        {**state, "model.9.filt": torch.zeros(2, 1, 3, 3)}
    )
    wide = {**state, "model.7.weight": torch.zeros(9, 4, 3, 3)}
    assert "but for model.7.weight (9, 4, 3, 3), which would be (8, 4, 3, 3)" in refusal(wide)
    short = {key: tensor for key, tensor in state.items() if key != "model.10.conv_block.5.weight"}
    assert "model.10.conv_block.5.weight is missing" in refusal(short)


LAYERS = [Layer("stem", "c.0"), Layer("stages.0", "c.1", "n.1")]


@pytest.mark.parametrize(
    ("keys", "norm"),
    [
        (["n.1.weight", "n.1.running_mean"], ("batch", False)),
        (["n.1.weight"], ("instance", True)),
        (["n.1.running_mean"], ("instance", False)),
        (["c.1.bias"], ("instance", False)),
        (["c.0.bias"], ("none", False)),  # of a layer that has no norm anywhere
        ([], ("none", False)),
    ],
)
def test_the_keys_tell_the_norm(keys, norm):
    found = norm_of({key: torch.zeros(1) for key in keys}, LAYERS)
    assert (found["norm"], found["affine"]) == norm


def test_without_a_layer_that_can_have_a_norm_it_is_no_network():
    with pytest.raises(LookupError, match="too few layers"):
        norm_of({}, LAYERS[:1])


def test_a_network_is_built_without_costing_anybody_random_numbers(file, network, state):
    torch.save(state, file)
    imported = read_weights(file)
    before = torch.get_rng_state()
    imported.build()
    assert torch.equal(before, torch.get_rng_state())


def test_a_size_that_no_network_here_has_is_refused(file, state):
    torch.save({**state, "model.1.weight": torch.zeros(2, 0, 7, 7)}, file)
    with pytest.raises(RecipeError, match=r"recognised a ResNet generator .*; it has no counterpart here: "):
        read_weights(file)
