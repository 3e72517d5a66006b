"""Do loader workers keep a small training step fed? Three measurements, each for 0, 1 and 2 workers.

* alone: pictures per second that the loader gives when nothing else runs (both domains counted);
* need: pictures per second that the step takes when its batch is already there;
* together: steps per second when the loader feeds the step, and the share of the time the step waits.

    python benchmarks/data_feed.py --data data/monet2photo
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import cyclekit
from cyclekit.core.data import loader
from cyclekit.training.loop import prepare, train_step
from cyclekit.training.state import Training


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--recipe", default="recipes/monet2photo")
    options.add_argument("--profile", default="cpu")
    options.add_argument("--data", default="builtin:landscapes")
    options.add_argument("--device", default="auto")
    options.add_argument("--batch", type=int, help="pictures of each domain in a step; the recipe's when not given")
    options.add_argument("--pictures", type=int, default=800, help="how many the loader gives when alone")
    options.add_argument("--steps", type=int, default=30)
    given = options.parse_args()

    overrides = [f"train.batch_size={given.batch}"] if given.batch else []
    run = cyclekit.load(given.recipe, profile=given.profile, data=given.data, overrides=overrides)
    print(f"data: {run.data.source}: {run.data.description}")
    with TemporaryDirectory() as folder:
        training = prepare(run, Path(folder), given.device)
        step_seconds = step_alone(training, given.steps)
        batch = run.recipe.train.batch_size
        need = 2 * batch / step_seconds
        print(f"step: batch {batch}, {step_seconds * 1e3:.0f} ms, needs {need:.0f} pictures/s ({training.precision})")
        cost = processor_milliseconds(training, given.pictures)
        print(f"picture: {cost:.2f} ms of one core to read, resize, cut and encode")
        print(f"{os.cpu_count()} cores, torch {torch.__version__}, {torch.get_num_threads()} threads in the step\n")
        print("| workers | loader alone, pictures/s | times the need | together, steps/s | waiting |")
        print("|---|---|---|---|---|")
        for workers in (0, 1, 2):
            speed = loader_alone(training, workers, given.pictures)
            rate, waiting = together(training, workers, given.steps)
            print(f"| {workers} | {speed:.0f} | {speed / need:.1f} | {rate:.2f} | {waiting:.1%} |")
    print(f"\n{shlex.join(['python', *sys.argv])}")


def step_alone(training: Training, steps: int) -> float:
    """Seconds of a step (the median) whose batch is already there."""
    real = next(iter(_stream(training, 0))).map(lambda batch: batch.to(training.device))
    seconds = []
    for _ in range(steps + 3):
        begun = time.perf_counter()
        train_step(training, real)
        _wait_for(training.device)
        seconds.append(time.perf_counter() - begun)
    return sorted(seconds[3:])[steps // 2]


def processor_milliseconds(training: Training, pictures: int) -> float:
    """Processor time for a picture, in this process: unlike the clock, it hardly minds what else the machine does."""
    batch = 2 * training.run.recipe.train.batch_size
    begun = time.process_time()
    given = sum(batch for _ in islice(_stream(training, 0), pictures // batch))
    return 1e3 * (time.process_time() - begun) / given


def loader_alone(training: Training, workers: int, pictures: int) -> float:
    """Pictures per second, from the second batch on: starting the workers is paid once a run."""
    batch = 2 * training.run.recipe.train.batch_size
    stream = iter(_stream(training, workers))
    next(stream)
    begun = time.perf_counter()
    given = sum(batch for _ in islice(stream, pictures // batch))
    return given / (time.perf_counter() - begun)


def together(training: Training, workers: int, steps: int) -> tuple[float, float]:
    """Steps per second with the loader feeding the step, and the share of the time the step waits for it."""
    stream = iter(_stream(training, workers))
    next(stream)
    waiting = 0.0
    begun = time.perf_counter()
    for _ in range(steps):
        asked = time.perf_counter()
        real = next(stream)
        waiting += time.perf_counter() - asked
        train_step(training, real.map(lambda batch: batch.to(training.device)))
        _wait_for(training.device)
    seconds = time.perf_counter() - begun
    return steps / seconds, waiting / seconds


def _stream(training: Training, workers: int) -> torch.utils.data.DataLoader:
    settings = training.run.recipe.train
    return loader(training.run.data, settings.batch_size, seed=0, workers=workers, device=training.device)


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
