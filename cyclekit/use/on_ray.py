"""A job of many files on a Ray cluster: each worker holds the run, takes a few files at a time, and writes them whole.

Ray Data hands the files out and starts a killed worker anew; its files are then done again, and since each is written
whole and in one place, each is there once. A job whose driver was killed is finished by running it again with
--skip-existing. Workers must see the run and all files under the same paths, as on a shared disk.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.core.written import Written
from cyclekit.files.inputs import Input
from cyclekit.files.jobs import Job
from cyclekit.registry import RecipeError, argument

SCHEME = "ray://"

AT_ONCE = 16
"""Files that a worker takes at a time, where there are enough for all."""

MOST = 4096
"""Files that it takes at most, of millions: so that there are not too many blocks for Ray to keep count of."""


COUNTED = re.compile(r"([\d,]+) (.+)")
"""A note that counts."""


class Use(NamedTuple):
    """How a worker uses the run: what `translate` is told, as it can be sent."""

    run: str
    to: str
    out: str
    device: str
    options: Mapping[str, Any]
    """Of `Translator.stream`."""
    here: str
    """The folder that relative paths start from."""
    column: str | None = None
    """Of tables: see `Job`."""
    max_pixels: int | None = None
    without: tuple[str, ...] = ()


class Worker:
    """The run in a process of its own; Ray keeps it for as many files as there are."""

    def __init__(self, use: Use) -> None:
        from cyclekit.use.translate import Translator

        self.use, self.here = use, Path(use.here)
        # Whether its plugin may run was decided where the job was started.
        self.translator: Any = Translator.load(use.run, device=use.device, without=use.without, trust_plugin=True)
        self.files = self.translator.files(use.to, use.max_pixels)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Translate files: of each its input, its place, and why it has no translation, or nothing."""
        told: dict[str, list[Any]] = defaultdict(list)
        folders: dict[Path, list[Input]] = defaultdict(list)
        for path, place in zip(batch["path"], batch["place"]):
            item = Input(Path(os.fsdecode(path)), Path(os.fsdecode(place)))
            folders[item.place.parent].append(item)
        for folder, items in folders.items():
            paths = [str(self.here / item.path) for item in items]
            job = Job(column=self.use.column, adds=self.use.to)
            place = self.here / self.use.out / folder
            written = self.files(
                self.translator.steps(self.use.to, keep_going=True, **self.use.options),
                paths,
                place,
                lambda done, total: None,
                job=job,
            )
            why = dict(written.failures)
            for number, (item, path) in enumerate(zip(items, paths)):
                told["path"].append(os.fsencode(item.path))
                told["place"].append(os.fsencode(item.place))
                told["why"].append(why.get(path, ""))
                # What is told of all of a folder's stands beside the first.
                told["done"].append(0 if number else written.done)
                told["notes"].append("" if number else "\n".join(written.notes))
        return dict(told)


class RayJob(Job):
    """A job that hands its files to workers of a cluster, and keeps none for this process."""

    def __init__(self, job: Job, use: Use, address: str | None, workers: int | None) -> None:
        super().__init__(job.shard, skip_existing=job.skip_existing, recorded=job.recorded, column=job.column)
        self.use, self.address, self.workers = use, address, workers
        self.translated = 0
        """Pictures, or lines."""
        self.failures: list[tuple[str, str]] = []
        self.notes: Counter[str] = Counter()

    @property
    def whole(self) -> bool:
        """It is no job of this process's."""
        return False

    def share(self, found: Iterable[Input], out: Path) -> Iterator[Input]:
        """Have the workers translate all that this job does; yields nothing."""
        for row in translated_files(super().share(found, out), self.use, self.address, self.workers):
            item = Input(Path(os.fsdecode(row["path"])), Path(os.fsdecode(row["place"])))
            self.translated += row["done"]
            for note in filter(None, row["notes"].split("\n")):
                often, words = COUNTED.fullmatch(note).groups() if COUNTED.fullmatch(note) else ("1", note)  # type: ignore[union-attr]
                self.notes[words] += int(often.replace(",", ""))
            if row["why"]:
                self.failures.append((str(item.path), row["why"]))
                self.failed(item.path, out, row["why"])
            else:
                self.done(item, out)
        yield from ()

    def came_to(self, written: Written) -> Written:
        """What the workers did, in place of what this process did."""
        notes = [f"{often:,} {words}" if often > 1 else words for words, often in self.notes.items()]
        return written._replace(done=self.translated, failures=[*written.failures, *self.failures], notes=notes)


def address_of(on: str) -> str | None:
    """The address of `--on ray` (None: the cluster that `RAY_ADDRESS` names, or one on this machine) or of
    `--on ray://HOST:PORT`.

    Raises:
        RecipeError: it is neither.
    """
    if on == "ray":
        return None
    if on.startswith(SCHEME) and on != SCHEME:
        return on
    raise RecipeError(f"{argument('on', on)}: write ray for this machine or RAY_ADDRESS's cluster, or ray://HOST:10001")


def translated_files(
    items: Iterable[Input], use: Use, address: str | None, workers: int | None
) -> Iterator[dict[str, Any]]:
    """What a worker tells of each file, once it is done; in no order.

    Args:
        workers: how many; None: one for each processor of the cluster, or graphics card where `use.device` is "cuda".

    Raises:
        RecipeError: the cluster is not there, or a worker cannot use the run.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell a server of this use
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import pyarrow
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    try:
        ray.init(**_joined(address, workers), log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise RecipeError(
            f"{argument('on', address or 'ray')}: there is no such cluster: {' '.join(str(error).split())}"
        ) from error
    try:
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.enable_operator_progress_bars = False
        kind = "GPU" if use.device == "cuda" else "CPU"
        there = max(1, int(ray.cluster_resources().get(kind, 1)))
        count = workers or there
        blocks: list[Any] = [ray.put(block) for block in _blocks(items, count, pyarrow)]
        if not blocks:
            return
        size = min(count, len(blocks))
        data = ray.data.from_arrow_refs(blocks).map_batches(
            Worker,
            batch_size=None,
            batch_format="numpy",
            zero_copy_batch=True,
            compute=ActorPoolStrategy(size=size),
            fn_constructor_args=(use,),
            num_gpus=1 if kind == "GPU" else None,
            num_cpus=1 if kind == "CPU" else None,
        )
        try:
            yield from data.iter_rows()
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            if isinstance(cause, RecipeError):
                raise cause from error
            raise
    finally:
        ray.shutdown()


def _joined(address: str | None, workers: int | None) -> dict[str, Any]:
    """What tells Ray which cluster: the one that is named, or one on this machine with room for the workers."""
    if address is not None or "RAY_ADDRESS" in os.environ:
        return {"address": address}
    return {"include_dashboard": False, "num_cpus": max(os.cpu_count() or 1, workers or 1)}


def _blocks(items: Iterable[Input], workers: int, pyarrow: Any) -> Iterator[Any]:
    """Tables of paths and places; larger ones the more there are."""
    rows: list[tuple[bytes, bytes]] = []
    sent = 0
    for item in items:
        rows.append((os.fsencode(item.path), os.fsencode(item.place)))
        if len(rows) >= min(MOST, max(AT_ONCE, sent // (64 * workers))):
            yield _table(rows, pyarrow)
            sent += len(rows)
            rows = []
    if rows:
        yield _table(rows, pyarrow)


def _table(rows: list[tuple[bytes, bytes]], pyarrow: Any) -> Any:
    path, place = zip(*rows)
    return pyarrow.table({"path": list(path), "place": list(place)})
