"""What a modality says of itself, in one place: rooms that use, show and share runs ask here, and know no modality.

A modality is a package of parts that understand the same Batches. It says its name by `MODALITY = "recordings"` in its
`__init__.py`, and registers under this name one function that takes nothing and gives a `Modality`:

    @register("modality", "recordings")
    def recordings() -> Modality:
        return Modality(item="recording", items="recordings", together=16, ...)

Whatever it leaves out has a default that works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cyclekit.core.curation import Audit, Pairing, Selecting
from cyclekit.core.written import Written
from cyclekit.registry import build, names, part


class Files(Protocol):
    """How a modality's raw items lie on disk: which inputs there are, and where their translations go."""

    def __call__(
        self,
        translate: Callable[[Iterable[Any]], Iterator[Any]],
        inputs: Sequence[str],
        out: Path,
        progress: Callable[[int, int], None],
    ) -> Written:
        """Translate files and folders into `out`; tell `progress` how many of how many are done."""
        ...


FilesOf = Callable[..., Callable[..., Written]]
"""(codec that inputs are read by, codec that translations are written by) -> `Files`. Its keyword-only
parameters are what `translate` may set."""


class Example(NamedTuple):
    """How one item is given to a `Translator` in code and on the command line, for who reads a model card."""

    item: str = "item"
    """A Python expression, such as `Image.open("picture.png")`."""
    file: str = "FILE"
    imports: str = ""
    """A line that the expression needs before it."""


class Modality(NamedTuple):
    """What a modality says of itself."""

    item: str = "item"
    """One of them in words: "picture"."""
    items: str = "items"
    """Several: "pictures"."""
    together: int = 8
    """How many share a batch where no number is given."""
    ahead: int = 1
    """Batches of items that are read before the first of them is translated. Small items of many lengths are sorted by
    length among so many, so that little is padded; large ones are held one batch at a time."""
    tiled: bool = False
    """Whether large items go through a network in tiles, `core.tiles`."""
    dimensions: tuple[int, ...] = (2, 3)
    """Of an array or tensor that is one item; of others are several items."""
    files: FilesOf | None = None
    """How items lie on disk; None: in no files. `files.one_by_one.one_each` makes it of a reader and a writer."""
    holds: Callable[[Sequence[Path]], int] | None = None
    """How many of the files at and below some places are its own; None: `cyclekit data` cannot know it by its files."""
    audit: Audit | None = None
    """Looks a data set over before it is trained on; None: it cannot, as of the next two."""
    pair: Pairing | None = None
    """Makes pairs of two folders."""
    select: Selecting | None = None
    """Selects items by their tags."""
    task: str | None = None
    """Of the Hugging Face hub's tasks the one that its runs are for."""
    tags: tuple[str, ...] = ()
    """Further tags for the hub."""
    example: Example = Example()


def modality_of(codec: str) -> Modality:
    """The modality of a registered codec; plain items of one that nobody registered, or whose modality says nothing."""
    if codec in names("codec"):
        name = part("codec", codec).modality
        if name in names("modality"):
            described: Modality = build("modality", str(name))
            return described
    return Modality()


def modalities() -> list[Modality]:
    """All that describe themselves, by their names."""
    return [build("modality", name) for name in names("modality")]
