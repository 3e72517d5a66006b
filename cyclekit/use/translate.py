"""Translator: a run folder and raw items to raw items.

Over 300 lines: one class, which every way to use a run goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy

from cyclekit import registry
from cyclekit.core.written import Written
from cyclekit.device import check_device, place_on
from cyclekit.exported import is_exported
from cyclekit.exported import load as load_exported
from cyclekit.exported.translator import is_one
from cyclekit.plugins import load_plugins
from cyclekit.pretrained import find_pretrained, is_pretrained
from cyclekit.recipe.loading import load_recipe, run_folder
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError, argument, did_you_mean
from cyclekit.terminal.screen import progress_bar
from cyclekit.use.decoding import GREEDY, Decoding

# What imports PyTorch stands in the methods that need it: a folder that was exported is translated with without it.
if TYPE_CHECKING:
    import torch

    from cyclekit.core.batch import Batch, Pair
    from cyclekit.core.modality import Modality
    from cyclekit.core.parts import Codec, Networks
    from cyclekit.core.tiles import Tiles
    from cyclekit.use.steps import Steps

DOMAINS = ("a", "b")


class Translator:
    """The generators of a run, ready to use.

    monet2photo = Translator.load("runs/monet2photo/2026-11-23-090000")
    photos = monet2photo([Image.open("lilies.jpg")], to="photo")

    photo = monet2photo("lilies.jpg", to="photo")                            # one item: one translation

    informal = Translator.load("runs/formal2informal/2026-11-25-090000")
    informal("I do not know.", to="informal")                                # a sentence
    informal(["I do not know."], to="informal")                              # a list of sentences
    informal(["I do not know."], to="informal", decoding=Decoding(best=3))   # a list of lists of sentences
    """

    def __init__(self, recipe: Recipe, networks: Networks, codecs: Pair[Codec], device: torch.device) -> None:
        """Take what `load` found.

        Args:
            networks: the generators; and where the recipe reranks, the discriminators.
        """
        from cyclekit.assembling.assemble import build_reranking

        self.recipe, self.codecs, self.device = recipe, codecs, device
        self.networks, self.generators = networks, networks.generators
        self.reranking = build_reranking(recipe, networks)
        self.step: int | None = None
        """Of the checkpoint that `load` read."""
        self.cut = 0
        """How many items were longer than their codec takes, and were translated without their end."""
        self.lowered = 0
        """How many sentences had capitals, of a run that has learned none: they were read in lower case."""
        self.tiles: Tiles | None = None
        """How large pictures of the last call were cut."""
        self.checkpoint = ""
        """Which checkpoint of a run these weights are, and why; empty where there was nothing to choose from."""
        for network in [*networks.generators, *networks.discriminators]:
            if network is not None:
                network.to(device)

    @classmethod
    def load(
        cls,
        run: str | Path,
        *,
        device: str = "auto",
        without: Sequence[str] = (),
        overrides: Sequence[str] | Mapping[str, Any] = (),
        trust_plugin: bool = False,
    ) -> Translator:
        """Load the best checkpoint of a run folder, the newest where none was chosen; the generators' moving average
        where there is one. A folder that `cyclekit export` made for onnx is used by ONNX Runtime; `pretrained:NAME` is
        what the package carries.

        Args:
            overrides: of the recipe, for what does not touch the weights, such as `beam=4`.
            trust_plugin: let the run's plugin.py run, now and from now on, though it was not made on this machine.

        Raises:
            RecipeError: no run there, no checkpoint yet, a damaged one, or a plugin that is not trusted.
        """
        if is_pretrained(run):
            run, _ = find_pretrained(str(run))
        if is_exported(run):
            return load_exported(run, device=device)  # type: ignore[return-value]  # used alike
        check_device(device)
        folder = run_folder(run)
        load_plugins(folder, without, of_run=True, trust_plugin=trust_plugin)
        recipe = load_recipe(folder, overrides=overrides)
        from cyclekit.runs import history

        return history.read_chosen(folder, lambda place: cls._read(recipe, place, device))

    @classmethod
    def _read(cls, recipe: Recipe, place: Path, device: str) -> Translator:

        from cyclekit.assembling.assemble import build_generators, build_networks
        from cyclekit.assembling.networks import modules
        from cyclekit.core.batch import Pair
        from cyclekit.core.parts import Networks
        from cyclekit.runs import checkpoint, history

        stem = checkpoint.generators_of(averaged=recipe.train.moving_average is not None)
        asked = ["discriminators"] if recipe.reranking is not None else []
        tensors, _ = checkpoint.load(place, [stem, *asked])
        codecs = checkpoint.load_codecs(place)
        if recipe.reranking is None:
            made = [domain for domain in DOMAINS if _has(tensors[stem], domain)]
            networks = Networks(build_generators(recipe, codecs, made), Pair(None, None))
        else:
            networks = build_networks(recipe, codecs)
        try:
            modules(networks.generators).load_state_dict(tensors[stem])
            if recipe.reranking is not None:
                modules(networks.discriminators).load_state_dict(tensors["discriminators"])
        except RuntimeError as error:
            why = " ".join(str(error).split())
            raise RecipeError(f"{place}: the weights do not fit the recipe beside them: {why}") from error
        translator = cls(recipe, networks, codecs, place_on(device))
        translator.checkpoint = _in_words(recipe, place.parent.parent, place)
        translator.step = history.step_of(place)
        return translator

    @classmethod
    def from_pretrained(
        cls, run: str | Path, *, device: str = "auto", without: Sequence[str] = (), trust_plugin: bool = False
    ) -> Translator:
        """Load a run folder, or a run that `cyclekit push` put on the Hugging Face hub.

        Args:
            run: a run folder; OWNER/NAME, where no such folder is here; or `hub:OWNER/NAME`. Of the hub's the newest
                is taken, or without a network the one in the local cache.
            trust_plugin: as for `load`.

        Raises:
            RecipeError: neither, a damaged run, or a plugin that is not trusted.
        """
        from cyclekit.sharing.hub import PREFIX, fetch_run, is_name

        name = str(run)
        if not name.startswith(PREFIX) and (Path(name).exists() or not is_name(name)):
            # What is carried, such as pretrained:monet2photo, is no name on the hub either.
            return cls.load(run, device=device, without=without, trust_plugin=trust_plugin)
        return cls.load(fetch_run(name), device=device, without=without, trust_plugin=trust_plugin)

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
        displayed = {getattr(self.recipe.domains, domain): domain for domain in DOMAINS}
        domain = displayed.get(name, name)
        if domain in DOMAINS and getattr(self.generators, domain) is not None:
            return domain
        raise RecipeError(
            f"{argument('to', name)}: this run does not translate to '{name}'{did_you_mean(name, self.targets)}; "
            f"it translates to: {', '.join(self.targets)}"
        )

    def name(self, to: str | None) -> str:
        """The display name of a domain, or of the first target."""
        return getattr(self.recipe.domains, self.target(to))

    @property
    def modality(self) -> Modality:
        """What is known of the items that it translates."""
        from cyclekit.core.modality import modality_of

        return modality_of(self.codecs.a.name)

    @property
    def kind(self) -> str:
        """What it translates, in a word: "pictures", "sentences"."""
        return self.modality.items

    @property
    def limit(self) -> int:
        """The most tokens of a sentence, of runs of sentences."""
        codec: Any = self.codecs.a
        return codec.limit

    def channels(self, to: str | None) -> int:
        """How many channels the pictures have that it translates to a domain.

        Raises:
            RecipeError: no such domain, or they are no 8-bit pictures.
        """
        from cyclekit.core.capabilities import Scaled

        codec: Any = self.codecs.a if self.target(to) == "b" else self.codecs.b
        if isinstance(codec, Scaled) and codec.scale is not None:
            raise RecipeError("this run is about numbers, not 8-bit pictures")
        return codec.channels

    def files(self, to: str | None, max_pixels: int | None = None) -> Callable[..., Written]:
        """What translates files into a domain.

        Args:
            max_pixels: pictures of more are refused; None for the usual limit.

        Raises:
            RecipeError: no such domain, a limit where there are no pictures, or items that lie in no files.
        """
        codecs = self.codecs if self.target(to) == "b" else self.codecs.swapped
        files = self.modality.files
        if files is None:
            raise RecipeError(f"translate: {self.kind} lie in no files; translate them in Python, by `Translator`")
        options = {} if max_pixels is None else {"max_pixels": max_pixels}
        registry.check_options(files, options, where="translate", what=f"reading {self.kind}")
        return files(*codecs, **options)

    def __call__(
        self,
        items: Any,
        to: str | None = None,
        *,
        batch_size: int | None = None,
        decoding: Decoding = GREEDY,
        tile: int | Literal["auto", "whole"] = "auto",
        quiet: bool = False,
    ) -> Any:
        """Translate raw items: pictures, each at its own size, or sentences.

        A picture is a file's path, a Pillow picture, a numpy array (H, W) or (H, W, C), or a tensor (H, W) or
        (C, H, W), of any channels that the run takes. Their numbers are those that the run's pictures have: 0 to 255
        in arrays of type uint8 where nothing else is set; floating-point numbers from 0 to 1 then, or to 255.

        Args:
            items: one item of the source domain, or several: a list, a generator, an array or a tensor of one more
                dimension.
            to: display name of the target domain; b when not given.
            batch_size: how many go through the network at once; when not given, 8 pictures or 64 sentences. Of large
                pictures fewer do, so that memory is bounded.
            decoding: how words are chosen, where the generator writes words; by the recipe's `beam` if nothing is said.
            tile: pictures of more pixels than a square of this side go through in overlapping tiles as large. "auto":
                those of more than 2,097,152 pixels do. "whole": none. `tiles.note` says how they differ from whole
                ones, if they do.
            quiet: do not show how far it has come, as it does after a few seconds where somebody can see it.

        Returns:
            One raw item for one: a picture or a sentence; with `decoding.best` a list of them, the best first. For
            several a list of those, in order.

        Raises:
            RecipeError: no such domain, tiles too small for the network, or an item that cannot be read or that memory
                does not suffice for.
        """
        if is_one(items, self.modality.dimensions):
            return next(self.stream([items], to, batch_size=batch_size, decoding=decoding, tile=tile))
        total = len(items) if hasattr(items, "__len__") else None
        with progress_bar("translating", hidden=quiet, after=3) as told:
            done = []
            for translated in self.stream(items, to, batch_size=batch_size, decoding=decoding, tile=tile):
                done.append(translated)
                told(len(done), total)
        return done

    def stream(
        self,
        items: Iterable[Any],
        to: str | None = None,
        *,
        batch_size: int | None = None,
        decoding: Decoding = GREEDY,
        tile: int | Literal["auto", "whole"] = "auto",
        keep_going: bool = False,
    ) -> Iterator[Any]:
        """Like a call, but lazily: items are taken as results are asked for, a batch of pictures or a few of sentences
        at a time.

        Args:
            keep_going: a picture that memory does not suffice for yields `NotTranslated`, and the others follow.
        """
        yield from self.steps(to, batch_size=batch_size, decoding=decoding, tile=tile, keep_going=keep_going)(items)

    def steps(self, to: str | None = None, **options: Any) -> Steps:
        """What `stream` does, in steps that may be taken in several threads; with its options.

        Raises:
            RecipeError: no such domain, or options that make no sense.
        """
        from cyclekit.use.steps import Steps

        return Steps(self, to, **options)

    def translate_rows(
        self,
        domain: str,
        rows: Sequence[Batch],
        batch_size: int | None = None,
        decoding: Decoding = GREEDY,
        random: numpy.random.Generator | None = None,
        told: Callable[[int], None] = lambda done: None,
        tiles: Tiles | None = None,
    ) -> list[list[Batch]]:
        """Translate rows into a domain, "a" or "b".

        Args:
            batch_size: how many share a batch; when not given, 8 pictures or 64 sentences.
            decoding: how words are chosen; by the recipe's `beam` and `reranking` if nothing is said.
            random: what draws depend on.
            told: told after each batch how many rows are done.
            tiles: cut large pictures so; None: pictures go through whole.

        Returns:
            For each row, in order, the rows that were made of it, the best first: one, or `decoding.best`.

        Raises:
            RecipeError: words are to be drawn or searched for, and the generator chooses none.
        """
        from cyclekit.assembling.networks import as_used, rows_together
        from cyclekit.core.parts import Searching
        from cyclekit.core.rows import in_batches, through

        generator = getattr(self.generators, domain)
        decoding = decoding.or_beam(self.recipe.beam)
        batch_size = rows_together(self.recipe.test_time, batch_size or self.modality.together)
        reranking = self.reranking if decoding.reranks else None
        with as_used([*self.generators, *self.networks.discriminators], self.recipe.test_time):
            if decoding.plain:
                return [[made] for made in through(tiles or generator, rows, self.device, batch_size, told)]
            if not isinstance(generator, Searching):
                raise RecipeError(
                    f"{', '.join(map(argument, ('temperature', 'beam', 'best')))}: generator "
                    f"'{self.recipe.generator.name}' makes one "
                    "translation of an item and chooses no words; leave them out, and set beam: null"
                )
            own = [] if random is None else random.spawn(len(rows))  # so that neighbours change nothing
            best = decoding.best or 1
            options: dict[str, Any] = {
                "beams": decoding.beams,
                "best": best if reranking is None else decoding.beams,
                "temperature": decoding.temperature,
                "top_p": decoding.top_p,
            }

            def searched(batch: Batch, places: Sequence[int]) -> list[list[Batch]]:
                batch, draws = batch.to(self.device), [own[place] for place in places] if own else []
                found = generator.search(batch, **options, random=draws)
                if reranking is not None:
                    found = reranking(batch, found, domain)
                return [[candidate.row for candidate in candidates[:best]] for candidates in found]

            return in_batches(rows, searched, batch_size, told)

    def translate_items(
        self,
        domain: str,
        rows: Sequence[Batch],
        batch_size: int | None = None,
        told: Callable[[int], None] = lambda done: None,
    ) -> list[Batch]:
        """Each row's translation into a domain, "a" or "b", in order; pictures of any sizes, as a call makes them.

        Args:
            batch_size: how many share a batch; when not given, 8 pictures or 64 sentences.
            told: told after each batch how many rows are done.
        """
        from cyclekit.core.capabilities import Framing, sides_taken
        from cyclekit.core.tiles import tiles_for

        generator = getattr(self.generators, domain)
        source = self.codecs.a if domain == "b" else self.codecs.b
        if not isinstance(source, Framing):
            return [best for best, *_ in self.translate_rows(domain, rows, batch_size, told=told)]
        multiple, smallest = sides_taken(generator)
        framed = [source.framed(row, multiple, smallest) for row in rows]
        tiles = tiles_for(generator, "auto") if self.modality.tiled else None
        made = self.translate_rows(domain, [row for row, _ in framed], batch_size, told=told, tiles=tiles)
        return [source.unframed(best, size) for (best, *_), (_, size) in zip(made, framed)]


def _in_words(recipe: Recipe, folder: Path, place: Path) -> str:
    """Which checkpoint of a run it is, and why this one; empty where the run has no criterion to choose by."""
    from cyclekit.recipe import stages
    from cyclekit.runs import history

    step, train, criterion = history.step_of(place), recipe.train, recipe.validation.criterion
    words = f"step {step:,}" + (f" of {train.steps:,}" if train.steps else "")
    if (folder / "best").exists():
        newest = history.steps(folder)[-1]
        return f"{words}, the best by {criterion}" + ("" if step == newest else f"; the newest is step {newest:,}")
    there = stages.now(train.stages, step - 1, train.steps) if train.steps else None
    if criterion is None or there is None:
        return ""
    return (
        f"{words}, the newest, in stage '{there.stage.name}'; a best is chosen in '{train.stages[-1].name}', the last"
    )


def _has(weights: dict[str, torch.Tensor], domain: str) -> bool:
    return any(key.startswith(f"{domain}.") for key in weights)
