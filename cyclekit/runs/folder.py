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

from cyclekit.device import launched
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.folder_lock import LOCK, locked
from cyclekit.files.whole_file import write_whole
from cyclekit.plugins import PLUGIN, trust
from cyclekit.recipe.loading import load_recipe
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError, argument
from cyclekit.runs import history
from cyclekit.terminal.printable import say

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
        refuse_taken_run(out)
    try:
        if out is None:
            out, made = _unused(Path("runs") / recipe.name / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S"))
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecipeError(f"{out}: cannot be made: {error.strerror}; choose another {argument('out')}") from error
    with held(out):
        try:
            refuse_taken_run(out)
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
    if any(history.steps(folder)):
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


def refuse_taken_run(folder: Path) -> None:
    """Make sure that a new run may have this folder.

    Raises:
        RecipeError: it is a run, or has anything else in it.
    """
    if (folder / "recipe.yaml").exists():
        raise RecipeError(
            f"{folder}: is a run already; go on with it: {shlex.join(resume_command(folder))}; or choose "
            f"another {argument('out')}"
        )
    if folder.exists() and (not folder.is_dir() or any(not _of_a_start(path.name) for path in folder.iterdir())):
        raise RecipeError(
            f"{folder}: is not an empty folder, and a run overwrites nothing; choose another {argument('out')}"
        )


def _of_a_start(name: str) -> bool:
    return name in STARTING or name.startswith(".cyclekit-")


def resume_command(folder: Path) -> list[str]:
    """The words of the command that goes on with a run, in as many processes of this machine as this one is of."""
    together = launched()
    launcher = ["torchrun", f"--nproc-per-node={together.on_machine}", "-m"] if together.world > 1 else []
    return [*launcher, "cyclekit", "run", "--resume", str(folder)]


def find(name: str, out: Path | None = None) -> Path:
    """The folder of the run to resume: `out`, or the newest of the recipe of this name under `runs/`.

    Raises:
        RecipeError: there is none.
    """
    folder = out or _newest(Path("runs") / name)
    if folder is None or not (folder / "recipe.yaml").is_file():
        raise RecipeError(
            f"{folder or Path('runs') / name}: no run to resume here; start one without {argument('resume')}"
        )
    return folder


def profile_of(folder: Path) -> str | None:
    """The profile that a run was made with; None for the published settings."""
    return load_recipe(folder).profile


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
