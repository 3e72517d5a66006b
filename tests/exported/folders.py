"""Exported folders with nothing in them but what their manifest says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cyclekit.exported.manifest import FORMAT, MANIFEST, VERSION, file_entry


def said_of(folder: Path, **changes: Any) -> dict[str, Any]:
    """What the manifest of an exported run of pictures says, and its files beside it."""
    directions = []
    for makes, name in (("a", "photo-to-monet"), ("b", "monet-to-photo")):
        path = folder / f"{name}.onnx"
        path.write_bytes(name.encode())
        directions.append(
            {"makes": makes, "files": {"generator": file_entry(path)}, "multiple": 4, "smallest": 5,
             "input": {"name": "source"}, "output": {"name": "made"}}
        )  # fmt: skip
    codec = {"name": "image", "channels": 3, "scale": None}
    return {
        "format": FORMAT, "version": VERSION, "kind": "pictures", "runtime": "onnx",
        "domains": {"a": "monet", "b": "photo"}, "codecs": {"a": codec, "b": codec}, "directions": directions,
        **changes,
    }  # fmt: skip


def exported(folder: Path, **changes: Any) -> Path:
    """An exported folder of pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text(json.dumps(said_of(folder, **changes)))
    return folder
