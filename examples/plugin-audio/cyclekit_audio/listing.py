"""Where recordings come from: folders, or data that is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.core.data import Source, SourceMissing
from cyclekit.files.walking import counted, walk
from cyclekit.registry import RecipeError
from cyclekit_audio.files import ENDINGS, read_samples

EVERY = 8
"""Of a folder every eighth recording is held out."""


class Recordings(Protocol):
    """Recordings of one domain."""

    @property
    def names(self) -> Sequence[str]:
        """One for each."""
        ...

    def open(self, index: int, rate: int) -> np.ndarray:
        """Samples (N,) of one of them, at a rate."""
        ...


class RecordingSet(NamedTuple):
    """What a source gives."""

    train: Pair[Recordings]
    test: Pair[Recordings]
    words: str
    truth: bool = False
    """Whether held-out recordings of both domains belong together."""
    notes: Sequence[str] = ()


class FolderRecordings:
    """Files of a folder."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files
        self.names = [file.name for file in files]

    def open(self, index: int, rate: int) -> np.ndarray:
        """Samples (N,) of one of them."""
        return read_samples(self.files[index], rate).samples


def open_source(source: Source, domains: Pair[str]) -> RecordingSet:
    """A folder that holds one for each domain, or `builtin:NAME`.

    Raises:
        SourceMissing: no such folder.
        RecipeError: it is there, but holds no recordings; or no such made data.
    """
    if isinstance(source, Mapping) or source.startswith("builtin:"):
        given = dict(source) if isinstance(source, Mapping) else {"builtin": source.removeprefix("builtin:")}
        name = str(given.pop("builtin", ""))
        made = registry.part("builtin", name, "data.sources")
        if made.modality != "recordings":
            raise RecipeError(f"data.sources: builtin:{name} is no made data of recordings; builtin:melodies is")
        opened: RecordingSet = registry.build("builtin", name, options=given, where="data.sources")
        return opened
    folder = Path(source)
    if not folder.is_dir():
        raise SourceMissing("no such folder")
    kept, out, notes = [], [], []
    for domain in domains:
        below = folder / domain
        if not below.is_dir():
            raise RecipeError(f"data.sources: {folder} has no folder {domain}/; it holds one for each domain")
        walked = walk(below).only(lambda path: path.suffix.lower() in ENDINGS)
        if len(walked.files) < 2:
            raise RecipeError(f"data.sources: {below} holds fewer than two recordings ({', '.join(ENDINGS)})")
        kept.append(FolderRecordings([file for place, file in enumerate(walked.files) if place % EVERY]))
        out.append(FolderRecordings(walked.files[::EVERY]))
        if walked.others:
            notes.append(f"{below}: not read: {counted(walked.others)}")
    return RecordingSet(Pair(*kept), Pair(*out), f"folders {domains.a}/ and {domains.b}/", notes=notes)
