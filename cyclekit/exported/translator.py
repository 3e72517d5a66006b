"""Exported runs, used as `cyclekit.Translator` uses run folders."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cyclekit.core.written import NotTranslated, Written
from cyclekit.exported.manifest import Manifest, read_manifest
from cyclekit.exported.session import session_of
from cyclekit.registry import RecipeError, argument
from cyclekit.use.decoding import GREEDY, Decoding


class ExportedTranslator(ABC):
    """An exported folder, ready to use; it takes what a run's Translator takes, and gives the same.

    monet2photo = cyclekit.exported.load("monet2photo-onnx")
    photo = monet2photo("lilies.jpg", to="photo")
    """

    def __init__(self, manifest: Manifest, device: str = "auto", threads: int = 0) -> None:
        """Take what `load` found; files are opened when their direction is first used."""
        self.manifest, self.device, self.threads = manifest, device, threads
        self.cut = self.lowered = 0
        """As of a Translator: sentences that were cut, and that were read in lower case."""
        self.tiles, self.checkpoint = None, ""
        """As of a Translator, which cuts large pictures, and chooses among checkpoints."""
        self._sessions: dict[Path, Any] = {}

    @property
    def targets(self) -> list[str]:
        """Display names of the domains that it can translate to, b first."""
        return [self.manifest.domains[domain] for domain in self.manifest.directions]

    def target(self, name: str | None) -> str:
        """The domain ("a" or "b") of a display name; the first target for None.

        Raises:
            RecipeError: nothing here makes such a domain.
        """
        return self.manifest.target(name)

    def name(self, to: str | None) -> str:
        """The display name of a domain, or of the first target."""
        return self.manifest.domains[self.target(to)]

    @property
    def kind(self) -> str:
        """What it translates: "pictures" or "sentences"."""
        return self.manifest.kind

    def channels(self, to: str | None) -> int:
        """How many channels the pictures have that it translates to a domain.

        Raises:
            RecipeError: no such domain, or they are no 8-bit pictures.
        """
        codec = self.manifest.codecs["b" if self.target(to) == "a" else "a"]
        if codec.get("scale") is not None:
            raise RecipeError("this run is about numbers, not 8-bit pictures")
        return codec["channels"]

    @property
    def limit(self) -> int:
        """The most tokens of a sentence, of runs of sentences."""
        return self.manifest.codecs["a"]["limit"]

    def __call__(
        self,
        items: Any,
        to: str | None = None,
        *,
        batch_size: int | None = None,
        decoding: Decoding = GREEDY,
        tile: int | Literal["auto", "whole"] = "auto",
    ) -> Any:
        """Translate one item, or several: see `Translator.__call__`.

        Raises:
            RecipeError: no such domain, an item that cannot be read, or something that only a run can do.
        """
        if is_one(items):
            return next(self.stream([items], to, batch_size=batch_size, decoding=decoding, tile=tile))
        return list(self.stream(items, to, batch_size=batch_size, decoding=decoding, tile=tile))

    @abstractmethod
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
        """Like a call, but lazily."""

    def steps(self, to: str | None = None, **options: Any) -> Callable[[Iterable[Any]], Iterator[Any]]:
        """`stream` into a domain, with its options: one step, see `Translator.steps`."""
        return partial(self.stream, to=to, **options)

    @abstractmethod
    def files(self, to: str | None, max_pixels: int | None = None) -> Callable[..., Written]:
        """What translates files into a domain: see `cyclekit.core.modality.Files`."""

    def session(self, domain: str, role: str = "generator") -> Any:
        """The session of a direction's file."""
        path = self.manifest.directions[domain].files[role]
        if path not in self._sessions:
            self._sessions[path] = session_of(path, self.device, self.threads)
        return self._sessions[path]


