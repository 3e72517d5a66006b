"""Faults at named points: what a process leaves behind that is killed before any single one of its file operations.

What a kill leaves is what lies in the folder at that instant, since files are only changed by operations that raise an
audit event. So one process is watched, and its folder copied before each of them, in place of as many processes.
"""

import hashlib
import os
import re
import shutil
import sys
import threading
from pathlib import Path

CHANGING = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.truncate"}

DIRECTORY = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.rename": 2, "os.symlink": 2}
"""Which argument of an event is the folder that its path is relative to."""

watched: dict = {"folder": None, "seen": None}


def _changes(event, arguments):
    if event == "open":
        path, _, flags = arguments
        return isinstance(path, str | bytes | os.PathLike) and bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
    return event in CHANGING


def _place(event, arguments):
    """The path that an operation changes: of a link its own, not the one that it points to."""
    path = os.fsdecode(arguments[1] if event == "os.symlink" else arguments[0])
    folder = arguments[DIRECTORY[event]] if event in DIRECTORY else -1
    return path if folder == -1 else os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)


def _hook(event, arguments):
    folder, seen = watched["folder"], watched["seen"]
    if folder is None or threading.current_thread() is not threading.main_thread() or not _changes(event, arguments):
        return
    place = _place(event, arguments)
    if not place.startswith(f"{folder}{os.sep}"):
        return
    watched["folder"] = None  # what `seen` does is none of it
    try:
        seen(f"{event.removeprefix('os.')} {_kind(place.removeprefix(f'{folder}{os.sep}'))}")
    finally:
        watched["folder"] = folder


sys.addaudithook(_hook)


def _kind(place):
    """A path without the numbers of steps, processes and cells in it."""
    place = re.sub(r"\d+-\d+\.png", "C-R.png", re.sub(r"step-\d+", "step-N", place))
    return re.sub(r"\.cyclekit-[0-9a-f]+-\d+-", ".beside-", place)


def before_each_operation(folder, seen, work):
    """Work, and call `seen` with a name before each operation that changes something in a folder.

    The name is of the operation and of what it changes, such as "rename checkpoints/.step-N.partial".
    """
    watched.update(folder=folder, seen=seen)
    try:
        return work()
    finally:
        watched.update(folder=None, seen=None)


def content(folder):
    """All that a resume reads, by path."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and "tensorboard" not in path.parts and path.suffix != ".html"
    }


def snapshots_of(folder: Path, to: Path, work) -> list[tuple[tuple[str, ...], Path]]:
    """(names of points, copy of the folder as it is there) of each operation; those alike are one of several names."""
    points, places = {}, {}

    def copy(point):
        print_of = hashlib.sha256(repr(sorted(content(folder).items())).encode()).hexdigest()
        points.setdefault(print_of, []).append(point)
        if print_of not in places:
            places[print_of] = to / f"{len(places):04d}"
            shutil.copytree(folder, places[print_of], symlinks=True, ignore=shutil.ignore_patterns("tensorboard"))

    before_each_operation(folder, copy, work)
    return [(tuple(points[print_of]), place) for print_of, place in places.items()]


def at_every_point(snapshots, most):
    """Of each named point the first and the last, and so many more at most in all, spread over the others."""
    by_point = {}
    for number, (points, _) in enumerate(snapshots):
        for point in points:
            by_point.setdefault(point, []).append(number)
    kept = {numbers[end] for numbers in by_point.values() for end in (0, -1)}
    others = [number for number in range(len(snapshots)) if number not in kept]
    kept.update(others[:: max(len(others) // max(most - len(kept), 1), 1)])
    return [snapshots[number] for number in sorted(kept)]


def litter(folder):
    """Hidden files and folders, but for the lock."""
    return [path for path in folder.rglob(".*") if path.name != ".lock"]
