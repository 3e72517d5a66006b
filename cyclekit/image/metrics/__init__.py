"""Metrics of pictures, a file a family: distances between sets, to a truth, to the source. Importing registers them.

All of them read pictures as the 8-bit levels that `translate` would write, so that a number measured in memory is the
number of the saved files.
"""

from cyclekit.image.metrics.inception import InceptionDistance
from cyclekit.image.metrics.neighbours import NeighbourMetric
from cyclekit.image.metrics.pictures import features_of, levels_in, luma, saved_levels
from cyclekit.image.metrics.sets import FrechetDistance, KernelDistance, frechet_distance, kernel_distance
from cyclekit.image.metrics.source import CycleError, SelfSimilarity, StructureKept
from cyclekit.image.metrics.texture import TextureDistance
from cyclekit.image.metrics.truth import IDENTICAL_PSNR, PSNR, SSIM, PerceptualDistance

__all__ = [
    "IDENTICAL_PSNR",
    "PSNR",
    "SSIM",
    "CycleError",
    "FrechetDistance",
    "InceptionDistance",
    "KernelDistance",
    "NeighbourMetric",
    "PerceptualDistance",
    "SelfSimilarity",
    "StructureKept",
    "TextureDistance",
    "features_of",
    "frechet_distance",
    "kernel_distance",
    "levels_in",
    "luma",
    "saved_levels",
]
