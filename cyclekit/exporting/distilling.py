"""A student for each direction of a run of pictures: a run of its own, with the numbers of what it learned."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.assembling.assemble import build_generators
from cyclekit.assembling.data import build_data, seed_everything
from cyclekit.core.batch import Batch, Pair
from cyclekit.files.whole_file import write_whole
from cyclekit.image.codec import ImageCodec, padded
from cyclekit.image.distillation import (
    Settings,
    Shown,
    colour_matrix,
    distil,
    multiplications,
    psnr,
    recoloured,
)
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.recipe.loading import as_listed
from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.validating import validated
from cyclekit.registry import RecipeError, argument
from cyclekit.runs import checkpoint
from cyclekit.runs import folder as runs
from cyclekit.use.translate import Translator

PICTURES = 1000
"""Pictures that the teacher translates for each direction, where there are as many."""

USUAL = Settings()

NUMBERS = "distilled.json"
"""Of a student's run: what it learned from, and how near it came."""


class Distilled(NamedTuple):
    """A student's run, and how near to its teacher it comes."""

    folder: Path
    directions: Mapping[str, Mapping[str, Any]]
    """By "monet -> photo": `pictures` it learned from, `held_out` it was measured on, and in `psnr` the dB to the
    teacher's pictures of these: of the student, and of what needs no network."""

    @property
    def lines(self) -> list[str]:
        """The same, for people."""
        told = []
        for name, numbers in self.directions.items():
            shown = ", ".join(f"{row} {value:.2f}" for row, value in numbers["psnr"].items())
            told.append(f"{name}: dB to the run's own pictures, {numbers['measured_on']}: {shown}")
            large, small = (numbers["multiplications"][each] for each in ("teacher", "student"))
            fewer, count = f"{large / small:.0f} times fewer", numbers["parameters"]["student"]
            told.append(f"{name}: {small / 1e9:.2f} GMAC at 256x256, {fewer}; {count:,} parameters")
            best = max((row for row in numbers["psnr"] if row != "student"), key=numbers["psnr"].__getitem__)
            if numbers["psnr"]["student"] < numbers["psnr"][best] + 3:
                more = "which needs no network: more pictures and more steps help"
                told.append(f"{name}: is not 3 dB nearer than '{best}', {more}")
        return told


