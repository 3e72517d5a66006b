"""A folder's lock: held by one process, gone with it, and never left to a child or to a name that was taken away."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from cyclekit.files import folder_lock
from cyclekit.files.folder_lock import LOCK, locked
from cyclekit.registry import RecipeError

HOLD = """
import os, sys, time
from pathlib import Path
from cyclekit.files.folder_lock import locked
with locked(Path(sys.argv[1])):
    # Where there is a child, it speaks: it has begun then, and with it what it does at once.
    if "child" not in sys.argv or os.fork() == 0:
        print("held", flush=True)
    time.sleep(10**6)
"""


def holder(folder, *more):
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *more], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert held.stdout.readline() == "held\n"
    return held


@pytest.mark.parametrize("more", [[], ["child"]])
def test_a_lock_goes_with_its_process(tmp_path, more):
    """Also where a child that it forked, as a loader forks its workers, outlives it."""
    held = holder(tmp_path, *more)
    try:
        with pytest.raises(RecipeError, match=f": process {held.pid} on .* works in it; wait until it has ended"):
            locked(tmp_path).__enter__()
        held.kill()
        held.wait()
        with locked(tmp_path) as missing:
            assert missing is None
            assert (tmp_path / LOCK).read_text().startswith(f"process {os.getpid()} on ")
        assert not (tmp_path / LOCK).exists()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(held.pid, signal.SIGKILL)


def test_who_was_killed_is_not_named_as_the_holder(tmp_path):
    """Its name stands in the file until the next holder has written its own."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / LOCK).write_text(f"process {dead.pid} on {socket.gethostname()}\n")
    with (tmp_path / LOCK).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def write():
            time.sleep(0.3)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()

        writing = threading.Thread(target=write)
        writing.start()
        with pytest.raises(RecipeError, match=f": process {os.getpid()} on .* works in it"):
            locked(tmp_path).__enter__()
        writing.join()


def test_many_at_one_door_go_in_one_by_one(tmp_path):
    """The name is taken away and made again all the time, and never are two inside."""
    inside, most, done = [], [0], [0]

    def work():
        while done[0] < 200:
            try:
                with locked(tmp_path / "folder"):
                    inside.append(1)
                    most[0] = max(most[0], len(inside))
                    done[0] += 1
                    time.sleep(0.0005)
                    inside.pop()
            except RecipeError:
                continue

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_file_system_without_locks_says_so(tmp_path, monkeypatch):
    class Without:
        LOCK_EX = LOCK_NB = 0

        def flock(self, handle, how):
            raise OSError(38, "Function not implemented")

    monkeypatch.setattr(folder_lock, "fcntl", Without())
    with locked(tmp_path) as missing:
        assert missing.startswith(f"{tmp_path}: this file system keeps no locks (Function not implemented); nothing ")
    monkeypatch.setattr(folder_lock, "fcntl", None)
    with locked(tmp_path) as missing:
        assert "this system keeps no locks" in missing
