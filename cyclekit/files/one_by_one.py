"""Translating files that hold one item each: every one below the given paths, written under the same name."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from cyclekit.core.written import NotTranslated, Written
from cyclekit.files import overlapping
from cyclekit.files.inputs import Input, find_inputs, make_output, translated_file
from cyclekit.files.jobs import Job

Translate = Callable[[Iterable[Any]], Iterator[Any]]


class Unreadable(Exception):
    """A file that cannot be read as an item. Its text is the reason, without the file."""


def one_each(
    items: str,
    endings: Sequence[str],
    read: Callable[[Path, Any, Callable[[str], None]], Any],
    write: Callable[[Any, Path, Any], None],
) -> Callable[..., Callable[..., Written]]:
    """`Modality.files` of items that lie in files of their own.

    Args:
        items: several of them in words: "recordings".
        endings: of the files that count, in small letters with the dot: `.wav`.
        read: (file, source codec, note) -> an item, as that codec's `prepare` takes it; `note` is told what of the file
            is not used or not kept, in the same words for every file.
            Raises `Unreadable`, `ValueError` or `OSError`: the file is left out and reported with the reason.
        write: (translation, file to write, target codec); the file's name ends as that of the input.
    """

    def files(source: Any, target: Any) -> Callable[..., Written]:
        def translate(
            translated: Translate,
            inputs: Sequence[str],
            out: Path,
            progress: Callable[[int, int], None],
            *,
            job: Job | None = None,
        ) -> Written:
            """Fits `core.modality.Files`."""
            found = find_inputs(
                inputs,
                out,
                wanted=lambda path: path.suffix.lower() in endings,
                none_below=f"no {items} ({', '.join(endings)}) in this folder or below",
            )
            make_output(out, found)
            job = own = job or Job()
            notes: Counter[str] = Counter()

            def note(words: str) -> None:
                notes[words] += 1

            def written(made: Any, place: Path, _: None) -> None:
                with translated_file(place) as beside:
                    write(made, beside, target)

            done, failures = translate_each(
                translated,
                job.share(found, out),
                out,
                lambda passed: progress(passed + own.passed, len(found)),
                job,
                read=lambda item: (read(item.path, source, note), None),
                write=written,
            )
            told = [f"{count:,} of the {items} {words}" for words, count in notes.items()]
            return Written(done, out, failures, found.not_read, told)

        return translate

    return files


@runtime_checkable
class InSteps(Protocol):
    """A translation whose first and last step may be taken in other threads than the one between them."""

    def __call__(self, items: Iterable[Any]) -> Iterator[Any]:
        """All three."""
        ...

    def thread_begins(self) -> None:
        """Called in each of those threads before it takes any."""
        ...

    def prepare(self, item: Any) -> Any:
        """The first: an item, ready to be translated."""
        ...

    def translate(self, prepared: Iterable[Any]) -> Iterator[Any]:
        """What was prepared, lazily and in order, to what `finish` takes."""
        ...

    def finish(self, made: Any) -> Any:
        """The last: a translation, or `NotTranslated`."""
        ...


class NotAhead(Exception):
    """A file holds too much to be held beside others: it is read when its turn comes."""


class _Opened(NamedTuple):
    file: Input
    remembered: Any
    ahead: bool
    """Whether it was small enough to be read ahead, so that its translation may be written behind."""


def translate_each(
    translate: Translate,
    files: Iterable[Input],
    out: Path,
    progress: Callable[[int], None],
    job: Job,
    *,
    read: Callable[[Input], tuple[Any, Any]],
    write: Callable[[Any, Path, Any], None],
    read_ahead: Callable[[Input], tuple[Any, Any]] | None = None,
) -> tuple[int, list[tuple[str, str]]]:
    """Translate files into `out`, each written as soon as it is made.

    One that cannot be read, or that memory does not suffice for, is left out and reported; the others are done. After
    an error or Ctrl-C what was made already is written all the same.

    Args:
        translate: what may be `InSteps`.
        files: places are relative to `out`, which is there.
        progress: told how many are done or left out.
        job: keeps the record.
        read: an item, and what `write` must know of its file. Raises `Unreadable`, `ValueError` or `OSError`: why not.
        write: (translation, file to write, what `read` gave beside the item).
        read_ahead: as `read`, from other threads and several at once; raises `NotAhead` for what only `read` should
            read. Then `write` is called from other threads too, and so are an `InSteps`'s steps. None: all is done one
            after the other.

    Returns:
        How many were translated, and the others with the reason.
    """
    failures: list[tuple[str, str]] = []
    waiting: deque[_Opened] = deque()
    done = 0
    steps = translate if isinstance(translate, InSteps) else None
    prepare, finish = (steps.prepare, steps.finish) if steps is not None else (_as_it_is, _as_it_is)
    translated = translate if steps is None else steps.translate

    def failed(path: Path, why: str) -> None:
        failures.append((str(path), why))
        job.failed(path, out, why)
        progress(done + len(failures))

    def told(file: Input, lost: NotTranslated | None) -> None:
        nonlocal done
        if lost is not None:
            return failed(file.path, lost.why)
        job.done(file, out)
        done += 1
        progress(done + len(failures))

    def prepared_ahead(file: Input) -> tuple[Any, Any]:
        assert read_ahead is not None
        item, remembered = read_ahead(file)
        return prepare(item), remembered

    def opened(pool: Executor) -> Generator[Any]:
        reading = overlapping.read_ahead(pool, files, prepared_ahead) if read_ahead is not None else _later(files)
        with closing(reading):
            for file, soon in reading:
                ahead = soon is not None
                try:
                    try:
                        if soon is None:
                            raise NotAhead
                        item, remembered = soon.result()
                    except NotAhead:
                        ahead = False
                        item, remembered = read(file)
                        item = prepare(item)
                except MemoryError:
                    failed(file.path, "memory does not suffice for it")
                except (Unreadable, ValueError) as error:
                    failed(file.path, str(error))
                except OSError as error:
                    failed(file.path, error.strerror or str(error))
                else:
                    waiting.append(_Opened(file, remembered, ahead))
                    yield item

    def put(made: Any, file: Input, remembered: Any) -> NotTranslated | None:
        made = finish(made)
        if isinstance(made, NotTranslated):
            return made
        write(made, out / file.place, remembered)
        return None

    begins = steps.thread_begins if steps is not None else _nothing
    with (
        ThreadPoolExecutor(overlapping.threads(), "files", begins) as pool,
        overlapping.WrittenBehind(pool, told) as behind,
        closing(opened(pool)) as items,
    ):
        for made in translated(items):
            file, remembered, ahead = waiting.popleft()
            if any(other.place == file.place for other, _ in behind.waiting):  # a file that was given twice
                behind.settle()
            if ahead:
                behind.add(file, partial(put, made, file, remembered))
            else:
                behind.settle()
                told(file, put(made, file, remembered))
    return done, failures


def _later(files: Iterable[Input]) -> Generator[tuple[Input, None]]:
    for file in files:
        yield file, None


def _as_it_is(item: Any) -> Any:
    return item


def _nothing() -> None:
    pass
