"""Translator: a run folder and raw items to raw items."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy
import torch
from torch import nn

from cyclekit import checkpoint, registry
from cyclekit.assemble import as_used, build_generators, modules
from cyclekit.core.batch import Batch, Pair, concat, stackable
from cyclekit.core.parts import Codec
from cyclekit.decoding import GREEDY, Decoding
from cyclekit.device import check_device, fastest
from cyclekit.plugins import load_plugins
from cyclekit.recipe import load_recipe
from cyclekit.registry import RecipeError, did_you_mean
from cyclekit.schema import Recipe

T = TypeVar("T")


class Translator:
    """The generators of a run, ready to use.

    monet2photo = Translator.load("runs/monet2photo/2026-11-23-090000")
    photos = monet2photo([Image.open("lilies.jpg")], to="photo")

    informal = Translator.load("runs/formal2informal/2026-11-25-090000")
    informal(["I do not know."], to="informal")                              # a list of sentences
    informal(["I do not know."], to="informal", decoding=Decoding(best=3))   # a list of lists of sentences
    """

    def __init__(
        self, recipe: Recipe, generators: Pair[nn.Module | None], codecs: Pair[Codec], device: torch.device
    ) -> None:
        self.recipe, self.codecs, self.device = recipe, codecs, device
        self.generators = generators
        self.cut = 0
        """How many items were longer than their codec takes, and were translated without their end."""
        for generator in generators:
            if generator is not None:
                generator.to(device)

    @classmethod
    def load(cls, run: str | Path, *, device: str = "auto", without: Sequence[str] = ()) -> Translator:
        """Load the best checkpoint of a run folder, the newest where none was chosen; the generators' moving average
        where there is one.

        Raises:
            RecipeError: no run there, no checkpoint yet, or a damaged one.
        """
        check_device(device)
        folder = run_folder(run)
        load_plugins(folder, without)
        recipe = load_recipe(folder)
        place = checkpoint.chosen(folder)
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

    @classmethod
    def from_pretrained(
        cls, run: str | Path, *, device: str = "auto", without: Sequence[str] = (), trust_plugin: bool = False
    ) -> Translator:
        """Load a run folder, or a run that `cyclekit push` put on the Hugging Face hub.

        Args:
            run: a run folder; OWNER/NAME, where no such folder is here; or `hub:OWNER/NAME`. Of the hub's the newest
                is taken, or without a network the one in the local cache.
            trust_plugin: let the plugin.py of a run of the hub's run on this machine, if it brings one.

        Raises:
            RecipeError: neither, a damaged run, or a plugin that is not trusted.
        """
        from cyclekit.sharing import PREFIX, fetch, is_name

        name = str(run)
        if not name.startswith(PREFIX) and (Path(name).exists() or not is_name(name)):
            return cls.load(run, device=device, without=without)
        return cls.load(fetch(name, trust_plugin=trust_plugin), device=device, without=without)

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

    def __call__(
        self, items: Sequence[Any], to: str | None = None, *, batch_size: int | None = None, decoding: Decoding = GREEDY
    ) -> list[Any]:
        """Translate raw items: pictures, each at its own size, or sentences.

        Args:
            items: of the source domain.
            to: display name of the target domain; b when not given.
            batch_size: how many go through the network at once; when not given, 8 pictures or 64 sentences.
            decoding: how words are chosen, where the generator writes words; by the recipe's `beam` if nothing is said.

        Returns:
            One raw item for each, in order; with `decoding.best` a list of them for each, the likeliest first.
        """
        return list(self.stream(items, to, batch_size=batch_size, decoding=decoding))

    def stream(
        self, items: Iterable[Any], to: str | None = None, *, batch_size: int | None = None, decoding: Decoding = GREEDY
    ) -> Iterator[Any]:
        """Like a call, but lazily: items are taken as results are asked for, a few batches at a time."""
        domain = self.target(to)
        generator = getattr(self.generators, domain)
        decoding = decoding.or_beam(self.recipe.beam)
        source, target = (self.codecs.a, self.codecs.b) if domain == "b" else (self.codecs.b, self.codecs.a)
        multiple, smallest = getattr(generator, "multiple", 1), getattr(generator, "smallest", 1)
        size, together = _sizes(source, batch_size)
        if self.recipe.test_time == "train":
            # Published pix2pix normalises by the batch's own statistics: batched with others, a row would change.
            size = 1
        waiting = iter(items)
        random = None if decoding.temperature is None else numpy.random.default_rng(decoding.seed)
        while chunk := list(islice(waiting, together * size)):
            rows, remembered = zip(*(source.prepare(item, multiple, smallest) for item in chunk))
            self.cut += sum(_is_cut(source, item, row) for item, row in zip(chunk, rows))
            if decoding.plain:
                one_each = self.translate_rows(generator, rows, size)
                found = [[target.finish(row, memory)] for row, memory in zip(one_each, remembered)]
            else:
                several = self.search_rows(generator, rows, size, decoding, random)
                found = [[target.finish(row, memory) for row in made] for made, memory in zip(several, remembered)]
            for candidates in found:
                # Different ids may spell the same sentence.
                yield candidates[0] if decoding.best is None else list(dict.fromkeys(candidates))

    def translate_rows(self, generator: nn.Module, rows: Sequence[Batch], batch_size: int) -> list[Batch]:
        """Rows in, rows out, in order."""
        return self._in_batches(rows, batch_size, lambda batch, _: list(generator(batch).to("cpu").rows()))

    def search_rows(
        self,
        generator: Any,
        rows: Sequence[Batch],
        batch_size: int,
        decoding: Decoding,
        random: numpy.random.Generator | None = None,
    ) -> list[list[Batch]]:
        """Rows in, and for each the rows that were drawn (by `random`) or found, in order.

        Raises:
            RecipeError: a generator that chooses no words.
        """
        if not hasattr(generator, "search"):
            raise RecipeError(
                f"--sample, --beam, --n-best: generator '{self.recipe.generator.name}' makes one translation "
                "of an item and chooses no words; leave them out, and set beam: null"
            )
        own = [] if random is None else random.spawn(len(rows))  # so that neighbours change nothing
        options = {"beams": decoding.beams, "best": decoding.best or 1, "temperature": decoding.temperature}

        def made(batch: Batch, places: Sequence[int]) -> list[list[Batch]]:
            draws = [own[place] for place in places] if own else []
            found = generator.search(batch, **options, top_p=decoding.top_p, random=draws)
            return [[candidate.row for candidate in candidates] for candidates in found]

        return self._in_batches(rows, batch_size, made)

    @torch.no_grad()
    def _in_batches(
        self, rows: Sequence[Batch], batch_size: int, make: Callable[[Batch, Sequence[int]], list[T]]
    ) -> list[T]:
        """What `make` gives for each row, in order; rows of like length that stack share a call.

        Args:
            make: a Batch on the device and its rows' places to a result for each row.
        """
        # Stable: pictures, which have no mask, keep their order.
        order = sorted(
            range(len(rows)), key=lambda place: 0 if rows[place].mask is None else -rows[place].data.shape[1]
        )
        made: dict[int, T] = {}
        with as_used(self.generators, self.recipe.test_time):
            while len(made) < len(rows):
                start = len(made)
                group = [order[start]]
                for place in order[start + 1 : start + batch_size]:
                    if not stackable(rows[group[0]], rows[place]):
                        break
                    group.append(place)
                results = make(concat([rows[place] for place in group]).to(self.device), group)
                made.update(zip(group, results))
        return [made[place] for place in range(len(rows))]


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


def _sizes(codec: Codec, batch_size: int | None) -> tuple[int, int]:
    """How many rows go through the network at once, and how many such batches are looked at together."""
    if not hasattr(codec, "limit"):
        return batch_size or 8, 4
    # Rows of tokens are small, and the more of them are sorted by length, the less is padded.
    return batch_size or 64, 32


def _is_cut(codec: Any, item: Any, row: Batch) -> bool:
    """Whether the codec cut an item: its row is as long as rows may be, and would be longer if they might."""
    limit = getattr(codec, "limit", None)
    if limit is None or row.data.shape[1] < limit:
        return False
    longer = copy.copy(codec)
    longer.limit = limit + 1
    return longer.encode([item]).data.shape[1] > limit
