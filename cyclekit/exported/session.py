"""ONNX Runtime's sessions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cyclekit.registry import RecipeError, argument

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def session_of(path: Path, device: str = "cpu", threads: int = 0) -> Any:
    """A session that runs an .onnx file.

    Args:
        device: "cpu" or "cuda"; "auto" for cuda where this ONNX Runtime has it.
        threads: that one picture is spread over; 0: as many as OMP_NUM_THREADS says, or as there are cores.

    Raises:
        RecipeError: ONNX Runtime is not installed or does not read the file, or the device is not there.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise RecipeError(
            f"{path}: needs onnxruntime to run; install it: pip install onnxruntime, or 'cyclekit[export]'"
        ) from error
    there = onnxruntime.get_available_providers()
    if device == "auto":
        device = "cuda" if PROVIDERS["cuda"] in there else "cpu"
    if PROVIDERS.get(device) not in there:
        raise RecipeError(
            f"{argument('device', device)}: this ONNX Runtime runs on: {_devices(there)}; use "
            + argument("device", "cpu")
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _allowed()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[PROVIDERS[device]])
    except Exception as error:  # of a module that is not imported where this is checked
        raise RecipeError(f"{path}: ONNX Runtime cannot read it: {' '.join(str(error).split())}") from error


def _allowed() -> int:
    """How many threads whoever called allows: ONNX Runtime does not ask; 0 where nothing is said."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() else 0


def _devices(there: list[str]) -> str:
    return ", ".join(device for device, provider in PROVIDERS.items() if provider in there)
