"""FID itself, in Inception features, by the two tools it is published with. Only with their packages and weights here.

The same pictures score differently by each, since they are resized differently, so that each has its name (Parmar et
al. 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation"). Nothing is downloaded and nothing is
unpickled: weights are a file that lies here and has the published checksum. Without it there is no number, and never
another one under this name.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cyclekit.image.features import RememberedFeatures, chunks, exactly
from cyclekit.image.metrics.pictures import levels_in
from cyclekit.image.metrics.sets import frechet_measured, frechet_protocol
from cyclekit.measuring.metric import Better, Measured, MetricUnavailable, Translated
from cyclekit.registry import register

WIDTH = 2048
"""Features of one picture: the last pooling layer, called pool3."""

SIDE = 299


class Tool(NamedTuple):
    """A published way to Inception features."""

    package: str
    distribution: str
    """What pip calls the package."""
    weights: str
    """The name of the file with the weights."""
    sha256: str
    kept: Path
    """Where the tool itself keeps that file."""
    resized: str
    network: Callable[[Path], Callable[[Tensor], Tensor]]
    """The file with the weights to a function of pictures (n, 3, H, W) uint8 that gives features (n, 2048)."""


@dataclass
class InceptionDistance:
    """FID of fakes and real target pictures by one tool; fits `core.metric.Metric`.

    Frechet distance of two Gaussians in Inception-v3 features (Heusel et al. 2017, "GANs Trained by a Two Time-Scale
    Update Rule"), with the bias and the interval of `frechet`: 2048 dimensions and as many pictures or more, published
    with 50,000. Features are those of the tool's own network and resizing; the distance is computed by
    `frechet_distance`, which agrees with the tools' arithmetic.
    """

    name: str
    tool: Tool
    weights: str | None
    better: Better = "lower"
    needs_truth: bool = False

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "features": f"Inception-v3 of {self.tool.distribution}, pool3, {WIDTH}",
            "weights": f"{self.tool.weights}, SHA-256 {self.tool.sha256[:8]}...",
            "pictures": "8-bit levels",
            "input": self.tool.resized,
            **frechet_protocol(WIDTH),
        }

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: the package or the weights are not here, or fewer than two pictures in a set.
        """
        features = _features(self.tool, checked_weights(self.tool, self.weights))
        sets = []
        for batch in (translated.fake, translated.real):
            if batch.size < 2:
                raise MetricUnavailable(f"needs at least 2 pictures of each domain; got {batch.size}")
            levels = levels_in(batch)
            if (channels := levels[0].shape[1]) not in (1, 3):
                raise MetricUnavailable(f"needs pictures of 1 or 3 channels; these have {channels}")
            sets.append(features(levels).double())
        return frechet_measured(*sets)


@register("metric", "fid_legacy")
def fid_legacy(*, inception_weights: str | None = None) -> InceptionDistance:
    """FID as torch-fidelity computes it: pictures are resized inside the network, without antialiasing.

    Args:
        inception_weights: the file weights-inception-2015-12-05-6726825d.pth, or its folder; null: where torch-fidelity
            keeps it. Usually set for all metrics, as metrics.inception_weights.
    """
    return InceptionDistance("FID (Inception, legacy)", _torch_fidelity(), inception_weights)


@register("metric", "fid_clean")
def fid_clean(*, inception_weights: str | None = None) -> InceptionDistance:
    """FID as clean-fid computes it: pictures are resized by Pillow, bicubic with antialiasing, each channel in float.

    Args:
        inception_weights: the file inception-2015-12-05.pt, or its folder; null: where clean-fid keeps it. Usually set
            for all metrics, as metrics.inception_weights.
    """
    return InceptionDistance("FID (Inception, clean)", _clean_fid(), inception_weights)


def checked_weights(tool: Tool, given: str | None) -> Path:
    """The tool's weights, if the tool is installed and the file is the published one.

    Args:
        given: the file or a folder with it; None for where the tool keeps it.

    Raises:
        MetricUnavailable: one line that says what is missing.
    """
    if find_spec(tool.package) is None:
        raise MetricUnavailable(f"needs the package {tool.distribution}: pip install 'cyclekit[inception]'")
    place = tool.kept if given is None else Path(given).expanduser()
    path = place / tool.weights if place.is_dir() else place
    if not path.is_file():
        raise MetricUnavailable(
            f"needs the weights {tool.weights}, which are never downloaded, and {path} is no file: name the file or "
            "its folder: set metrics.inception_weights=PATH"
        )
    found = _sha256(path, path.stat().st_mtime_ns)
    if found != tool.sha256:
        raise MetricUnavailable(
            f"needs the weights {tool.weights} (SHA-256 {tool.sha256[:8]}...); {path} is another file ({found[:8]}...)"
        )
    return path


@cache
def _features(tool: Tool, weights: Path) -> RememberedFeatures:
    """Pictures (N, 1 or 3, H, W) uint8 to Inception features (N, 2048) float32 on the CPU."""
    try:
        network = tool.network(weights)
    except ImportError as error:
        raise MetricUnavailable(
            f"needs the package {tool.distribution}, which does not import ({error}): pip install 'cyclekit[inception]'"
        ) from error

    @torch.no_grad()
    def features(levels: Tensor) -> Tensor:
        with exactly(levels.device):
            return torch.cat([network(chunk.expand(-1, 3, -1, -1)).float().cpu() for chunk in chunks(levels)])

    return RememberedFeatures(features)


@cache
def _torch_fidelity() -> Tool:
    name = "weights-inception-2015-12-05-6726825d.pth"

    def network(weights: Path) -> Callable[[Tensor], Tensor]:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        # torch-fidelity would unpickle the file; it gets one made of the tensors in it and nothing else.
        tensors = io.BytesIO()
        torch.save(torch.load(weights, map_location="cpu", weights_only=True), tensors)
        tensors.seek(0)
        inception: Any = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], tensors)
        return lambda levels: inception.to(levels.device)(levels)[0]

    return Tool(
        package="torch_fidelity",
        distribution="torch-fidelity",
        weights=name,
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        kept=Path(torch.hub.get_dir()) / "checkpoints" / name,
        resized=f"{SIDE} x {SIDE}, bilinear as in TensorFlow 1, not antialiased",
        network=network,
    )


@cache
def _clean_fid() -> Tool:
    name = "inception-2015-12-05.pt"

    def network(weights: Path) -> Callable[[Tensor], Tensor]:
        from cleanfid.inception_torchscript import InceptionV3W
        from cleanfid.resize import build_resizer

        # A compiled network, not a pickle. clean-fid wants the folder, and the file under its published name.
        if weights.name != name:
            raise MetricUnavailable(f"needs the weights under their own name, {name}; {weights} has another")
        inception, resize = InceptionV3W(str(weights.parent), download=False), build_resizer("clean")

        def features(levels: Tensor) -> Tensor:
            pictures = [resize(picture.permute(1, 2, 0).cpu().numpy()) for picture in levels]
            shown = torch.stack([torch.from_numpy(picture).permute(2, 0, 1) for picture in pictures])
            return inception.to(levels.device)(shown.to(levels.device))

        return features

    return Tool(
        package="cleanfid",
        distribution="clean-fid",
        weights=name,
        sha256="f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4",
        kept=Path("." if sys.platform == "win32" else "/tmp") / name,
        resized=f"{SIDE} x {SIDE}, Pillow bicubic, antialiased, not rounded",
        network=network,
    )


@cache
def _sha256(path: Path, changed: int) -> str:
    """A file's checksum, once as long as the file does not change."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
