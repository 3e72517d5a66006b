"""ONNX Runtime's sessions: the device and the threads that were asked for, or one line."""

import sys

import pytest

from cyclekit.exported import session
from cyclekit.registry import RecipeError

onnxruntime = pytest.importorskip("onnxruntime", reason="cyclekit[export] brings it")


@pytest.fixture
def opened(monkeypatch):
    """What a session would be made of."""
    made = []
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *given, **named: made.append((*given, named)))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return made


@pytest.mark.parametrize(
    ("there", "device", "provider"),
    [
        (["CPU"], "cpu", "CPU"), (["CPU"], "auto", "CPU"), (["CUDA", "CPU"], "auto", "CUDA"),
        (["CUDA", "CPU"], "cpu", "CPU"), (["CUDA", "CPU"], "cuda", "CUDA"),
    ],
)  # fmt: skip
def test_the_device_is_the_one_that_was_asked_for(opened, monkeypatch, there, device, provider):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [f"{one}ExecutionProvider" for one in there])
    session.session_of("x.onnx", device)
    ((path, _, named),) = opened
    assert (path, named) == ("x.onnx", {"providers": [f"{provider}ExecutionProvider"]})


@pytest.mark.parametrize("device", ["cuda", "tpu"])
def test_a_device_that_is_not_there_is_said(opened, monkeypatch, device):
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["AzureExecutionProvider", "CPUExecutionProvider"]
    )
    with pytest.raises(RecipeError, match=rf"^device={device}: this ONNX Runtime runs on: cpu; use device=cpu$"):
        session.session_of("x.onnx", device)
    assert opened == []


@pytest.mark.parametrize(
    ("said", "asked", "threads"), [(None, 0, 0), ("3", 0, 3), ("3", 5, 5), ("", 0, 0), ("2,4", 0, 0), ("-1", 0, 0)]
)
def test_threads_are_those_that_whoever_called_allows(opened, monkeypatch, said, asked, threads):
    if said is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", said)
    session.session_of("x.onnx", threads=asked)
    assert opened[0][1].intra_op_num_threads == threads


def test_a_file_that_is_none_is_one_line(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"no network")
    for path in (tmp_path / "x.onnx", tmp_path / "nowhere.onnx"):
        with pytest.raises(RecipeError, match=rf"{path.name}: ONNX Runtime cannot read it: ") as error:
            session.session_of(path)
        assert "\n" not in str(error.value)


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        RecipeError, match=r"^x\.onnx: needs onnxruntime to run; install it: pip install onnxruntime, or 'cy"
    ):
        session.session_of("x.onnx")
