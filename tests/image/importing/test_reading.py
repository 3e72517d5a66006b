"""From a file of weights to an import: float32, finite, plain, or refused by name."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from cyclekit.image.importing import read_weights
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet

# --------------------------------------------------------------------------------------------- what users' files carry


def test_safetensors_and_half_precision(tmp_path, network, state):
    save_file({key: tensor.half() for key, tensor in state.items()}, tmp_path / "net.safetensors")
    imported = read_weights(tmp_path / "net.safetensors")
    assert "the weights are not float32 in the file; converted" in imported.notes
    assert all(tensor.dtype == torch.float32 for tensor in imported.state.values())
    torch.testing.assert_close(
        imported.state["head.convolution.weight"], network.head.convolution.weight, atol=1e-3, rtol=0
    )


@given(value=st.sampled_from([float("nan"), float("inf"), float("-inf")]), place=st.integers(0, 10**6), data=st.data())
@settings(max_examples=25)
def test_weights_that_are_not_finite_are_refused_by_name(file, value, place, data):
    state = ForeignResNet(width=2, blocks=1).state_dict()
    name = data.draw(st.sampled_from(sorted(state)))
    state[name].view(-1)[place % state[name].numel()] = value
    torch.save({"netG": {key: tensor.half() for key, tensor in state.items()}}, file)
    with pytest.raises(RecipeError, match=f"latest_net_G.pth: {name} holds values that are infinite or NaN"):
        read_weights(file)


def test_tensors_that_are_no_weights_are_refused_by_name(file, state):
    torch.save({**state, "model.1.weight": state["model.1.weight"].to(torch.int8)}, file)
    with pytest.raises(RecipeError, match=r"model\.1\.weight is no plain weight \(int8, strided, on cpu\)"):
        read_weights(file)
    torch.save({**state, "model.1.bias": state["model.1.bias"].to_sparse()}, file)
    with pytest.raises(RecipeError, match=r"model\.1\.bias is no plain weight \(float32, sparse_coo, on cpu\)"):
        read_weights(file)


def test_a_file_that_promises_more_than_it_holds_takes_no_memory(file):
    """One stored number can pass for a tensor of any size."""
    huge = torch.zeros(1).expand(10**6, 3, 7, 7)
    torch.save({**ForeignResNet(width=2).state_dict(), "model.1.weight": huge}, file)
    assert file.stat().st_size < 10**5
    with pytest.raises(RecipeError, match=r"is damaged: model\.1\.weight is larger than what the file holds of it"):
        read_weights(file)