class PictureTranslator(ExportedTranslator):
    """Of pictures."""

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
        """Pictures, one at a time: all threads work on each."""
        from cyclekit.exported.pictures import Border, padded_values

        if not decoding.plain:
            raise RecipeError(
                f"{', '.join(map(argument, ('temperature', 'beam', 'best')))}: {self.manifest.folder} translates "
                "pictures and chooses no words; leave them out"
            )
        if tile not in ("auto", "whole"):
            raise RecipeError(
                f"{argument('tile', tile)}: an exported run translates pictures whole; leave it out, or "
                "use the run itself"
            )
        domain = self.target(to)
        source, target = (Border(self.manifest.codecs[each]) for each in ("ba" if domain == "a" else "ab"))
        settings = self.manifest.directions[domain].settings
        session, name = self.session(domain), settings["input"]["name"]
        for item in items:
            values = source.values(item)
            height, width = values.shape[2:]
            try:
                given = padded_values(values, settings["multiple"], settings["smallest"])
                made = session.run([settings["output"]["name"]], {name: given})[0]
            except Exception as error:  # of ONNX Runtime's own kinds
                why = f"ONNX Runtime cannot translate it: {' '.join(str(error).split())[:300]}"
                if not keep_going:
                    raise RecipeError(why) from error
                yield NotTranslated(why)
                continue
            yield target.finished(made[:, :, :height, :width])

    def files(self, to: str | None, max_pixels: int | None = None) -> Callable[..., Written]:
        """What translates picture files."""
        from cyclekit.exported.pictures import Border
        from cyclekit.image.files import translate_pictures
        from cyclekit.image.pictures import MAX_PIXELS

        source, target = (Border(self.manifest.codecs[each]) for each in ("ba" if self.target(to) == "a" else "ab"))
        return partial(translate_pictures, source=source, target=target, max_pixels=max_pixels or MAX_PIXELS)


class SentenceTranslator(ExportedTranslator):
    """Of sentences."""

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
        """Sentences; batches of like length, as of a run."""
        from cyclekit.exported.sentences import TOGETHER, PieceVocabulary, translated_rows
        from cyclekit.text.files import check_text

        domain = self.target(to)
        decoding = decoding.or_beam(self.manifest.settings["decoding"]["beam"])
        model = self.manifest.folder / self.manifest.settings["decoding"]["model"]
        vocabulary = PieceVocabulary(model, self.manifest.codecs["b" if domain == "a" else "a"])
        encoder, step = self.session(domain, "encoder"), self.session(domain, "step")
        random = None if decoding.temperature is None else np.random.default_rng(decoding.seed)
        channel = self._channel(domain) if decoding.reranks else None
        remaining = iter(items)
        while chunk := list(islice(remaining, 32 * (batch_size or TOGETHER))):
            rows = []
            for item in chunk:
                check_text(item)
                rows.append(vocabulary.read(item))
                self.cut += rows[-1].cut
                self.lowered += rows[-1].lowered
            for found in translated_rows(encoder, step, rows, vocabulary.pieces, decoding, batch_size, random, channel):
                yield found[0] if decoding.best is None else list(dict.fromkeys(found))

    def _channel(self, domain: str) -> Any:
        """What chooses among a beam's candidates; None where the recipe has nothing, or it was not exported."""
        from cyclekit.exported.reranking import Channel

        weights = self.manifest.settings["decoding"].get("reranking")
        if weights is None:
            return None
        other = "a" if domain == "b" else "b"
        wanted, unwanted = (self.session(made, "discriminator") for made in (domain, other))
        return Channel(self.session(other, "score"), wanted, unwanted, weights)

    def files(self, to: str | None, max_pixels: int | None = None) -> Callable[..., Written]:
        """What translates text files."""
        from cyclekit.text.files import translate_texts

        if max_pixels is not None:
            raise RecipeError(f"{argument('max_pixels')}: {self.manifest.folder} translates sentences; leave it out")
        self.target(to)
        return translate_texts


KINDS: dict[str, type[ExportedTranslator]] = {"pictures": PictureTranslator, "sentences": SentenceTranslator}


def load(folder: str | Path, *, device: str = "auto", threads: int = 0) -> ExportedTranslator:
    """An exported folder, ready to use, without PyTorch.

    Args:
        device: "auto", "cpu" or "cuda".
        threads: that one item is spread over; 0: as many as there are cores.

    Raises:
        RecipeError: it is no exported folder, is damaged, or is for another runtime.
    """
    manifest = read_manifest(folder)
    runtime = manifest.settings.get("runtime")
    if runtime != "onnx" or manifest.kind not in KINDS:
        raise RecipeError(
            f"{folder}: is exported for {runtime}, and cyclekit runs what is exported for onnx; export the run anew "
            f"with {argument('to', 'onnx')}"
        )
    return KINDS[manifest.kind](manifest, device, threads)


def is_one(items: Any, dimensions: Collection[int] = (2, 3)) -> bool:
    """Whether this is one raw item, and not several.

    Args:
        dimensions: how many an array of one item has; pictures have two or three.
    """
    if isinstance(items, str | bytes | os.PathLike) or not isinstance(items, Iterable):
        return True
    return getattr(items, "ndim", None) in dimensions
