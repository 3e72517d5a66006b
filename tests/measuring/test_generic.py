"""Metrics of any modality, on pictures, on masked frames and on ids."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, concat
from cyclekit.measuring.generic import CopyDistance, CycleDistance, distances
from cyclekit.measuring.metric import Metric, MetricUnavailable, Translated

numbers = st.floats(-1, 1, width=32)


def masked(rows, inner=False):
    """Rows (1, T) of ids, or (1, T, 1) of frames."""
    batches = [Batch(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.bool)) for row in rows]
    return concat([batch._replace(data=batch.data[..., None]) if inner else batch for batch in batches])


@settings(max_examples=50)
@given(st.lists(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6), min_size=1, max_size=4), numbers)
def test_of_masked_rows_padding_counts_for_nothing(rows, padding):
    one, other = (masked([[pair[side] for pair in row] for row in rows], inner=True) for side in (0, 1))
    one = one._replace(data=torch.where(one.mask[..., None], one.data, padding))
    expected = [50 * sum(abs(first - second) for first, second in row) / len(row) for row in rows]
    assert distances(one, other).tolist() == pytest.approx(expected, abs=1e-4)


def test_pictures_at_the_ends_of_the_range_are_a_hundred_percent_apart():
    black, white = Batch(-torch.ones(2, 3, 4, 4)), Batch(torch.ones(2, 3, 4, 4))
    assert distances(black, white).tolist() == [100, 100]


def test_of_ids_the_share_that_is_in_no_common_run():
    assert distances(masked([[1, 2, 3], [7]]), masked([[1, 2, 3], [8]])).tolist() == [0, 100]
    (moved,) = distances(masked([[9, 1, 2, 3]]), masked([[1, 2, 3]])).tolist()
    assert moved == pytest.approx(100 / 7)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=4))
def test_a_copy_is_at_no_distance(rows):
    batch = masked(rows)
    told = Translated(batch, batch, batch, back=batch)
    assert CopyDistance()(told).value == CycleDistance()(told).value == 0


def test_the_fake_is_compared_with_the_source_and_so_is_the_way_back():
    source, fake, back = (Batch(torch.full((1, 1, 2, 2), value)) for value in (0.0, 1.0, 0.5))
    told = Translated(source, fake, fake, back=back)
    assert (CopyDistance()(told).value, CycleDistance()(told).value) == (50, 25)


def test_rows_that_cannot_be_compared_are_told_and_not_guessed():
    with pytest.raises(MetricUnavailable, match="rows of 1x2x2 and 3x2x2"):
        distances(Batch(torch.zeros(1, 1, 2, 2)), Batch(torch.zeros(1, 3, 2, 2)))
    with pytest.raises(MetricUnavailable, match="numbers on one side and ids"):
        distances(masked([[1]]), masked([[0.5]], inner=True))


def test_both_are_metrics_and_neither_needs_a_truth():
    for metric in (CopyDistance(), CycleDistance()):
        assert isinstance(metric, Metric)
        assert not metric.needs_truth
    assert CycleDistance.needs_back
    assert not CopyDistance.chooses
