"""Pictures a second end to end, decode, network and encode, as `cyclekit live` has them: on this machine's processor.

    python benchmarks/live.py                       # students of random weights, and a ResNet to compare with
    python benchmarks/live.py --exported student    # an exported run

Each picture is decoded from a JPEG, translated and encoded as one, by as many threads as there are cores, each with
whole pictures. Beside it stands the machine's own rate of matrix products, measured before and after: on a busy machine
compare shares of that, not pictures a second.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from cyclekit import exported
from cyclekit.live.work import Limits, translated_picture

STUDENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "student, width 32, depthwise": ("student", {"width": 32}),
    "student, width 20, depthwise, squares of 2x2": ("student", {"width": 20, "factor": 2}),
    "student, width 24": ("student", {"width": 24, "depthwise": False}),
    "ResNet-6, width 16": ("resnet", {"width": 16, "blocks": 6}),
}


def matrix_rate(threads: int) -> float:
    """Multiply-adds a second, in thousands of millions, of matrix products on so many threads."""
    size, times = 512, 12
    one, other = (np.random.default_rng(seed).random((size, size), np.float32) for seed in (0, 1))

    def products() -> None:
        for _ in range(times):
            one @ other

    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        for done in [pool.submit(products) for _ in range(threads)]:
            done.result()
        return threads * times * size**3 / (time.perf_counter() - begun) / 1e9


def jpeg(side: int) -> bytes:
    """A smooth picture with some noise, as a camera's."""
    random = np.random.default_rng(0)
    small = Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    levels = np.asarray(small) + random.normal(0, 4, (side, side, 3))
    held = io.BytesIO()
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(held, "JPEG", quality=92)
    return held.getvalue()


def measure(name: str, folder: Path, side: int, seconds: float, threads: int) -> None:
    """Print what one exported run does."""
    translator = exported.load(folder, device="cpu", threads=1)
    upload, limits = jpeg(side), Limits()
    translated_picture(translator, upload, None, "jpeg", limits)
    before = matrix_rate(threads)
    until, used = time.perf_counter() + seconds, time.process_time()

    def work() -> int:
        done = 0
        while time.perf_counter() < until:
            translated_picture(translator, upload, None, "jpeg", limits)
            done += 1
        return done

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(each.result() for each in [pool.submit(work) for _ in range(threads)])
    took, used = time.perf_counter() - begun, time.process_time() - used
    rate = (before + matrix_rate(threads)) / 2
    print(
        f"{name}: {done / took:.1f} pictures a second at {side}x{side} on {threads} threads, "
        f"{1000 * used / done:.0f} CPU-ms each; matrix products meanwhile: {rate:.0f} GMAC a second"
    )
    spent = describe(translator, side)
    if spent:
        print(f"    {spent / 1e9:.2f} GMAC a picture: {spent * done / took / rate / 1e9:.0%} of the matrix rate")


def describe(translator: Any, side: int) -> float | None:
    """Multiply-adds of one picture's network, where the folder says how many it has at 256x256."""
    direction = next(iter(translator.manifest.directions.values()))
    at_256 = direction.settings.get("multiplications_at_256")
    return None if at_256 is None else at_256 * (side / 256) ** 2


def random_run(folder: Path, part: str, options: dict[str, Any]) -> None:
    """An exported direction of random weights, in `folder`."""
    import torch

    from cyclekit.core.batch import Pair
    from cyclekit.exporting.folder import write_manifest
    from cyclekit.exporting.pictures import export_pictures
    from cyclekit.exporting.runtimes import RUNTIMES
    from cyclekit.image.codec import ImageCodec
    from cyclekit.plugins import load_plugins
    from cyclekit.registry import build

    load_plugins()
    torch.manual_seed(0)
    codec = ImageCodec(3)
    network = build("generator", part, codec, codec, options=options)
    said, _ = export_pictures(network, (codec, codec), "eval", folder / "a-to-b", RUNTIMES["onnx"], part)
    write_manifest(folder, Pair(codec, codec), [{"makes": "b", "from": "a", "to": "b", **said}])


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exported", type=Path, help="a folder that `cyclekit export` made")
    parser.add_argument("--side", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    if given.exported is not None:
        measure(given.exported.name, given.exported, given.side, given.seconds, given.threads)
        return
    for name, (part, options) in STUDENTS.items():
        with TemporaryDirectory() as folder:
            random_run(Path(folder), part, options)
            measure(name, Path(folder), given.side, given.seconds, given.threads)


if __name__ == "__main__":
    main()
