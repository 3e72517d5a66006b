"""int8 against float32 of exported pictures' networks: how near, in dB, and how fast. `export` offers float32 alone.

    python benchmarks/int8.py                     # the student that the package carries
    python benchmarks/int8.py EXPORTED --side 512

Weights and activations are quantised by ONNX Runtime (QDQ, a scale for each channel of the weights, ranges from cuts of
photographs that packages carry), and compared on others. It would be offered where it is at least 35 dB from float32
*and* faster. Processor time of one thread is counted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

from cyclekit.builtin.photographs import photographs
from cyclekit.exported.manifest import read_manifest
from cyclekit.exported.pictures import padded_values
from cyclekit.exported.session import session_of
from cyclekit.pretrained import find_pretrained

WANTED = 35.0
"""dB."""


def cuts(side: int, channels: int, count: int, seed: int) -> Iterator[np.ndarray]:
    """Pictures (1, C, side, side) in [-1, 1]."""
    found = photographs(side, pictures=count, held_out=1, seed=seed).train.a
    for number in range(count):
        rows = np.asarray(found.open(number, channels), np.float32).reshape(side, side, channels)
        yield (rows / 127.5 - 1).transpose(2, 0, 1)[None]


def quantised(path: Path, out: Path, name: str, given: list[np.ndarray]) -> None:
    """Write the int8 network of a float32 one."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter([{name: each} for each in given])

        def get_next(self) -> Any:
            return next(self.left, None)

    prepared = out.with_suffix(".prepared.onnx")
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared, out, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )  # fmt: skip


def seconds(session: Any, name: str, given: np.ndarray, times: int = 12) -> float:
    """Processor seconds of one picture: the least of many, which other work beside it slows least."""
    found = []
    for _ in range(times):
        begun = process_time()
        session.run(None, {name: given})
        found.append(process_time() - begun)
    return min(found)


def main() -> None:
    """Measure each direction, and say whether it would do."""
    parser = argparse.ArgumentParser(description="int8 against float32, in dB and in processor time.")
    parser.add_argument("run", type=Path, nargs="?", default=find_pretrained("monet2photo", "live")[0])
    parser.add_argument("--side", type=int, default=512)
    given = parser.parse_args()
    manifest = read_manifest(given.run)
    for direction in manifest.directions.values():
        said = direction.settings
        name, channels = said["input"]["name"], said["input"]["channels"]
        shown, others = (
            [padded_values(each, said["multiple"], said["smallest"]) for each in cuts(given.side, channels, 16, seed)]
            for seed in (1, 2)
        )
        with TemporaryDirectory() as place:
            small = Path(place) / "int8.onnx"
            quantised(direction.files["generator"], small, name, shown)
            sizes = [path.stat().st_size / 2**20 for path in (direction.files["generator"], small)]
            plain, quick = (session_of(path, threads=1) for path in (direction.files["generator"], small))
            pairs = [[each.run(None, {name: one})[0] for each in (plain, quick)] for one in others]
            near = np.mean([10 * np.log10(4 / np.square(one - other).mean()) for one, other in pairs])
            times = [1000 * seconds(each, name, others[0]) for each in (plain, quick)]
        verdict = "would do" if near >= WANTED and times[1] < times[0] else "is refused"
        print(
            f"{said['from']} -> {said['to']}: int8 is {near:.1f} dB from float32; {times[0]:.1f} ms in float32, "
            f"{times[1]:.1f} ms in int8; {sizes[0]:.2f} and {sizes[1]:.2f} MiB: {verdict}"
        )


if __name__ == "__main__":
    main()
