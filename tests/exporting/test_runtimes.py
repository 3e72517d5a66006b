"""Where an exported network runs: each comes out alike, and one that is none is said."""

import logging
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from cyclekit.exporting.pictures import TOLERANCE, export_pictures
from cyclekit.exporting.runtimes import RUNTIMES, quiet, runtime_named
from cyclekit.registry import RecipeError
from tests.exporting.test_pictures import built, spread

openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")


@pytest.mark.parametrize("runtime", ["torch", pytest.param("openvino", marks=openvino)])
def test_other_runtimes_come_out_alike(tmp_path, runtime):
    network, codecs = built("resnet")
    said, _ = export_pictures(spread(network), codecs, "eval", tmp_path / "made", RUNTIMES[runtime], "resnet")
    assert max(each["error"] for each in said["parity"]) <= TOLERANCE
    assert sorted(entry["name"] for entry in said["files"].values()) == sorted(p.name for p in tmp_path.iterdir())


def test_a_runtime_that_is_none_is_said_with_what_there_is():
    for name, guess in (("onyx", r"; did you mean 'onnx'\?"), ("tensorrt", "")):
        with pytest.raises(RecipeError, match=rf"^to={name}: no runtime is called so.*{guess}; choose onnx, torch"):
            runtime_named(name)
    assert runtime_named("torch") is RUNTIMES["torch"]


def test_a_runtime_whose_packages_are_missing_is_said_before_any_work(monkeypatch):
    monkeypatch.setitem(RUNTIMES, "onnx", RUNTIMES["onnx"]._replace(packages=("onnx", "no_such_package")))
    with pytest.raises(RecipeError, match=r"^to=onnx: .*no_such_package.*pip install 'cyclekit\[export\]'"):
        runtime_named("onnx")


def test_the_exporter_is_quiet_while_it_works_and_only_then(capsys):
    logger, before = logging.getLogger("torch.onnx"), logging.getLogger("torch.onnx").level

    def work():
        print("of the exporter")
        warnings.warn("of the exporter", stacklevel=1)
        assert logger.level == logging.ERROR
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), quiet():
        work()
    assert logger.level == before
    print("of ours")
    assert capsys.readouterr().out == "of ours\n"


def test_pytorchs_file_is_run_without_a_class_of_cyclekits(tmp_path):
    class Both(torch.nn.Module):
        def forward(self, first, second):
            return first + second, first - second

    example = torch.ones(2, 3), torch.full((2, 3), 2.0)
    written = RUNTIMES["torch"].write(torch.export.export(Both(), example), tmp_path / "both", ["x", "y"], ["s", "d"])
    assert written == (tmp_path / "both.pt2", (), None)
    given = {"y": np.full((2, 3), 5, np.float32), "x": np.ones((2, 3), np.float32)}  # inputs go by their names
    found = RUNTIMES["torch"].runner(written.path, ["x", "y"])(given)
    assert [one.tolist() for one in found] == [[[6] * 3] * 2, [[-4] * 3] * 2]
