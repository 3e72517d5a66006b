"""What a run's callbacks take of its time, each by itself: log, samples, health, validation, checkpoints, report.

    python benchmarks/callbacks.py                                            # the demo, whole
    python benchmarks/callbacks.py --recipe negative2positive --steps 400 --set train.sample_every=100

The run is the command line's own, at full length unless told otherwise (a shorter one has fewer of everything, at the
recipe's own distances). Ratios within one run hold on a busy machine too; absolute times do not.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.training.loop import train
from cyclekit.training.state import Callback, Training


class Timed(Callback):
    """A callback, and the seconds that its methods took."""

    def __init__(self, timed: Callback) -> None:
        self.timed, self.seconds, self.longest = timed, 0.0, 0.0

    def started(self, training: Training) -> Any:
        return self._clock(self.timed.started, training)

    def stepped(self, training: Training) -> Any:
        return self._clock(self.timed.stepped, training)

    def mends(self, training: Training, error: str) -> Any:
        return self._clock(self.timed.mends, training, error)

    def went_back(self, training: Training) -> Any:
        return self._clock(self.timed.went_back, training)

    def ended(self, training: Training) -> None:
        self._clock(self.timed.ended, training)

    def failed(self, training: Training, error: BaseException) -> None:
        self._clock(self.timed.failed, training, error)

    def _clock(self, call: Callable[..., Any], *given: Any) -> Any:
        begun = time.perf_counter()
        result = call(*given)
        took = time.perf_counter() - begun
        self.seconds, self.longest = self.seconds + took, max(self.longest, took)
        return result


def main() -> None:
    """Train once, print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--recipe", default="monet2photo")
    options.add_argument("--profile", default="cpu", help="`published` for none")
    options.add_argument("--data", help="default: the recipe's own sources")
    options.add_argument("--steps", type=int, help="train so many and no more; default: the recipe's")
    options.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = options.parse_args()
    run = cyclekit.load(f"recipes/{given.recipe}", profile=given.profile, data=given.data, overrides=given.set)
    callbacks = [Timed(callback) for callback in default_callbacks()]
    with TemporaryDirectory() as place:
        begun = time.perf_counter()
        training = train(run, Path(place), callbacks, device="cpu", until=given.steps)
        whole = time.perf_counter() - begun
    print(f"python benchmarks/callbacks.py {shlex.join(sys.argv[1:])}".rstrip())
    print(f"{run.data.source}; {training.step:,} steps, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'':<14}{'seconds':>9} {'share':>8} {'longest call, s':>16}")
    print(f"{'steps':<14}{training.seconds:>9.1f} {training.seconds / whole:>8.2%}")
    for callback in callbacks:
        name = type(callback.timed).__name__
        print(f"{name:<14}{callback.seconds:>9.2f} {callback.seconds / whole:>8.2%} {callback.longest:>16.2f}")
    print(f"{'whole':<14}{whole:>9.1f}")


if __name__ == "__main__":
    main()
