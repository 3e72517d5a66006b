"""Translator: a run folder and raw items to raw items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cyclekit import checkpoint, registry
from cyclekit.assemble import as_used, build_generators, modules
from cyclekit.core.batch import Batch, Pair, concat, split, stackable
from cyclekit.core.parts import Codec
from cyclekit.device import check_device, fastest
from cyclekit.plugins import load_plugins
from cyclekit.recipe import load_recipe
from cyclekit.registry import RecipeError, did_you_mean
from cyclekit.schema import Recipe


class Translator:
    """The generators of a run, ready to use.

    monet2photo = Translator.load("runs/monet2photo/2026-11-23-090000")
    photos = monet2photo([Image.open("lilies.jpg")], to="photo")
    """

    def __init__(
        self, recipe: Recipe, generators: Pair[nn.Module | None], codecs: Pair[Codec], device: torch.device
    ) -> None:
        self.recipe, self.codecs, self.device = recipe, codecs, device
        self.generators = generators
        for generator in generators:
            if generator is not None:
                generator.to(device)

    @classmethod
    def load(cls, run: str | Path, *, device: str = "auto", without: Sequence[str] = ()) -> Translator:
        """Load the newest checkpoint of a run folder; the moving average of the generators where there is one.

        Raises:
            RecipeError: no run there, no checkpoint yet, or a damaged one.
        """
        check_device(device)
        folder = run_folder(run)
        load_plugins(folder, without)
        recipe = load_recipe(folder)
        place = checkpoint.latest(folder)
        tensors, _ = checkpoint.load(place)
        codecs = Pair(*(_load_codec(place / f"codec-{domain}") for domain in Pair._fields))
        weights = tensors.get("average", tensors.get("generators", {}))
        if not weights:
            raise RecipeError(f"{place}: the checkpoint is damaged: it has no generators.safetensors")
        generators = build_generators(recipe, codecs, [domain for domain in Pair._fields if _has(weights, domain)])
        try:
            modules(generators).load_state_dict(weights)
        except RuntimeError as error:
            raise RecipeError(f"{place}: the weights do not fit the recipe beside them: {error}") from error
        return cls(recipe, generators, codecs, torch.device(fastest() if device == "auto" else device))

    @property
    def targets(self) -> list[str]:
        """Display names of the domains this run can translate to, b first."""
        return [getattr(self.recipe.domains, d) for d in ("b", "a") if getattr(self.generators, d) is not None]

    def target(self, name: str | None) -> str:
        """The domain ("a" or "b") of a display name; the first target for None.

        Raises:
            RecipeError: this run makes no such domain.
        """
        if name is None:
            name = self.targets[0]
        displayed = {getattr(self.recipe.domains, domain): domain for domain in Pair._fields}
        domain = displayed.get(name, name)
        if domain in Pair._fields and getattr(self.generators, domain) is not None:
            return domain
        raise RecipeError(
            f"--to {name}: this run does not translate to '{name}'{did_you_mean(name, self.targets)}; "
            f"it translates to: {', '.join(self.targets)}"
        )

    def __call__(self, items: Sequence[Any], to: str | None = None, *, batch_size: int = 8) -> list[Any]:
        """Translate raw items (pictures, sentences), each at its own size.

        Args:
            items: of the source domain.
            to: display name of the target domain; b when not given.

        Returns:
            One raw item for each, in order.
        """
        return list(self.stream(items, to, batch_size=batch_size))

    def stream(self, items: Iterable[Any], to: str | None = None, *, batch_size: int = 8) -> Iterator[Any]:
        """Like a call, but lazily: items are taken as results are asked for, a few batches at a time."""
        domain = self.target(to)
        generator = getattr(self.generators, domain)
        source, target = (self.codecs.a, self.codecs.b) if domain == "b" else (self.codecs.b, self.codecs.a)
        multiple, smallest = getattr(generator, "multiple", 1), getattr(generator, "smallest", 1)
        waiting = iter(items)
        # Published pix2pix normalises by the batch's own statistics: batched with others, a row would change.
        size = 1 if self.recipe.test_time == "train" else batch_size
        while chunk := list(islice(waiting, 4 * size)):
            rows, remembered = zip(*(source.prepare(item, multiple, smallest) for item in chunk))
            made = self.translate_rows(generator, rows, size)
            yield from (target.finish(row, memory) for row, memory in zip(made, remembered))

    @torch.no_grad()
    def translate_rows(self, generator: nn.Module, rows: Sequence[Batch], batch_size: int) -> list[Batch]:
        """Rows in, rows out; neighbours that stack share a forward."""
        made: list[Batch] = []
        with as_used(self.generators, self.recipe.test_time):
            while len(made) < len(rows):
                group = [rows[len(made)]]
                for row in rows[len(made) + 1 : len(made) + batch_size]:
                    if not stackable(group[0], row):
                        break
                    group.append(row)
                output = generator(concat(group).to(self.device))
                made += [row.to("cpu") for row in split(output, [1] * len(group))]
        return made


def run_folder(run: str | Path) -> Path:
    """The folder of a run.

    Raises:
        RecipeError: there is none.
    """
    folder = Path(run)
    if not (folder / "recipe.yaml").is_file():
        raise RecipeError(f"{run}: is not a run folder (no recipe.yaml); `cyclekit run` makes one under runs/")
    return folder


def _load_codec(folder: Path) -> Codec:
    import json

    try:
        name = json.loads((folder / "codec.json").read_text())["name"]
    except (OSError, ValueError, KeyError) as error:
        raise RecipeError(f"{folder}: the checkpoint is damaged: it has no readable codec.json") from error
    codec: type[Codec] = registry.part("codec", name).factory  # type: ignore[assignment]
    return codec.load(folder)


def _has(weights: dict[str, torch.Tensor], domain: str) -> bool:
    return any(key.startswith(f"{domain}.") for key in weights)
