"""Every registered generator of pictures, exported and compared with PyTorch."""

import inspect

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.exported.pictures import Border
from cyclekit.exported.session import session_of
from cyclekit.exporting.pictures import TOLERANCE, export_pictures
from cyclekit.exporting.runtimes import RUNTIMES
from cyclekit.image.codec import ImageCodec
from cyclekit.plugins import load_plugins
from cyclekit.registry import RecipeError

load_plugins()

SMALL = {"width": 4, "depth": 3, "blocks": 1}
"""Options that make a network small, where it has them."""


def of_pictures():
    """The names of all registered generators that take codecs of pictures."""
    factories = {name: registry.part("generator", name).factory for name in registry.names("generator")}
    signatures = {name: inspect.signature(factory).parameters for name, factory in factories.items()}
    return [name for name, parameters in signatures.items() if parameters["source"].annotation == "ImageCodec"]


def built(name, **options):
    known = registry.options(registry.part("generator", name).factory)
    codecs = ImageCodec(1 if name == "colorizer" else 3), ImageCodec(3)
    torch.manual_seed(0)
    small = {key: value for key, value in SMALL.items() if key in known}
    return registry.build("generator", name, *codecs, options=small | options), codecs


def spread(network):
    """Weights and statistics that leave nothing at its start: zeros would be compared with zeros."""
    torch.manual_seed(1)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2)
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.1)
    return network


def test_there_are_generators_of_pictures():
    assert {"resnet", "unet", "unshuffle", "colorizer"} <= set(of_pictures())


@pytest.mark.parametrize("name", of_pictures())
def test_every_generator_comes_out_as_in_pytorch_at_odd_sizes_too(name, tmp_path):
    network, codecs = built(name)
    said, _ = export_pictures(spread(network), codecs, "eval", tmp_path / "made", RUNTIMES["onnx"], name)
    assert len(said["parity"]) == 3
    assert any(side % 2 for each in said["parity"] for side in each["size"][1:])
    assert 0 <= max(each["error"] for each in said["parity"]) <= TOLERANCE
    model = onnx.load(tmp_path / "made.onnx")
    assert not any(node.metadata_props for node in model.graph.node), "says where it was made"
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert all(shape[axis].dim_param for axis in (0, 2, 3)), "number, height and width are free"
    if name == "colorizer":
        keeps_every_level_of_brightness(tmp_path / "made.onnx")


def keeps_every_level_of_brightness(path):
    grey = picture(64, 96, 1)
    values = session_of(path).run(["made"], {"source": grey})[0]
    made = Border({"channels": 3, "scale": None}).finished(values)
    assert len(np.unique(np.asarray(made).reshape(-1, 3), axis=0)) > 500, "is colourful"
    assert (np.asarray(made.convert("L")) == np.rint((grey[0, 0] + 1) * 127.5)).all()


def picture(height, width, channels):
    """Values of an 8-bit picture."""
    levels = np.random.default_rng(3).integers(0, 256, (1, channels, height, width))
    return (levels / 127.5 - 1).astype(np.float32)


@pytest.mark.parametrize("name", ["unet", "resnet"])
def test_a_run_that_goes_by_each_pictures_statistics_is_exported_so(tmp_path, name):
    network, codecs = built(name, norm="batch", dropout=0.5)
    spread(network)
    _, notes = export_pictures(network, codecs, "train", tmp_path / "made", RUNTIMES["onnx"], name)
    data = picture(32, 40, 3)
    for module in network.modules():  # as a run has it for one picture, but for the noise
        module.training = not isinstance(module, nn.Dropout)
    with torch.no_grad():
        expected = network(Batch(torch.from_numpy(data))).data.numpy()
    made = session_of(tmp_path / "made.onnx").run(None, {"source": np.concatenate([data, data[..., ::-1]])})[0]
    assert np.abs(made[:1] - expected).max() < TOLERANCE, "a neighbour changes nothing"
    dropout = any(isinstance(module, nn.Dropout) for module in network.modules())
    assert any("dropout" in note for note in notes) == dropout


class Unable(nn.Module):
    """Chooses by what it sees, which no graph can."""

    multiple = smallest = 4

    def forward(self, source, target=None):
        return Batch(source.data * 2 if source.data.sum() > 0 else source.data)


class Wrong(nn.Module):
    """Another network in a file than in PyTorch."""

    multiple = smallest = 4

    def forward(self, source, target=None):
        return Batch(source.data * (0.5 if torch.compiler.is_exporting() else 1))


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (Unable(), r"generator 'odd' cannot be exported: \w+: "),
        (Wrong(), r"generator 'odd' comes out otherwise than in PyTorch: by 5\.0e-01 at 2x48x48, and 1e-04 is allowed"),
    ],
)
def test_a_generator_that_cannot_is_one_line(tmp_path, network, words):
    with pytest.raises(RecipeError, match=words) as caught:
        export_pictures(network, (ImageCodec(3), ImageCodec(3)), "eval", tmp_path / "made", RUNTIMES["onnx"], "odd")
    assert len(str(caught.value).splitlines()) == 1
