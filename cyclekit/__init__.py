"""cyclekit: CycleGAN for pictures and text.

run = cyclekit.load("recipes/monet2photo")
folder = cyclekit.train(run)
photo = cyclekit.Translator.load(folder)("lilies.jpg", to="photo")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclekit.api import evaluate as evaluate
    from cyclekit.api import load as load
    from cyclekit.api import train as train
    from cyclekit.core.batch import Batch as Batch
    from cyclekit.registry import RecipeError as RecipeError
    from cyclekit.registry import register as register
    from cyclekit.use.decoding import Decoding as Decoding
    from cyclekit.use.translate import Translator as Translator

__version__ = "0.1.0"

__all__ = [
    "Batch",
    "Decoding",
    "RecipeError",
    "Translator",
    "__version__",
    "evaluate",
    "load",
    "register",
    "train",
]

# Importing cyclekit must not import torch: the command line answers `--help` through this module.
_HOME = {
    "Batch": "core.batch",
    "Decoding": "use.decoding",
    "RecipeError": "registry",
    "Translator": "use.translate",
    "evaluate": "api",
    "load": "api",
    "register": "registry",
    "train": "api",
}


if not TYPE_CHECKING:  # a checker would take every name for one that is here

    def __getattr__(name: str) -> Any:
        import importlib

        if name not in _HOME:
            raise AttributeError(f"module 'cyclekit' has no attribute '{name}'")
        value = getattr(importlib.import_module(f"cyclekit.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
