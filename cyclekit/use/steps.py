"""A Translator's work on items, in three steps: prepare, translate, finish.

The network's is the one between. The two others are the processor's, and may be taken in other threads meanwhile.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy
import torch

from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import Limited, Lowercasing, sides_taken
from cyclekit.core.rows import Prepared, in_chunks
from cyclekit.core.tiles import tiles_for
from cyclekit.core.written import NotTranslated
from cyclekit.device import in_memory
from cyclekit.registry import RecipeError, argument
from cyclekit.use.decoding import GREEDY, Decoding

if TYPE_CHECKING:
    from cyclekit.use.translate import Translator


class Made(NamedTuple):
    """What the network made of an item, the best first, and what its codec remembers of the item."""

    rows: list[Batch]
    remembered: Any


class Steps:
    """Translates items into a domain, with the options of `Translator.stream`. Fits `files.one_by_one.InSteps`."""

    def __init__(
        self,
        translator: Translator,
        to: str | None = None,
        *,
        batch_size: int | None = None,
        decoding: Decoding = GREEDY,
        tile: int | Literal["auto", "whole"] = "auto",
        keep_going: bool = False,
    ) -> None:
        """Look at the options.

        Raises:
            RecipeError: no such domain, or options that make no sense.
        """
        self.translator, self.batch_size, self.decoding, self.keep_going = translator, batch_size, decoding, keep_going
        self.domain, self.modality = translator.target(to), translator.modality
        if tile != "auto" and not self.modality.tiled:
            raise RecipeError(
                f"{argument('tile', tile)}: this run translates {self.modality.items}, which are not cut; leave it out"
            )
        codecs = translator.codecs if self.domain == "b" else translator.codecs.swapped
        self.source, self.target = codecs
        generator = getattr(translator.generators, self.domain)
        self.multiple, self.smallest = sides_taken(generator)
        self.lowers = isinstance(self.source, Lowercasing) and self.source.reads_lowercase
        self.random = None if decoding.temperature is None else numpy.random.default_rng(decoding.seed)
        self.tiles = translator.tiles = tiles_for(generator, tile) if self.modality.tiled else None
        self.attempt: Callable[[Callable[[], Any]], Any] = in_memory if self.modality.ahead == 1 else lambda do: do()

    def thread_begins(self) -> None:
        """Of this thread torch makes no others: there are several like it."""
        torch.set_num_threads(1)

    def __call__(self, items: Iterable[Any]) -> Iterator[Any]:
        """All three, lazily: items are taken as results are asked for."""
        return map(self.finish, self.translate(map(self.prepare, items)))

    def prepare(self, item: Any) -> Prepared | None:
        """A raw item as a row; None where memory does not suffice."""
        found: Prepared | None = self.attempt(partial(self.source.prepare, item, self.multiple, self.smallest))
        if found is not None:
            self.translator.lowered += self.lowers and item != item.lower()
            self.translator.cut += _is_cut(self.source, item, found[0])
        return found

    def translate(self, prepared: Iterable[Prepared | None]) -> Iterator[Made | NotTranslated]:
        """Rows to what the network makes of them, a batch of pictures or a few of sentences at a time.

        Raises:
            RecipeError: memory does not suffice, unless the others are to be done.
        """
        size = self.batch_size or self.modality.together
        for chunk in in_chunks(prepared, size, self.modality.ahead):
            made = None if None in chunk else self.attempt(partial(self._made, chunk))
            for number in range(len(chunk)):
                if made is not None:
                    yield made[number]
                else:  # together they were too many; what was one is too large
                    alone = self.attempt(partial(self._made, [chunk[number]])) if len(chunk) > 1 else None
                    yield self._no_memory() if alone is None else alone[0]

    def finish(self, made: Made | NotTranslated) -> Any:
        """What was made as raw items: the best, or with `decoding.best` a list.

        Raises:
            RecipeError: memory does not suffice, unless the others are to be done.
        """
        if isinstance(made, NotTranslated):
            return made
        found = self.attempt(lambda: [self.target.finish(row, made.remembered) for row in made.rows])
        if found is None:
            return self._no_memory()
        # Different ids may spell the same sentence.
        return found[0] if self.decoding.best is None else list(dict.fromkeys(found))

    def _made(self, chunk: Sequence[Prepared | None]) -> list[Made]:
        rows, remembered = zip(*(each for each in chunk if each is not None))
        made = self.translator.translate_rows(
            self.domain, rows, self.batch_size, self.decoding, self.random, tiles=self.tiles
        )
        return [Made(own, memory) for own, memory in zip(made, remembered)]

    def _no_memory(self) -> NotTranslated:
        smaller = self.tiles is not None and (self.tiles.whole or self.tiles.side > 512)
        why = f"memory does not suffice for a {self.modality.item} so large; " + (
            "smaller tiles take less, such as tile=512" if smaller else "make it smaller, or cut it"
        )
        if not self.keep_going:
            raise RecipeError(why)
        return NotTranslated(why)


def _is_cut(codec: Any, item: Any, row: Batch) -> bool:
    """Whether the codec cut an item: its row is as long as rows may be, and would be longer if they might."""
    if not isinstance(codec, Limited) or row.data.shape[1] < codec.limit:
        return False
    longer: Any = copy.copy(codec)
    longer.limit += 1
    return longer.prepare(item, 1)[0].data.shape[1] > codec.limit
