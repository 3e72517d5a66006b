"""What the experiments share: train variants of a recipe over seeds, collect numbers, make a table and a sheet.

An experiment is a script, `python -m experiments.NAME`: it reads its `Settings` from the command line, says by a
function what one trial (one variant, one seed) does and which numbers come of it, and hands that to `repeated`.

    OUT/<variant>-seed<k>/       the trial's run folder; result.json says that it is done, so that a killed experiment,
                                 started again, goes on with the trials that are missing
    OUT/results.json, table.md   every number, with command, machine and data; means ± standard deviations over seeds
    OUT/sheet.png                held-out rows, the first ones, unselected
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

import cyclekit
from cyclekit.assembling.assemble import Run
from cyclekit.core.batch import Batch, concat
from cyclekit.core.rows import through
from cyclekit.files.whole_file import whole_file, write_whole
from cyclekit.image.codec import ImageCodec
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import RecipeError
from cyclekit.runs.folder import processor
from cyclekit.sheets.layout import enlarged, laid_out
from cyclekit.training.state import Callback

Numbers = Mapping[str, float]
"""What one trial measured, by the heading of the table's column."""
Results = dict[str, dict[int, Numbers]]
"""variant -> seed -> numbers"""

SHEET_ROWS = 6

CPU = torch.device("cpu")
"""Where experiments train and translate."""

SMALL_CYCLEGAN: dict[str, Any] = {
    "generator": {
        "name": "resnet",
        "width": 16,
        "blocks": 4,
        "downsamplings": 2,
        "norm": "instance",
        "upsampling": "resize",
        "start": "random",
    },
    "discriminator": {"name": "patchgan", "layers": 2, "width": 32, "norm": "instance"},
    "objective.cycle": 10.0,
    "objective.identity": 0.0,
    "initialisation": {"name": "normal", "gain": 0.02},
    "train.batch_size": 2,
    "train.learning_rate": 4e-4,
    "train.moving_average": None,
}
"""The published CycleGAN but for its size, for 32 px: overrides of `monet2photo`, whose own `cpu` profile starts as the
identity and so hides what many a claim is about. No moving average: what training does is to be seen. The rate is twice
the published one, for trainings a thousand times shorter."""


@dataclass(frozen=True)
class Settings:
    """What the command line said."""

    name: str
    seeds: tuple[int, ...]
    steps: int
    size: int
    """Side of the square pictures in pixels."""
    data: str
    out: Path
    command: str
    """How the experiment was called."""
    quick: bool
    """Seconds instead of minutes: does everything once, shows nothing. The tests' mode."""

    def folder(self, variant: str, seed: int) -> Path:
        """Where the trial of a variant and a seed is kept."""
        return self.out / f"{re.sub('[^a-z0-9]+', '-', variant.lower()).strip('-')}-seed{seed}"


def settings(
    name: str,
    about: str | None,
    *,
    steps: int,
    size: int,
    data: str,
    quick_size: int = 32,
    arguments: Sequence[str] | None = None,
) -> Settings:
    """Read the command line that all experiments share, and take one torch thread unless OMP_NUM_THREADS says more.

    Args:
        about: the script's docstring, shown by --help.
        steps, size, data: the defaults, which take minutes on two cores. `--quick` sets 2 steps, `quick_size`
            and seed 0 instead, where the command line names nothing else.
        arguments: instead of the command line's own.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m experiments.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="default: 0 1 2")
    parser.add_argument("--steps", type=int, help=f"training steps of each trial; default: {steps}")
    parser.add_argument("--size", type=int, help=f"side of the pictures in pixels; default: {size}")
    parser.add_argument("--data", default=data, help=f"a folder, hub:OWNER/NAME or builtin:NAME; default: {data}")
    parser.add_argument("--out", type=Path, default=Path("runs/experiments") / name, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="everything once in seconds; the numbers mean nothing")
    given = parser.parse_args(arguments)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    seeds = given.seeds or ([0] if given.quick else [0, 1, 2])
    return Settings(
        name,
        tuple(seeds),
        given.steps or (2 if given.quick else steps),
        given.size or (quick_size if given.quick else size),
        given.data,
        given.out,
        " ".join(["python -m", f"experiments.{name}", *(sys.argv[1:] if arguments is None else arguments)]),
        given.quick,
    )


def as_script(main: Callable[[], object]) -> None:
    """Run `main`; a user's mistake is one line and exit status 2."""
    try:
        main()
    except (RecipeError, MetricUnavailable) as mistake:
        print(f"{Path(sys.argv[0]).stem}: {mistake}", file=sys.stderr)
        sys.exit(2)


def repeated(
    chosen: Settings, variants: Sequence[str], trial: Callable[[str, int, Path], Numbers], *, note: str = ""
) -> Results:
    """Do the trials that have no result yet, seed by seed; print and write the table of all.

    Args:
        trial: given (variant, seed, folder) does one trial in the folder, which is not there yet, and measures it.
        note: a line or more below the table: what the columns are.

    Raises:
        RecipeError: a result of other settings stands in the folder.
    """
    results: Results = {variant: {} for variant in variants}
    made_by = {"steps": chosen.steps, "size": chosen.size, "data": chosen.data}
    for seed in chosen.seeds:
        for variant in variants:
            folder = chosen.folder(variant, seed)
            done = folder / "result.json"
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a killed trial left
                print(f"{chosen.name}: {variant}, seed {seed} ...", file=sys.stderr, flush=True)
                numbers = dict(trial(variant, seed, folder))
                folder.mkdir(parents=True, exist_ok=True)
                write(done, {"settings": made_by, "numbers": numbers})
            kept = json.loads(done.read_text(encoding="utf-8"))
            if kept["settings"] != made_by:
                raise RecipeError(f"{done}: is of {kept['settings']}, not of {made_by}; choose another --out")
            results[variant][seed] = kept["numbers"]
    text = table(results) + (f"\n{note.strip()}\n" if note else "")
    write(chosen.out / "table.md", text)
    about = {"command": chosen.command, **machine(), **made_by}
    write(chosen.out / "results.json", {**about, "results": results})
    print(text)
    return results


