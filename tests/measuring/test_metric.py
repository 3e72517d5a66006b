"""The seam of measuring."""

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Measured, Metric, MetricUnavailable, PoolingMetric, Translated, averaged


class Brightness:
    """The least thing that fits the seam."""

    name = "brightness"
    better = "higher"
    needs_truth = False

    @property
    def protocol(self) -> dict[str, object]:
        return {"range": "[-1, 1]"}

    def __call__(self, translated: Translated) -> Measured:
        if translated.fake.size == 0:
            raise MetricUnavailable("needs pictures")
        return averaged(translated.fake.data.flatten(1).mean(1))


def test_a_plain_class_fits_the_protocol():
    assert isinstance(Brightness(), Metric)
    batch = Batch(torch.tensor([[0.0, 1.0], [1.0, 1.0]]))
    assert Brightness()(Translated(batch, batch, batch)).value == pytest.approx(0.75)


def test_only_what_pools_is_a_pooling_metric():
    class Pooling(Brightness):
        def pooled(self, directions):
            return averaged(torch.cat([one.fake.data.flatten(1).mean(1) for one in directions]))

    assert not isinstance(Brightness(), PoolingMetric)
    assert isinstance(Pooling(), PoolingMetric)


def test_truth_is_optional():
    batch = Batch(torch.zeros(1, 2))
    assert Translated(batch, batch, batch).truth is None


def test_the_spread_of_a_mean_is_what_a_bootstrap_finds():
    scores = torch.rand(60, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    drawn = torch.randint(60, (20_000, 60), generator=torch.Generator().manual_seed(1))
    measured = averaged(scores)
    assert measured.value == pytest.approx(float(scores.mean()))
    assert measured.spread == pytest.approx(float(scores[drawn].mean(1).std()), rel=0.03)


def test_one_row_has_a_value_and_no_spread():
    assert averaged(torch.tensor([3.0])) == Measured(3.0, None)
