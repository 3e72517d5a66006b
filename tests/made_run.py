"""A run folder as a training leaves it, without the training: fresh weights, a log, a sheet, metrics."""

import json
from pathlib import Path

from PIL import Image

import cyclekit
from cyclekit.assembling.networks import modules
from cyclekit.runs import checkpoint
from cyclekit.runs import folder as runs
from tests.commands import TINY

DATA = "builtin:landscapes: procedural landscapes, no real pictures (painting and photograph): monet 3, photo 3"

METRICS = {
    "data": DATA,
    "step": 4,
    "weights": "last step",
    "beam": None,
    "directions": {
        "monet -> photo": {
            "items": 2,
            "references": 2,
            "rows": {
                "translated": {
                    "KID (Lite|0)": {"value": 0.19052, "spread": 0.01},
                    "PSNR": {"value": float("nan"), "spread": None},
                },
                "copy the input": {"KID (Lite|0)": {"value": 0.4454, "spread": None}},
            },
            "better": {"KID (Lite|0)": "lower", "PSNR": "higher"},
            "protocol": {"KID (Lite|0)": {"features": "Lite0", "notes": ["few pictures"]}},
            "not measured": {"LPIPS": "no weights here"},
        }
    },
}


def made_run(folder: Path, **settings: object) -> Path:
    """A run of monet2photo, at step 4 of 4."""
    small = {"data.sources": [{"builtin": "landscapes", "scenes": 2, "held_out": 2}]}
    run = cyclekit.load("monet2photo", profile="published", overrides=TINY | small | settings)
    runs.create(run.recipe, folder)
    weights = modules(run.networks.generators).state_dict()
    checkpoint.save(folder, 4, {"generators": weights, "optimizers": weights}, {"step": 4}, run.data.codecs)
    (folder / "samples").mkdir()
    Image.new("RGB", (8, 8), "teal").save(folder / "samples" / "step-00000004.png")
    log = [
        {"kind": "start", "step": 0, "data": DATA, "steps": 4, "device": "cpu", "precision": "float32",
         "passed_over": [["hub:some/monets", "no connection"]]},
        {"kind": "sample", "step": 4, "file": "samples/step-00000004.png"},
        {"kind": "end", "step": 4, "seconds": 3.0},
    ]  # fmt: skip
    write_log(folder, log)
    return folder


def write_log(folder: Path, records: list[dict]) -> None:
    """Append records to a run's log."""
    with (folder / "log.jsonl").open("a") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def write_metrics(folder: Path, **changes: object) -> None:
    """metrics.json as an evaluation leaves it."""
    (folder / "metrics.json").write_text(json.dumps(METRICS | changes))
