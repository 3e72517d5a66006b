"""Claim 5: encoder-decoders lose detail at the bottleneck, U-Nets' skips keep it; ResNets keep quality, at a price.

    python -m experiments.generators                              # 16 minutes on one core

The price is said to be memory, and that shapes cannot change much. Three generators of nearly equal parameter counts,
instance norm, no dropout, transposed convolutions as published, all else equal; each is asked to

- reconstruct photographs, L1 alone, in twice as many steps, which are cheaper: PSNR of all, and of the detail, which is
  the picture minus its blur;
- translate without pairs, a CycleGAN on --data: KID, and PSNR to the true translation;
- change shape, a CycleGAN from faces to bowls of noodle soup on builtin:bowls: how many of the face's edges are still
  in the output, how many of the true bowl's are, and KID to bowls.

Memory is the peak of training steps on the processor, batch 1, float32, beyond what the process took before, in a
process of its own: weights, gradients and Adam's moments are nearly equal, so that the difference is activations.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as vision

import cyclekit
from cyclekit.assembling.networks import parameter_counts
from cyclekit.image.metrics import PSNR, KernelDistance, StructureKept, saved_levels
from cyclekit.measuring.metric import Translated
from experiments import trial

RECIPE = "monet2photo"
PLAIN = {"norm": "instance", "dropout": 0.0, "upsampling": "transposed"}
GENERATORS: dict[str, dict[str, Any]] = {
    "encoder-decoder": {"name": "encoder_decoder", "width": 9, **PLAIN},
    "U-Net": {"name": "unet", "width": 8, **PLAIN},
    "ResNet": {**trial.SMALL_CYCLEGAN["generator"], "blocks": 6, **PLAIN},
}
"""Half a million parameters each, at 64 px."""
SHAPES = "builtin:bowls"
RECONSTRUCTION = {
    "data.views": {"a": "picture", "b": "picture"},
    "objective": {"name": "pix2pix", "adversarial": 0.0, "l1": 100.0},
}
COPY, BLURRED, TRUTH = "copy the input", "blurred input", "true translation"
REFERENCES = (COPY, BLURRED, TRUTH)
BLUR = 1.5
"""Deviation of the Gaussian blur in pixels: what is finer is detail. The window of SSIM is the same."""
MEMORY_SIZE = 256
"""Side of the pictures in the steps whose memory is measured: the published one."""
NOTE = """
Reconstruction: PSNR in dB of photographs given back, of their detail (the picture minus its blur), and the share of the
detail's energy that is right; the blurred input has none of it. Translation: KID to photographs, PSNR to the true one.
Bowl: faces to bowls; KID to bowls; correlation of the output's edges (luma gradients) with the face's and with the true
bowl's. Memory: MiB. KID: lower is better.
"""


def main(arguments: Sequence[str] | None = None) -> trial.Results:
    """Ask every generator the three questions with every seed."""
    chosen = trial.settings("generators", __doc__, steps=600, size=64, data="builtin:landscapes", arguments=arguments)
    bowls, twice = dataclasses.replace(chosen, data=SHAPES), dataclasses.replace(chosen, steps=2 * chosen.steps)

    def one(variant: str, seed: int, folder: Path) -> trial.Numbers:
        if variant in REFERENCES:
            return reference(variant, chosen, bowls, seed)
        network = overrides(variant, halvings(chosen.size))
        run = trial.trained(chosen, folder / "translation", seed, RECIPE, network)
        made = {
            "photograph": trial.translated(
                trial.trained(twice, folder / "reconstruction", seed, RECIPE, reconstructing(network))
            ),
            "translation": trial.translated(run),
            "bowl": trial.translated(trial.trained(bowls, folder / "bowls", seed, RECIPE, network)),
        }
        for name, of in made.items():
            trial.keep(folder, f"{name}-input", of.source)
            trial.keep(folder, f"{name}-output", of.fake)
        numbers = {**given_back(made["photograph"]), **translation(made["translation"]), **reshaped(made["bowl"])}
        numbers["parameters"] = parameter_counts(run.networks)["generators"] / 2  # there are two
        # Another seed takes no other memory, and a process of its own takes seconds to start.
        if seed == chosen.seeds[0] and (variant == "ResNet" or not chosen.quick):
            numbers["memory"] = memory(variant, halvings(chosen.size), MEMORY_SIZE)
        return numbers

    results = trial.repeated(chosen, [*GENERATORS, *REFERENCES], one, note=NOTE)
    folders = {variant: chosen.folder(variant, chosen.seeds[0]) for variant in GENERATORS}
    columns = []
    for name in ("photograph", "translation", "bowl"):
        columns.append((f"{name}: input", folders["ResNet"], f"{name}-input"))
        columns += [(variant, folder, f"{name}-output") for variant, folder in folders.items()]
    title = (
        f"Photographs given back, paintings translated, faces to bowls: {chosen.steps} steps, the first held-out rows"
    )
    trial.sheet(chosen, columns, title)
    return results


def overrides(generator: str, depth: int) -> dict[str, Any]:
    """A small CycleGAN with a generator of this name; those that have a bottleneck halve pictures `depth` times."""
    options = GENERATORS[generator] | ({} if generator == "ResNet" else {"depth": depth})
    return {**trial.SMALL_CYCLEGAN, "generator": options, "train.batch_size": 1}


def reconstructing(network: dict[str, Any]) -> dict[str, Any]:
    """The same generator as an autoencoder."""
    kept = {key: value for key, value in network.items() if not key.startswith("objective")}
    return {**kept, **RECONSTRUCTION, "train.batch_size": 4}


def halvings(size: int) -> int:
    """How often a side can be halved: down to a single pixel where it is a power of two, as published."""
    return (size & -size).bit_length() - 1


def given_back(made: Translated) -> dict[str, float]:
    """PSNR of reconstructions, of their detail, and the share of the detail that is right."""
    given, found = (saved_levels(batch).double() for batch in (made.source, made.fake))
    wanted, error = detail(given), detail(found) - detail(given)
    return {
        "reconstruction PSNR": decibels(found - given),
        "detail PSNR": decibels(error),
        "detail kept": 1 - float((error.square().sum((1, 2, 3)) / wanted.square().sum((1, 2, 3))).mean()),
    }


def detail(levels: Tensor) -> Tensor:
    """What a blur takes away: (N, C, H, W) float to the same shape."""
    return levels - vision.gaussian_blur(levels, [11, 11], [BLUR, BLUR])


def decibels(error: Tensor) -> float:
    """PSNR of an error in levels (N, C, H, W), mean over pictures; 100 dB where there is none, as `metrics.PSNR`."""
    return float((10 * torch.log10(255**2 / error.square().mean((1, 2, 3)))).clamp(max=100).mean())


def translation(made: Translated) -> dict[str, float]:
    """Distance to photographs and, where it is known, to the true one."""
    known = {} if made.truth is None else {"translation PSNR": PSNR()(made).value}
    return {"translation KID": KernelDistance(bootstraps=0)(made).value, **known}


def reshaped(made: Translated) -> dict[str, float]:
    """Distance to bowls, and whose edges the output has."""
    structure = StructureKept()
    return {
        "bowl KID": KernelDistance(bootstraps=0)(made).value,
        "face's edges": structure(made).value,
        "bowl's edges": structure(made._replace(source=trial.truth_of(made))).value,
    }


def reference(kind: str, chosen: trial.Settings, bowls: trial.Settings, seed: int) -> trial.Numbers:
    """What outputs that no network made would score, where that says something."""
    translate, change = (
        trial.translated(trial.loaded(each, seed, RECIPE, trial.SMALL_CYCLEGAN)) for each in (chosen, bowls)
    )
    if kind == COPY:
        translate, change = (made._replace(fake=made.source) for made in (translate, change))
        return {**translation(translate), **reshaped(change)}
    if kind == TRUTH:
        numbers = reshaped(change._replace(fake=trial.truth_of(change)))
        return {key: value for key, value in numbers.items() if "KID" not in key}  # they are the real bowls themselves
    taken = decibels(detail(saved_levels(translate.real).double()))
    return {"reconstruction PSNR": taken, "detail PSNR": taken, "detail kept": 0.0}


def memory(generator: str, depth: int, size: int) -> float:
    """`peak_memory` in a process of its own."""
    code = f"from experiments.generators import peak_memory; print(peak_memory({generator!r}, {depth}, {size}))"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])


def peak_memory(generator: str, depth: int, size: int) -> float:
    """MiB that two CycleGAN steps add to the process's peak."""
    few = trial.settings(
        "generators", None, steps=2, size=size, data="builtin:landscapes", quick_size=size, arguments=["--quick"]
    )
    with tempfile.TemporaryDirectory() as place:
        run = trial.loaded(few, 0, RECIPE, {**overrides(generator, depth), "train.precision": "float32"})
        before = trial.peak_memory()
        cyclekit.train(run, Path(place) / "run", device="cpu", callbacks=[])
        return trial.peak_memory() - before


if __name__ == "__main__":
    trial.as_script(main)
