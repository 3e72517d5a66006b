"""Where an exported network runs: how its file is written, and how it is run again to be compared.

Each takes an `ExportedProgram` of PyTorch's, with names for its inputs and outputs.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from cyclekit import __version__
from cyclekit.exporting.packages import require
from cyclekit.registry import RecipeError, argument, did_you_mean

WEB = "web"
"""Not a runtime of its own: ONNX files, and a page beside them that runs them in a browser."""

Runner = Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]
"""Inputs by name to outputs in order."""


class WrittenFile(NamedTuple):
    """A file that was written."""

    path: Path
    """The one to open; OpenVINO's weights lie beside it."""
    others: Sequence[Path]
    opset: int | None
    """Of the ONNX standard; None for other formats."""


class Runtime(NamedTuple):
    """One way to run an exported network."""

    packages: Sequence[str]
    extra: str
    write: Callable[[torch.export.ExportedProgram, Path, Sequence[str], Sequence[str]], WrittenFile]
    """(program, place without an ending, names of inputs, names of outputs)."""
    runner: Callable[[Path, Sequence[str]], Runner]
    """(file, names of inputs)."""


def runtime_named(name: str) -> Runtime:
    """The runtime of a name, whose packages are installed.

    Raises:
        RecipeError: there is none, or a package is missing.
    """
    if name not in RUNTIMES:
        known = [*RUNTIMES, WEB]
        raise RecipeError(
            f"{argument('to', name)}: no runtime is called so{did_you_mean(name, known)}; choose {', '.join(known)}"
        )
    runtime = RUNTIMES[name]
    require(argument("to", name), *runtime.packages, extra=runtime.extra)
    return runtime


def write_onnx(
    program: torch.export.ExportedProgram, place: Path, inputs: Sequence[str], outputs: Sequence[str]
) -> WrittenFile:
    """One .onnx file with its weights, checked by onnx's checker; nothing in it tells of the machine that wrote it."""
    import onnx

    with quiet():
        exported = torch.onnx.export(
            program, input_names=list(inputs), output_names=list(outputs), dynamo=True, verbose=False
        )
    assert exported is not None
    model = exported.model_proto
    for node in [*model.graph.node, *(node for function in model.functions for node in function.node)]:
        del node.metadata_props[:]  # where in which source file it comes from
        node.doc_string = ""
    del model.metadata_props[:], model.graph.metadata_props[:]
    model.producer_name, model.producer_version, model.doc_string = "cyclekit", __version__, ""
    path = place.with_name(f"{place.name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
    opset = next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
    return WrittenFile(path, (), opset)


def onnx_runner(path: Path, inputs: Sequence[str]) -> Runner:
    """ONNX Runtime on the processor."""
    from cyclekit.exported.session import session_of

    session = session_of(path)
    return lambda given: session.run(None, dict(given))


def write_torch(
    program: torch.export.ExportedProgram, place: Path, inputs: Sequence[str], outputs: Sequence[str]
) -> WrittenFile:
    """A .pt2 file, which `torch.export.load` reads."""
    path = place.with_name(f"{place.name}.pt2")
    torch.export.save(program, path)
    return WrittenFile(path, (), None)


def torch_runner(path: Path, inputs: Sequence[str]) -> Runner:
    """PyTorch, without any class of cyclekit's."""
    module = torch.export.load(path).module()

    @torch.no_grad()
    def run(given: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        made = module(*(torch.from_numpy(given[name]) for name in inputs))
        return [each.numpy() for each in (made if isinstance(made, tuple | list) else [made])]

    return run


def write_openvino(
    program: torch.export.ExportedProgram, place: Path, inputs: Sequence[str], outputs: Sequence[str]
) -> WrittenFile:
    """An .xml file and its weights in float32, by way of ONNX."""
    import openvino

    between = write_onnx(program, place, inputs, outputs)
    path = place.with_name(f"{place.name}.xml")
    # Not `openvino.convert_model`, which reports its use to a server.
    openvino.save_model(openvino.Core().read_model(between.path), path, compress_to_fp16=False)
    between.path.unlink()
    return WrittenFile(path, (path.with_suffix(".bin"),), None)


def openvino_runner(path: Path, inputs: Sequence[str]) -> Runner:
    """OpenVINO on the processor, in float32."""
    import openvino

    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda given: [np.asarray(each) for each in compiled(dict(given)).values()]


RUNTIMES: dict[str, Runtime] = {
    "onnx": Runtime(("onnx", "onnxscript", "onnxruntime"), "export", write_onnx, onnx_runner),
    "torch": Runtime((), "export", write_torch, torch_runner),
    "openvino": Runtime(("onnx", "onnxscript", "openvino"), "openvino", write_openvino, openvino_runner),
}


@contextmanager
def quiet() -> Iterator[None]:
    """Without what the exporter says to whoever develops it."""
    logger: Any = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
