"""Run folders: made once, never overwritten, found again for a resume."""

from __future__ import annotations

import datetime
import json
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cyclekit.checkpoint import clear_disk_errors
from cyclekit.recipe import differing_keys, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.schema import Recipe


def create(recipe: Recipe, out: Path | None = None) -> Path:
    """Make the folder of a new run and write what it is made from: recipe.yaml, environment.json, the plugin.

    Args:
        out: where; None for `runs/<recipe>/<time>`.

    Raises:
        RecipeError: the folder has something in it, or cannot be made.
    """
    folder = out or _unused(Path("runs") / recipe.name / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S"))
    refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be made: {error.strerror}; choose another --out") from error
    with clear_disk_errors(folder):
        (folder / "environment.json").write_text(json.dumps(environment(recipe), indent=2), encoding="utf-8")
        if recipe.folder is not None and (recipe.folder / "plugin.py").is_file():
            shutil.copyfile(recipe.folder / "plugin.py", folder / "plugin.py")
        # Last, for this file is what makes a folder a run.
        (folder / "recipe.yaml").write_text(recipe.dump(), encoding="utf-8")
    return folder


def refuse_taken(folder: Path) -> None:
    """Make sure that a new run may have this folder.

    Raises:
        RecipeError: it is a run, or has anything else in it.
    """
    if (folder / "recipe.yaml").exists():
        raise RecipeError(f"{folder}: is a run already; go on with it by --resume, or choose another --out")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecipeError(f"{folder}: is not an empty folder, and a run overwrites nothing; choose another --out")


def find(recipe: Recipe, out: Path | None = None) -> Path:
    """The folder of the run to resume: `out`, or the recipe's newest under `runs/`.

    Raises:
        RecipeError: there is none, or it was made from a recipe that differs (names the keys).
    """
    folder = out or _newest(Path("runs") / recipe.name)
    if folder is None or not (folder / "recipe.yaml").is_file():
        raise RecipeError(f"{folder or Path('runs') / recipe.name}: no run to resume here; start one without --resume")
    there = load_recipe(folder)
    differing = differing_keys(there, recipe)
    if differing:
        raise RecipeError(
            f"{folder}: was made from a recipe that differs in {'; '.join(differing)}; "
            "resume with the same settings, or start a new run"
        )
    return folder


def environment(recipe: Recipe) -> dict[str, str | int]:
    """What the numbers of a run may depend on, beside the recipe."""
    packages = ["cyclekit", "torch", "torchvision", "accelerate", "numpy", "pillow"]
    return {
        "command": " ".join(["cyclekit", *sys.argv[1:]]) if sys.argv[:1] and "cyclekit" in sys.argv[0] else "Python",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "seed": recipe.train.seed,
        **{name: _version(name) for name in packages},
    }


def _unused(folder: Path) -> Path:
    """The folder, or with a number where two runs start in one second."""
    candidates = [folder, *(folder.with_name(f"{folder.name}-{count}") for count in range(2, 100))]
    return next(candidate for candidate in candidates if not candidate.exists())


def _newest(folder: Path) -> Path | None:
    runs = sorted(found.parent for found in folder.glob("*/recipe.yaml"))
    return runs[-1] if runs else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
