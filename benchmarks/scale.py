"""What a job over very many pictures takes, from what a few take here: processor time, storage, memory of the list.

    python benchmarks/scale.py                                  # the student that the package carries
    python benchmarks/scale.py EXPORTED --pictures album/       # a run of yours, on pictures like those of the job

Processor time is counted, not what a clock says, so that other work beside it changes little.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import psutil

from benchmarks.live import jpeg
from cyclekit.core.written import Written
from cyclekit.exported import load
from cyclekit.files import inputs
from cyclekit.files.jobs import Job
from cyclekit.files.walking import Found
from cyclekit.pretrained import find


def translated(run: Path, pictures: Path, out: Path) -> tuple[float, Written]:
    """Processor seconds of all pictures of a folder, and what came of them."""
    translator = load(run, device="cpu", threads=1)
    files = translator.files(None)
    begun = process_time()
    written = files(
        lambda items: translator.stream(items, keep_going=True), [str(pictures)], out, lambda *_: None,
        job=Job(recorded=True),
    )  # fmt: skip
    return process_time() - begun, written


def listed(count: int) -> tuple[float, float]:
    """MiB and processor microseconds a file that a list of so many takes, walk aside."""

    def walking(folder: Path) -> Iterator[Found]:
        for number in range(count):
            path = f"{folder}/{number // 1000:06d}/picture-{number:010d}.jpg"
            yield Found(path, "file", path)

    inputs.walking, before = walking, psutil.Process().memory_info().rss
    begun = process_time()
    with TemporaryDirectory() as place:
        found = inputs.find_inputs([place], Path(place) / "out", none_below="none")
        done = sum(1 for _ in Job(skip_existing=True).share(found, Path(place) / "out"))
    taken = process_time() - begun
    return (psutil.Process().memory_info().rss - before) / 2**20, 1e6 * taken / done


def size(folder: Path, pattern: str) -> float:
    """Bytes of the files of a folder, on average."""
    sizes = [path.stat().st_size for path in folder.rglob(pattern) if path.is_file()]
    return sum(sizes) / len(sizes)


def main() -> None:
    """Measure, and say what so many more would take."""
    parser = argparse.ArgumentParser(description="What a job over very many pictures takes.")
    parser.add_argument("run", type=Path, nargs="?", default=find("monet2photo", "live")[0])
    parser.add_argument("--pictures", type=Path, help="A folder; without it, 60 made JPEGs of 512x512.")
    parser.add_argument("--job", type=float, default=1e8, help="Pictures of the job.")
    parser.add_argument("--cores", type=int, default=256)
    parser.add_argument("--listed", type=int, default=200_000)
    given = parser.parse_args()
    with TemporaryDirectory() as place:
        folder, out = given.pictures or Path(place) / "in", Path(place) / "out"
        if given.pictures is None:
            folder.mkdir()
            for number in range(60):
                (folder / f"{number:03d}.jpg").write_bytes(jpeg(512))
        seconds, written = translated(given.run, folder, out)
        each = seconds / written.done
        record = (out / "files.jsonl").stat().st_size / written.done
        taken, made = size(folder, "*"), size(out, "*.*[!l]")
    print(f"{written.done} pictures: {1000 * each:.0f} ms of a processor each; {taken / 1024:.0f} KiB in, ", end="")
    print(f"{made / 1024:.0f} KiB out, {record:.0f} bytes of record")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {peak:,.0f} MiB")
    mib, micro = listed(given.listed)
    print(f"list of {given.listed:,} files: {mib:.0f} MiB of memory, {micro:.0f} us of a processor each")
    hours = given.job * each / 3600
    print(
        f"{given.job:,.0f} pictures: {hours:,.0f} core-hours, {hours / given.cores:.1f} hours on {given.cores} cores;"
    )
    print(f"  {given.job * taken / 1e12:.1f} TB in, {given.job * made / 1e12:.1f} TB out, ", end="")
    print(f"{given.job * record / 1e9:.0f} GB of records; {given.job * micro / 3.6e9:.1f} hours of a core to list once")


if __name__ == "__main__":
    main()