def distill(
    run: str | Path,
    out: Path,
    *,
    data: Any = None,
    overrides: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    settings: Settings = USUAL,
    pictures: int = PICTURES,
    without: Sequence[str] = (),
    trust_plugin: bool = False,
    told: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Distilled:
    """Train a `student` for each direction of a run, from the run's own translations of any pictures.

    Args:
        run: the teacher's folder.
        out: the student's, to make.
        data: takes the place of the teacher's data, as `--data` does.
        overrides: of the teacher's recipe, such as `data.crop_size=256` for larger pictures.
        options: of the generator `student`.
        settings: of its training.
        pictures: how many the teacher translates for each direction, at most.
        without: installed plugins to leave out.
        trust_plugin: let the run's plugin.py run, though it was not made on this machine.
        told: told what is done, how many of how many.

    Raises:
        RecipeError: a run of no pictures, no data, settings that do not fit, or `out` is taken.
    """
    runs.refuse_taken_run(out)
    teacher = Translator.load(run, without=without, overrides=overrides, trust_plugin=trust_plugin)
    if not isinstance(teacher, Translator) or not all(isinstance(codec, ImageCodec) for codec in teacher.codecs):
        raise RecipeError(f"{run}: is no run of pictures; a student learns from one of these")
    recipe = _recipe(teacher.recipe, options or {})
    found = build_data(teacher.recipe, None if data is None else [as_listed(teacher.recipe, data)])
    made = [domain for domain in ("b", "a") if getattr(teacher.generators, domain) is not None]
    seed_everything(settings.seed)
    students = build_generators(recipe, teacher.codecs, made)
    numbers: dict[str, Any] = {}
    for domain in made:
        source = "b" if domain == "a" else "a"
        name = f"{getattr(recipe.domains, source)} -> {getattr(recipe.domains, domain)}"
        student, codec = getattr(students, domain).to(teacher.device), getattr(teacher.codecs, source)
        rows = _rows(found, source, pictures, settings.seed)
        shown = _translated(teacher, domain, rows, partial(told, f"{name}: teacher"))
        real = _stacked(_rows(found, domain, pictures, settings.seed)) if settings.adversarial else None
        try:
            distil(student, shown, settings, partial(told, f"{name}: student"), real)
        except (ValueError, MetricUnavailable) as error:
            without_it = f"{argument('features', 0)} and {argument('adversarial', 0)} do without"
            remedy = f"; {without_it}" if isinstance(error, MetricUnavailable) else ""
            raise RecipeError(f"distill: {error}{remedy}") from error
        held_out = [item.row for item in found.held_out(source)]
        numbers[name] = _measured(teacher, student.cpu(), domain, codec, shown, held_out)
    with runs.new_run(recipe, out) as folder:
        weights = {f"{d}.{key}": value for d in made for key, value in getattr(students, d).state_dict().items()}
        checkpoint.save(folder, settings.steps, {"generators": weights}, {"step": settings.steps}, teacher.codecs)
        said = {
            "teacher": str(run),
            "step": teacher.step,
            "data": f"{found.source}: {found.description}",
            "settings": settings._asdict(),
            "directions": numbers,
        }
        write_whole(folder / NUMBERS, json.dumps(said, indent=2) + "\n")
    return Distilled(out, numbers)


def _recipe(teacher: Recipe, options: Mapping[str, Any]) -> Recipe:
    """The teacher's with another generator, which was trained as a whole and has no moving average."""
    told = teacher.model_dump(mode="json", exclude_none=True)
    told |= {"generator": {"name": "student", **options}, "test_time": "eval", "initialisation": "keep"}
    told["title"] = f"student of {teacher.title or teacher.name}"
    told["train"] = {**told["train"], "stages": []}
    for gone in ("moving_average", "start_from"):
        told["train"].pop(gone, None)
    return validated(told, "distill")


def _size(data: Any, domain: str) -> int:
    return getattr(data.sizes, domain)


def _rows(data: Any, domain: str, most: int, seed: int) -> list[Batch]:
    """The first training pictures of a domain, so many at most."""
    return [_row(data, domain, number, seed) for number in range(min(most, _size(data, domain)))]


def _row(data: Any, domain: str, number: int, seed: int) -> Batch:
    sizes: Pair[int] = data.sizes
    return getattr(data.training_pair(number % sizes.a, number % sizes.b, seed + number), domain)


def _translated(teacher: Translator, domain: str, rows: Sequence[Batch], told: Callable[[int, int], None]) -> Shown:
    made = teacher.translate_rows(domain, rows, told=lambda done: told(done, len(rows)))
    return Shown(_stacked(rows), _stacked([each[0] for each in made]))


def _stacked(rows: Sequence[Batch]) -> Tensor:
    try:
        return torch.cat([row.data for row in rows])
    except RuntimeError as error:
        raise RecipeError(
            "distill: a student learns from pictures of one size; set data.preprocess=resize_and_crop in the run's data"
        ) from error


@torch.no_grad()
def _measured(
    teacher: Translator, student: nn.Module, domain: str, codec: ImageCodec, shown: Shown, held_out: Sequence[Batch]
) -> dict[str, Any]:
    """How near to the teacher's come the student, copying, and one colour matrix, on pictures held out."""
    rows = held_out or [Batch(row) for row in shown.source[:16].split(1)]
    wanted = [each[0].data for each in teacher.translate_rows(domain, rows)]
    made = [_whole(student, row.data) for row in rows]
    sources, matrix = [row.data for row in rows], colour_matrix(shown)
    rows_of = {"student": made, "one colour matrix": [recoloured(source, matrix) for source in sources]}
    if sources[0].shape[1] == wanted[0].shape[1]:
        rows_of["copy the input"] = sources
    networks = {"teacher": getattr(teacher.generators, domain), "student": student}
    return {
        "pictures": len(shown.source),
        "measured_on": f"{len(rows)} held out" if held_out else f"{len(rows)} that it learned from",
        "psnr": {name: psnr(each, wanted) for name, each in rows_of.items()},
        "multiplications": {name: multiplications(each, codec.channels) for name, each in networks.items()},
        "parameters": {name: sum(p.numel() for p in each.parameters()) for name, each in networks.items()},
    }


def _whole(student: Any, source: Tensor) -> Tensor:
    """A picture of any size through the student."""
    height, width = source.shape[2:]
    return student(Batch(padded(source, student.multiple, student.smallest))).data[:, :, :height, :width]
