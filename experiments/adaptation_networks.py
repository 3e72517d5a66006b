"""The networks that claim 7 adapts: a segmenter and a classifier, how they learn, and what their answers score."""

from __future__ import annotations

import statistics
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.builtin.worlds import streets
from experiments.adaptation_data import Examples
from experiments.trial import Numbers

CLASS_NAMES = [name for name, _ in streets.CLASSES]


class Segmenter(nn.Module):
    """A small U-Net (Ronneberger et al. 2015): (B, 3, H, W) in [-1, 1] to (B, classes, H, W) scores."""

    def __init__(self, classes: int, width: int = 16) -> None:
        super().__init__()
        self.fine, self.middle, self.coarse = layers(3, width), layers(width, 2 * width), layers(2 * width, 4 * width)
        self.bottom = layers(4 * width, 4 * width)
        self.up_coarse, self.up_middle = layers(8 * width, 2 * width), layers(4 * width, width)
        self.up_fine = layers(2 * width, width)
        self.scores = nn.Conv2d(width, classes, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        fine = self.fine(pictures)
        middle = self.middle(F.max_pool2d(fine, 2))
        coarse = self.coarse(F.max_pool2d(middle, 2))
        features = self.bottom(F.max_pool2d(coarse, 2))
        for layer, skipped in ((self.up_coarse, coarse), (self.up_middle, middle), (self.up_fine, fine)):
            features = layer(torch.cat([F.interpolate(features, scale_factor=2.0), skipped], 1))
        scores: Tensor = self.scores(features)
        return scores


class Classifier(nn.Module):
    """A small convolutional network: (B, C, H, W) in [-1, 1] to (B, classes) scores."""

    def __init__(self, channels: int, classes: int, width: int = 24) -> None:
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        blocks = [nn.Sequential(layers(ins, outs), nn.MaxPool2d(2)) for ins, outs in pairwise(widths)]
        self.features = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3))
        self.scores = nn.Linear(16 * widths[-1], classes)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.features(pictures))
        return scores


def layers(ins: int, outs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(ins, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs), nn.ReLU(),
        nn.Conv2d(outs, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs), nn.ReLU(),
    )  # fmt: skip


def encoded(pictures: np.ndarray) -> Tensor:
    """uint8 (N, H, W, 3) or (N, H, W) to (N, C, H, W) in [-1, 1]."""
    planes = torch.from_numpy(pictures).float() / 127.5 - 1
    return planes[:, None] if pictures.ndim == 3 else planes.permute(0, 3, 1, 2).contiguous()


def taught(examples: Examples, classes: int, steps: int, seed: int) -> nn.Module:
    """A fresh network that learned from the examples: AdamW, batches of 16, colour pictures mirrored half of the time.

    Classes of pixels weigh 1 / sqrt(their share), or a few hundred steps would not see the posts and people.
    """
    torch.manual_seed(seed)
    pictures, labels = encoded(examples.pictures), torch.from_numpy(examples.labels)
    dense, channels = labels.ndim == 3, pictures.shape[1]
    share = torch.bincount(labels.flatten(), minlength=classes).clamp(min=1) / labels.numel()
    weight = share**-0.5 if dense else None
    network = Segmenter(classes) if dense else Classifier(channels, classes)
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(len(pictures), (16,))
        seen, wanted = pictures[rows], labels[rows]
        if channels == 3 and torch.rand(()) < 0.5:  # a mirrored digit is none
            seen, wanted = seen.flip(-1), wanted.flip(-1) if dense else wanted
        optimizer.zero_grad()
        F.cross_entropy(network(seen), wanted, weight).backward()
        optimizer.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def answers(network: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """The network's class ids: (N,) or (N, H, W)."""
    return torch.cat([network(rows).argmax(1) for rows in encoded(pictures).split(50)]).numpy()


def scores(found: np.ndarray, truth: np.ndarray) -> Numbers:
    """Accuracy in percent for labelled pictures; for labelled pixels intersection over union, all pictures pooled.

    The mean is over the classes that occur in the truth.
    """
    if truth.ndim == 1:
        return {"accuracy": 100 * float((found == truth).mean())}
    ious = {}
    for number, name in enumerate(CLASS_NAMES):
        if (truth == number).any():
            both, either = (found == number) & (truth == number), (found == number) | (truth == number)
            ious[name] = 100 * float(both.sum() / either.sum())
    return {"mean IoU": statistics.fmean(ious.values()), **ious}
