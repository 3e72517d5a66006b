"""Translating files that hold one item each: every one below the given paths, written under the same name."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cyclekit.core.written import NotTranslated, Written
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


def translate_each(
    translate: Translate,
    files: Iterable[Input],
    out: Path,
    progress: Callable[[int], None],
    job: Job,
    *,
    read: Callable[[Input], tuple[Any, Any]],
    write: Callable[[Any, Path, Any], None],
) -> tuple[int, list[tuple[str, str]]]:
    """Translate files into `out`, each written as soon as it is made.

    One that cannot be read, or that memory does not suffice for, is left out and reported; the others are done.

    Args:
        files: places are relative to `out`, which is there.
        progress: told how many are done or left out.
        job: keeps the record.
        read: an item, and what `write` must know of its file. Raises `Unreadable`, `ValueError` or `OSError`: why not.
        write: (translation, file to write, what `read` gave beside the item).

    Returns:
        How many were translated, and the others with the reason.
    """
    failures: list[tuple[str, str]] = []
    waiting: deque[tuple[Input, Any]] = deque()
    done = 0

    def failed(path: Path, why: str) -> None:
        failures.append((str(path), why))
        job.failed(path, out, why)
        progress(done + len(failures))

    def opened() -> Iterator[Any]:
        for file in files:
            try:
                item, remembered = read(file)
            except MemoryError:
                failed(file.path, "memory does not suffice for it")
            except (Unreadable, ValueError) as error:
                failed(file.path, str(error))
            except OSError as error:
                failed(file.path, error.strerror or str(error))
            else:
                waiting.append((file, remembered))
                yield item

    for made in translate(opened()):
        file, remembered = waiting.popleft()
        if isinstance(made, NotTranslated):
            failed(file.path, made.why)
            continue
        write(made, out / file.place, remembered)
        job.done(file, out)
        done += 1
        progress(done + len(failures))
    return done, failures
