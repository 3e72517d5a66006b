"""What a job over very many pictures takes, from what a few take here: processor time, storage, memory of the list.

    python benchmarks/scale.py                                  # the student that the package carries
    python benchmarks/scale.py EXPORTED --pictures album/       # a run of yours, on pictures like those of the job
    python benchmarks/scale.py --workers 2                      # one worker and two of a Ray cluster on this machine

Processor time is counted, not what a clock says, so that other work beside it changes little. What several workers
do is a matter of the clock: one and several take turns, and how many cores other programs kept busy stands beside them.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import psutil

from benchmarks.live import jpeg
from cyclekit.core.written import Written
from cyclekit.exported import load
from cyclekit.files import inputs
from cyclekit.files.jobs import Job
from cyclekit.files.walking import Found
from cyclekit.pretrained import find_pretrained


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


def rate_on_ray(run: Path, pictures: Path, out: Path, workers: int) -> float:
    """Pictures a second that so many workers write, once all of them are at it."""
    command = ["translate", run, pictures, "--to", load(run).targets[0], "--device", "cpu"]
    command += ["--on", "ray", "--workers", workers, "--out", out]
    subprocess.run([sys.executable, "-m", "cyclekit", *map(str, command)], check=True, capture_output=True)
    written = sorted(path.stat().st_mtime for path in out.rglob("*") if path.is_file())
    # Without the beginning and the end, where one of them may still load the run, or be done.
    first, last = len(written) // 10, len(written) - 1 - len(written) // 10
    return (last - first) / (written[last] - written[first])


def compare_workers(run: Path, pictures: Path, place: Path, workers: int, rounds: int) -> None:
    """Print what one worker and several do, by turns."""
    found: dict[int, list[float]] = {1: [], workers: []}
    for number in range(rounds):
        for count, rates in found.items():
            busy = psutil.cpu_percent(interval=3) / 100 * (os.cpu_count() or 1)
            rates.append(rate_on_ray(run, pictures, place / f"{count}-{number}", count))
            print(f"workers: {count}; {rates[-1]:.1f} pictures a second; {busy:.1f} cores were busy before", flush=True)
    one, several = (median(found[count]) for count in (1, workers))
    print(f"{workers} workers do {several / one:.2f} times what one does, by the medians of {rounds}")


def size(folder: Path, pattern: str) -> float:
    """Bytes of the files of a folder, on average."""
    sizes = [path.stat().st_size for path in folder.rglob(pattern) if path.is_file()]
    return sum(sizes) / len(sizes)


def main() -> None:
    """Measure, and say what so many more would take."""
    parser = argparse.ArgumentParser(description="What a job over very many pictures takes.")
    parser.add_argument("run", type=Path, nargs="?", default=find_pretrained("monet2photo", "live")[0])
    parser.add_argument(
        "--pictures", type=Path, help="A folder. Default: 60 made JPEGs of 512x512; 600 with --workers."
    )
    parser.add_argument("--job", type=float, default=1e8, help="Pictures of the job.")
    parser.add_argument("--cores", type=int, default=256)
    parser.add_argument("--listed", type=int, default=200_000)
    parser.add_argument("--workers", type=int, help="Of a Ray cluster, against one; nothing else is measured then.")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with TemporaryDirectory() as place:
        folder, out = given.pictures or Path(place) / "in", Path(place) / "out"
        if given.pictures is None:
            folder.mkdir()
            for number in range(60 if given.workers is None else 600):
                (folder / f"{number:03d}.jpg").write_bytes(jpeg(512))
        if given.workers is not None:
            return compare_workers(given.run, folder, Path(place), given.workers, given.rounds)
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
