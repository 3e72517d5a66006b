"""Networks of vectors and rows for them: what objectives are tried on."""

import pytest
import torch
from torch import nn

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Networks
from tests.core.toys import Toy


@pytest.fixture
def networks():
    torch.manual_seed(0)
    return Networks(
        Pair(Toy(), Toy()), Pair(nn.ModuleList([Toy(outputs=1)]), nn.ModuleList([Toy(outputs=1), Toy(outputs=1)]))
    )


@pytest.fixture
def real():
    torch.manual_seed(1)
    return Pair(Batch(torch.rand(3, 4, dtype=torch.float64)), Batch(torch.rand(3, 4, dtype=torch.float64)))
