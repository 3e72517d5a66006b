"""Named tensors in a safetensors file, and checksums of files and of tensors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor


def write_tensors(named: Mapping[str, Tensor], path: Path) -> None:
    """Write named tensors; what two names share (a network that serves both directions) is written once."""
    plain: dict[str, Tensor] = {}
    shared: dict[str, str] = {}
    first: dict[tuple[Any, ...], str] = {}
    for name, tensor in named.items():
        same = first.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype), name)
        if same == name or not tensor.numel():
            plain[name] = tensor.detach().cpu().contiguous()
        else:
            shared[name] = same
    save_file(plain, path, metadata={"shared": json.dumps(shared)})


def read_tensors(path: Path) -> dict[str, Tensor]:
    """What `write_tensors` wrote, on the CPU.

    Raises:
        OSError: the file cannot be read.
        SafetensorError, ValueError, KeyError, TypeError, AttributeError: it is damaged.
    """
    with safe_open(path, "pt") as file:
        shared = json.loads((file.metadata() or {}).get("shared", "{}"))
    named = load_file(path)
    return named | {name: named[same] for name, same in shared.items()}


def file_checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal, as `sha256sum` prints it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tensor_checksum(tensor: Tensor) -> str:
    """The SHA-256 of a tensor on the CPU: of its type, its shape and its values, to the bit."""
    digest = hashlib.sha256(f"{tensor.dtype} {tuple(tensor.shape)}\n".encode())
    digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def json_checksum(content: Any) -> str:
    """The SHA-256 of what JSON holds, whatever the order of its keys and its white space."""
    plain = json.loads(json.dumps(content))  # as it is read back: keys are text, tuples lists
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
