from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor, nn

from cyclekit.image.importing.resnet import resnet_layers
from cyclekit.image.resnet import ResNetGenerator
from tests.image.importing.states import COLOUR, as_in_the_file


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("weights") / "latest_net_G.pth"


@pytest.fixture
def network() -> nn.Module:
    return ResNetGenerator(COLOUR, COLOUR, width=2, blocks=1)


@pytest.fixture
def state(network) -> dict[str, Tensor]:
    return as_in_the_file(network, list(resnet_layers(1, 2, dropout=False)))
