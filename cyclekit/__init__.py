"""cyclekit: CycleGAN for pictures and text.

run = cyclekit.load("recipes/monet2photo", profile="cpu")
folder = cyclekit.train(run)
photos = cyclekit.Translator.load(folder)(["lilies.jpg"], to="photo")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclekit.api import load, train
    from cyclekit.evaluation import evaluate
    from cyclekit.translate import Translator

__version__ = "0.1.0"

__all__ = ["Translator", "evaluate", "load", "train"]

# Importing cyclekit must not import torch: the command line answers `--help` through this module.
_HOME = {"load": "api", "train": "api", "evaluate": "evaluation", "Translator": "translate"}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOME:
        raise AttributeError(f"module 'cyclekit' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"cyclekit.{_HOME[name]}"), name)
    globals()[name] = value
    return value
