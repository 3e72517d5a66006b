"""Run folders: made once, never overwritten, held by one process at a time, found again for a resume."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cyclekit.core.data import source_name
from cyclekit.files.folder_lock import LOCK, locked
from cyclekit.files.whole_file import write_whole
from cyclekit.plugins import PLUGIN, trust
from cyclekit.recipe import stages
from cyclekit.recipe.loading import LENGTHS, differing, load_recipe
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint
from cyclekit.runs.checkpoint import clear_disk_errors
from cyclekit.terminal.printable import say

MAY_CHANGE = (
    "train.steps", "train.epochs", "train.budget", "train.extend", "train.log_every", "train.sample_every",
    "train.save_every", "train.keep", "train.workers", "validation.every", "validation.patience", "health", "trackers",
    "data.sources", "metrics", "beam", "reranking", "title", "license",
)  # fmt: skip
"""What a resume may change, settings or whole sections: how long to train, and what no step depends on.

Where the data lies may change, and not what it holds: that is compared when the checkpoint is read.
"""

STARTING = (".lock", "environment.json", PLUGIN)
"""What a start that was killed may leave behind before there is a run."""


def create(recipe: Recipe, out: Path | None = None) -> Path:
    """Make the folder of a new run, as `new_run` does, and let go of it."""
    with new_run(recipe, out) as folder:
        return folder


@contextmanager
def new_run(recipe: Recipe, out: Path | None = None) -> Iterator[Path]:
    """A folder with all that a new run is made from (recipe.yaml, environment.json, the plugin), held while it trains.

    Where that fails before its first step is done, nothing stays.

    Args:
        out: where; None for `runs/<recipe>/<time>`.

    Raises:
        RecipeError: the folder has something in it, or cannot be made, or another process is making it a run.
    """
    made = [path for path in (out, *out.parents) if not path.exists()] if out is not None else []
    if out is not None:
        refuse_taken(out)
    try:
        if out is None:
            out, made = _unused(Path("runs") / recipe.name / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S"))
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecipeError(f"{out}: cannot be made: {error.strerror}; choose another --out") from error
    with held(out):
        try:
            refuse_taken(out)
            _fill(out, recipe)
            yield out
        except BaseException:
            if not _has_begun(out):
                _empty(out)
                for path in made:
                    with contextlib.suppress(OSError):  # somebody else's, by now
                        (path / LOCK).unlink(missing_ok=True)
                        path.rmdir()
            raise


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """A run folder that no other process trains in meanwhile; says so where the file system cannot promise it.

    Raises:
        RecipeError: one does.
    """
    with locked(folder) as missing:
        if missing is not None:
            say(missing)
        yield


def _fill(folder: Path, recipe: Recipe) -> None:
    with clear_disk_errors(folder):
        (folder / "environment.json").write_text(json.dumps(environment(recipe), indent=2), encoding="utf-8")
        if recipe.folder is not None and (recipe.folder / PLUGIN).is_file():
            code = (recipe.folder / PLUGIN).read_bytes()
            (folder / PLUGIN).write_bytes(code)
            trust(folder / PLUGIN, code)
        # Last, for this file is what makes a folder a run.
        write_whole(folder / "recipe.yaml", recipe.dump())


def _has_begun(folder: Path) -> bool:
    """Whether a step is done: there is something to keep."""
    if any(checkpoint.steps(folder)):
        return True
    log = folder / "log.jsonl"
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            if json.loads(line)["step"] > 0:
                return True
    return False


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != LOCK:
            path.unlink(missing_ok=True)


def refuse_taken(folder: Path) -> None:
    """Make sure that a new run may have this folder.

    Raises:
        RecipeError: it is a run, or has anything else in it.
    """
    if (folder / "recipe.yaml").exists():
        raise RecipeError(
            f"{folder}: is a run already; go on with it: {shlex.join(resume_command(folder))}; or choose another --out"
        )
    if folder.exists() and (not folder.is_dir() or any(not _of_a_start(path.name) for path in folder.iterdir())):
        raise RecipeError(f"{folder}: is not an empty folder, and a run overwrites nothing; choose another --out")


def _of_a_start(name: str) -> bool:
    return name in STARTING or name.startswith(".cyclekit-")


def resume_command(folder: Path) -> list[str]:
    """The words of the command that goes on with a run."""
    return ["cyclekit", "run", "--resume", str(folder)]


def find(name: str, out: Path | None = None) -> Path:
    """The folder of the run to resume: `out`, or the newest of the recipe of this name under `runs/`.

    Raises:
        RecipeError: there is none.
    """
    folder = out or _newest(Path("runs") / name)
    if folder is None or not (folder / "recipe.yaml").is_file():
        raise RecipeError(f"{folder or Path('runs') / name}: no run to resume here; start one without --resume")
    return folder


def profile_of(folder: Path) -> str | None:
    """The profile that a run was made with; None for the published settings."""
    return load_recipe(folder).profile


def refuse_other(folder: Path, recipe: Recipe) -> dict[str, tuple[Any, Any]]:
    """Make sure that a run can go on by a recipe; what it changes, dotted key -> value there and value now.

    Raises:
        RecipeError: the run was made from a recipe that differs in what a resume cannot change (names the keys).
    """
    changed = differing(load_recipe(folder), recipe)
    refused = "; ".join(_told(key, *values) for key, values in changed.items() if not _may_change(key))
    if refused:
        raise RecipeError(
            f"{folder}: was made from a recipe that differs in {refused}; "
            "resume with the same settings, or start a new run"
        )
    return changed


def resumed(folder: Path, recipe: Recipe) -> tuple[Recipe, list[str]]:
    """The recipe that a run goes on by, with the lengths it had before; and what that changes, in words.

    Args:
        recipe: what is asked for now.

    Raises:
        RecipeError: it differs in what a resume cannot change, or the run is longer already.
    """
    there = load_recipe(folder)
    changed = refuse_other(folder, recipe)
    kept = ("extended", "profile", "started", "domains", "called")
    recipe = recipe.model_copy(update={key: getattr(there, key) for key in kept})
    recipe.train = recipe.train.model_copy(update={"start_from": there.train.start_from})
    recipe._folder = folder
    done = max(checkpoint.steps(folder), default=0)
    if recipe.train.steps is not None and recipe.train.steps < done:
        raise RecipeError(
            f"{folder}: has done {done:,} steps, and train.steps is {recipe.train.steps:,}; "
            f"set a number above {done:,}, or leave it out"
        )
    if (recipe.train.budget is None) != (there.train.budget is None):
        counted = "steps or epochs" if there.train.budget is None else "time"
        raise RecipeError(
            f"{folder}: its length is counted in {counted}, and stays so; set train.{_length_of(there)} to change it"
        )
    length = {"train.steps", "train.epochs", "train.budget", "train.extend"} & changed.keys()
    if length and done:
        recipe.extended = [*there.extended, stages.length(there.train, done)]
    return recipe, [_told(key, *changed[key]) for key in changed]


def _length_of(recipe: Recipe) -> str:
    return next(length for length in LENGTHS if getattr(recipe.train, length) is not None)


def recorded_source(folder: Path, recipe: Recipe) -> list[Any] | None:
    """The one of a recipe's sources that a run was trained on; None where it says nothing of that, or it is not listed.

    A source before it in the list may have turned up since.
    """
    done = checkpoint.steps(folder)
    with contextlib.suppress(
        OSError, ValueError, TypeError, KeyError
    ):  # what is damaged is said when all of it is read
        name = (
            json.loads((checkpoint.folder_of(folder, done[-1]) / "state.json").read_text())["source"] if done else None
        )
        listed = recipe.data.options.get("sources")
        return [one for one in listed if source_name(one) == name][:1] or None if isinstance(listed, list) else None
    return None


def record(folder: Path, recipe: Recipe) -> None:
    """Write down the recipe that a run goes on by.

    Raises:
        RecipeError: the disk is full or the folder cannot be written.
    """
    with clear_disk_errors(folder):
        write_whole(folder / "recipe.yaml", recipe.dump())


def _may_change(key: str) -> bool:
    return any(key == one or key.startswith(f"{one}.") for one in MAY_CHANGE)


def _told(key: str, there: Any, now: Any) -> str:
    return f"{key} ({there!r} there, {now!r} now)"


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


def _unused(folder: Path) -> tuple[Path, list[Path]]:
    """The folder, or with a number where two runs start in one second; and what was made for it, innermost first."""
    made = [path for path in folder.parents if not path.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    for count in itertools.count(1):
        candidate = folder if count == 1 else folder.with_name(f"{folder.name}-{count}")
        with contextlib.suppress(FileExistsError):
            candidate.mkdir()  # which one of two processes alone can do
            return candidate, [candidate, *made]
    raise AssertionError("there is always a next number")


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
