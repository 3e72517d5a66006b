"""The arithmetic of distances against the tools they are published with, on the same features; nothing is downloaded.

torch-fidelity and torchmetrics are compared by their own functions of features. Neither is needed to use cyclekit.
"""

import pytest
import torch

from cyclekit.image.metrics import frechet_distance, kernel_distance
from cyclekit.image.metrics.neighbours import Distances
from tests.image.textures import normal


def features(n, m, width):
    """Two sets like features of networks: not negative, of different means, correlated."""
    mixed = normal(width, width, 7) / width**0.5
    return ((normal(n, width, 0) @ mixed).relu() * 1.3 + 0.1, (normal(m, width, 1) @ mixed + 0.2).relu())


@pytest.fixture
def fidelity():
    return pytest.importorskip("torch_fidelity", reason="torch-fidelity is a reference for KID, FD, and precision")


def test_kid_is_torch_fidelitys(fidelity):
    from torch_fidelity.metric_kid import kid_features_to_metric

    fake, real = features(60, 60, 32)
    # One subset of all rows: their mean over subsets is the full estimate.
    theirs = kid_features_to_metric(fake, real, kid_subsets=1, kid_subset_size=60, verbose=False)
    assert float(kernel_distance(fake, real)) == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)


def test_kid_is_torchmetrics():
    kid = pytest.importorskip("torchmetrics.image.kid", reason="torchmetrics is a reference for KID")
    fake, real = features(50, 50, 32)
    assert float(kernel_distance(fake, real)) == pytest.approx(float(kid.poly_mmd(real, fake)), rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(200, 150), (20, 30)])
def test_frechet_is_torch_fidelitys(n, m, fidelity):
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    sets = features(n, m, 32)
    theirs = fid_statistics_to_metric(*map(fid_features_to_statistics, sets), verbose=False)
    # Their root of a singular product, with fewer rows than dimensions, is good to some digits only.
    rel = 1e-8 if n > 32 else 1e-5
    assert frechet_distance(*sets) == pytest.approx(theirs["frechet_inception_distance"], rel=rel)


def test_frechet_is_torchmetrics():
    fid = pytest.importorskip("torchmetrics.image.fid", reason="torchmetrics is a reference for FD")
    sets = features(200, 150, 32)
    theirs = fid._compute_fid(*(part for rows in sets for part in (rows.mean(0), torch.cov(rows.T))))
    assert frechet_distance(*sets) == pytest.approx(float(theirs), rel=1e-8)


@pytest.mark.parametrize("k", [3, 5])
def test_precision_and_recall_are_torch_fidelitys(k, fidelity):
    from torch_fidelity.metric_prc import prc_features_to_metric

    fake, real = features(80, 70, 16)
    options = {"prc_neighborhood": k, "prc_batch_size": 1000, "save_cpu_ram": False, "verbose": False}
    theirs = prc_features_to_metric(fake, real, **options)
    counts = torch.ones(1, 80).double(), torch.ones(1, 70).double()
    found = Distances(fake, real, k).numbers(*counts)
    assert 0.1 < float(found.precision) < 1
    assert float(found.precision) == pytest.approx(theirs["precision"], abs=1e-6)
    assert float(found.recall) == pytest.approx(theirs["recall"], abs=1e-6)
