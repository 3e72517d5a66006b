"""Pictures of the built-in worlds with their true translations, and what the checks find in them."""

import functools
import importlib

import torch

from cyclekit.core.batch import Batch
from cyclekit.measuring.health import Translating, ask
from cyclekit.measuring.metric import Translated
from cyclekit.registry import build

CHECKS = ("unchanged", "mode_collapse", "inversion", "checkerboard", "identity_drift", "steganography", "crushed")


ITEMS, SIZE = 12, 64


@functools.cache
def look_of(world, look, first=0):
    """Scenes `first`, `first` + 1, ... of a world: (ITEMS, 3, SIZE, SIZE) in [-1, 1]."""
    module = importlib.import_module(f"cyclekit.builtin.worlds.{world}")
    scenes = [module.render(look, 0, first + number, SIZE) for number in range(ITEMS)]
    coloured = [scene if scene.ndim == 3 else module.coloured(scene) for scene in scenes]
    pictures = torch.stack([torch.tensor(scene).permute(2, 0, 1) for scene in coloured])
    return pictures.float() / 127.5 - 1


def summers():
    return look_of("landscapes", "summer"), look_of("landscapes", "winter"), look_of("landscapes", "winter", ITEMS)


def paintings():
    return (
        look_of("landscapes", "painting"),
        look_of("landscapes", "photograph"),
        look_of("landscapes", "photograph", ITEMS),
    )


def translated(source, fake, real, back=None):
    return Translated(*map(Batch, (source, fake, real)), None, None, "b", None if back is None else Batch(back))


SAME = Translating(lambda rows: rows, lambda rows: rows, True)


def findings(shown, generators=SAME):
    found = {name: ask(build("health", name), shown, generators) for name in CHECKS}
    assert all(line is None or "\n" not in line for line in found.values())
    return {name: line for name, line in found.items() if line is not None}