def loaded(
    chosen: Settings, seed: int, recipe: str | Path, overrides: Mapping[str, Any], *, profile: str | None = "cpu"
) -> Run:
    """A recipe with the settings' data, size, steps and this seed, through the public API.

    Args:
        overrides: as for `cyclekit.load`; they win over the keys that the settings set.
    """
    ours = {
        "data.load_size": chosen.size,
        "data.crop_size": chosen.size,
        "train.steps": chosen.steps,
        "train.epochs": None,
        "train.seed": seed,
        "train.workers": 0,
    } | ({"data.held_out": 8} if chosen.quick else {})
    settings = {**ours, **overrides}
    return cyclekit.load(recipe, profile=profile or "published", data=chosen.data, overrides=settings, quiet=True)


def trained(
    chosen: Settings,
    folder: Path,
    seed: int,
    recipe: str | Path,
    overrides: Mapping[str, Any],
    *,
    profile: str | None = "cpu",
    callbacks: Sequence[Callback] = (),
) -> Run:
    """What `loaded` gives, trained on the processor; nothing is written but what the callbacks write."""
    run = loaded(chosen, seed, recipe, overrides, profile=profile)
    cyclekit.train(run, folder, device="cpu", callbacks=callbacks)
    return run


def translated(run: Run, target: str = "b") -> Translated:
    """All held-out items of the other domain, translated into `target` ("a" or "b") as the recipe uses its networks."""
    items, real = run.data.held_out("a" if target == "b" else "b"), run.data.held_out(target)
    rows = [item.row for item in items]
    with run.translating() as generators:
        fakes = through(getattr(generators, target), rows, CPU, run.together)
    truth = [item.truth for item in items if item.truth is not None]
    known = truth if len(truth) == len(rows) else None
    return Translated(concat(rows), concat(fakes), concat([item.row for item in real]), known, run.data, target)


def truth_of(made: Translated) -> Batch:
    """The true translations, one for each held-out input, as one Batch.

    Raises:
        RecipeError: the data knows none.
    """
    if made.truth is None:
        raise RecipeError("this experiment needs held-out pictures with their true translation; give other --data")
    return concat(made.truth)


def keep(folder: Path, name: str, pictures: Batch) -> None:
    """Keep the first rows of `pictures` (B, C, H, W) in a trial's folder, as PNG files that `sheet` finds by name."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    first = Batch(pictures.data[:SHEET_ROWS])
    for row, picture in enumerate(ImageCodec(first.data.shape[1]).show(first)):
        picture.save(folder / "pictures" / f"{name}-{row}.png")


def keep_all(folder: Path, made: Translated) -> None:
    """Keep the first inputs, outputs and, where they are known, truths, under these names."""
    keep(folder, "input", made.source)
    keep(folder, "output", made.fake)
    if made.truth is not None:
        keep(folder, "truth", truth_of(made))


def compare(chosen: Settings, variants: Sequence[str], title: str) -> Path:
    """OUT/sheet.png of what `keep_all` kept of the first seed: input, every variant's output, truth."""
    folders = [chosen.folder(variant, chosen.seeds[0]) for variant in variants]
    outputs = [(variant, folder, "output") for variant, folder in zip(variants, folders)]
    columns = [("input", folders[0], "input"), *outputs, ("truth", folders[0], "truth")]
    return sheet(chosen, columns, f"{title}: {chosen.steps} steps, seed {chosen.seeds[0]}, the first held-out rows")


def sheet(chosen: Settings, columns: Sequence[tuple[str, Path, str]], title: str) -> Path:
    """OUT/sheet.png from kept pictures.

    Args:
        columns: (heading, the trial's folder, the name it kept the pictures under).
    """
    shown = []
    for _, folder, name in columns:
        files = sorted((folder / "pictures").glob(f"{name}-[0-9].png"))
        shown.append([enlarged(Image.open(file)) for file in files])
    path = chosen.out / "sheet.png"
    with whole_file(path) as beside:
        laid_out(shown, [heading for heading, _, _ in columns], title).save(beside)
    return path


def table(results: Results) -> str:
    """Markdown: a row for each variant, a column for each number, mean ± standard deviation over the seeds."""
    columns = list(dict.fromkeys(key for of in results.values() for numbers in of.values() for key in numbers))
    lines = [" | ".join(["| variant", *columns]) + " |", "|" + "---|" * (len(columns) + 1)]
    for variant, of in results.items():
        cells = [_cell([numbers[key] for numbers in of.values() if key in numbers]) for key in columns]
        lines.append(" | ".join([f"| {variant}", *cells]) + " |")
    return "\n".join(lines) + "\n"


def machine() -> dict[str, Any]:
    """What the numbers may depend on, beside the recipe."""
    return {"processor": processor(), "threads": torch.get_num_threads(), "torch": torch.__version__}


def peak_memory() -> float:
    """The most memory that this process has had, MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: a child's ru_maxrss starts at what its parent has, this does not
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "—"
    mean = statistics.fmean(values)
    return _number(mean) + (f" ± {_number(statistics.stdev(values))}" if len(values) > 1 else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def write(path: Path, content: str | Mapping[Any, Any] | Sequence[Any]) -> None:
    """Write text, or anything else as JSON, whole or not at all: a half-written result would pass for one."""
    text = content if isinstance(content, str) else json.dumps(content, indent=2) + "\n"
    write_whole(path, text)
