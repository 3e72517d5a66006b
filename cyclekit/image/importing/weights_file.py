"""What a file of weights holds: tensors and plain containers of them. Nothing in the file is run."""

from __future__ import annotations

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from cyclekit.registry import RecipeError

SAVE_WEIGHTS_ALONE = (
    "in the program that made it, save the weights alone: torch.save(network.state_dict(), 'weights.pth'), or of a "
    "checkpoint torch.save(checkpoint['state_dict'], 'weights.pth')"
)


def load_content(path: Path) -> Any:
    """What `torch.save` or safetensors put into a file.

    Raises:
        RecipeError: no such file, not a file of weights, or one that could only be read by running code from it.
    """
    if not path.exists():
        raise RecipeError(f"{path}: no such file")
    if path.is_dir():
        raise RecipeError(f"{path}: is a folder; name one file of weights, such as latest_net_G_A.pth")
    if not path.is_file():
        raise RecipeError(f"{path}: is no file, but a pipe or a device; name one file of weights")
    if path.stat().st_size == 0:
        raise RecipeError(f"{path}: is empty")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch has to say about odd files is said below, in one line
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # what parsing arbitrary bytes may raise is as arbitrary
        raise RecipeError(f"{path}: {_why(error)}") from error


def _why(error: Exception) -> str:
    text = str(error)
    if "TorchScript" in text:
        return f"is a TorchScript program, which could only be loaded by running it; {SAVE_WEIGHTS_ALONE}"
    if "legacy .tar format" in text:
        return "is in the .tar format of torch before 0.3; load it and save it again in the program that made it"
    code = re.search(r"GLOBAL (\S+)", text) if isinstance(error, pickle.UnpicklingError) else None
    if code is not None:
        return f"holds {code.group(1)}, which could only be loaded by running code from the file; {SAVE_WEIGHTS_ALONE}"
    return "is damaged, or no file that torch.save or safetensors wrote"
