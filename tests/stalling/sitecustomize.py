"""For processes of tests: every one stalls at the fourth file that it gives its name, while the gate is there."""

import os
import threading
import time

GATE = os.environ.get("CYCLEKIT_TEST_GATE")
WRITTEN = 3

if GATE:
    replace, named, turn = os.replace, [], threading.Lock()

    def stalling(source, target, **options):
        if str(target).endswith(".png"):
            with turn:  # files are written by several threads
                while len(named) >= WRITTEN and os.path.exists(GATE):
                    time.sleep(0.01)
                named.append(target)
        replace(source, target, **options)

    os.replace = stalling
