"""Jobs over many files: a share for each of several workers, reruns that do only what is missing, a record of all.

Outputs are whole or not there, and which share a file is in depends on its name alone. So workers need not know of each
other, and a job whose workers were killed is finished by running it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from cyclekit.core.written import Written
from cyclekit.files.inputs import Input, clear_errors
from cyclekit.registry import RecipeError, argument


class Shard(NamedTuple):
    """Share number `number`, from 1, of `shares`."""

    number: int
    shares: int

    @classmethod
    def of(cls, text: str) -> Shard:
        """A share as it is written, `2/8`.

        Raises:
            RecipeError: it is none.
        """
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text.strip())
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise RecipeError(f"{argument('shard', text)}: is written as I/N, from 1/N to N/N, such as 2/8")
        return cls(int(found[1]), int(found[2]))

    def has(self, place: Path) -> bool:
        """Whether a file is in this share, by the name that it gets."""
        digest = hashlib.blake2b(place.as_posix().encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.shares == self.number - 1


ALL = Shard(1, 1)


class Job:
    """Which files one worker translates, and the record of what became of them."""

    def __init__(
        self,
        shard: Shard = ALL,
        *,
        skip_existing: bool = False,
        recorded: bool = False,
        column: str | None = None,
        adds: str = "translation",
    ) -> None:
        """Say which.

        Args:
            skip_existing: leave out files whose translation is there.
            recorded: write a line of JSON for each into `files.jsonl` in the output's folder, `files-2-of-8.jsonl` of
                a share: `input`, `output` and its `sha256`, or `why` there is none, and `status`, "done" or "failed".
                A later run adds to it; of an input's lines the last counts.
            column: of tables, which one is translated; None: the only one that can be.
            adds: of tables, the column in which translations are written.
        """
        self.column, self.adds = column, adds
        self.shard, self.skip_existing, self.recorded = shard, skip_existing, recorded
        self.skipped = 0
        """Files whose translation was there."""
        self.elsewhere = 0
        """Files of other shares."""

    @property
    def whole(self) -> bool:
        """Whether this is nothing but everything."""
        return self.shard.shares == 1 and not self.skip_existing and not self.recorded and self.column is None

    @property
    def passed(self) -> int:
        """How many files were left to others, or were there."""
        return self.skipped + self.elsewhere

    def share(self, found: Iterable[Input], out: Path) -> Iterator[Input]:
        """Those of the files that this worker translates, one by one."""
        for item in found:
            if not self.shard.has(item.place):
                self.elsewhere += 1
            elif self.skip_existing and (out / item.place).exists():
                self.skipped += 1
            else:
                yield item

    def came_to(self, written: Written) -> Written:
        """What the whole job came to, of what this process came to."""
        return written

    def done(self, item: Input, out: Path, more: Mapping[str, Any] | None = None) -> None:
        """Note that a file was translated.

        Args:
            more: what else there is to say of it.
        """
        if self.recorded:
            with (out / item.place).open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            said = {"input": str(item.path), "output": item.place.as_posix(), "sha256": sha256, **(more or {})}
            self._add(out, said, "done")

    def failed(self, path: Path, out: Path, why: str) -> None:
        """Note that a file was not."""
        if self.recorded:
            self._add(out, {"input": str(path), "why": why}, "failed")

    def _add(self, out: Path, said: Mapping[str, Any], status: str) -> None:
        name = f"files-{self.shard.number}-of-{self.shard.shares}.jsonl" if self.shard.shares > 1 else "files.jsonl"
        line = (json.dumps({**said, "status": status}) + "\n").encode()
        with clear_errors(out / name), (out / name).open("ab+") as file:
            end = file.seek(0, 2)
            if end and not _ends_whole(file, end):
                line = b"\n" + line  # after the half of a line that a killed worker left
            file.write(line)


def _ends_whole(file: IO[bytes], end: int) -> bool:
    file.seek(end - 1)
    return file.read(1) == b"\n"
