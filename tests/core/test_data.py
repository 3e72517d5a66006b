"""The order of samples as properties, the loader against it, and the choice of a source."""

from __future__ import annotations

import pickle
from itertools import islice
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.data import Key, SourceMissing, batches, choose_source, loader, steps_per_epoch
from cyclekit.registry import RecipeError

size = st.integers(1, 40)
seeds = st.integers(0, 2**40)
batch_sizes = st.integers(1, 12)


def take(count, *arguments, **options):
    return list(islice(batches(*arguments, **options), count))


@given(size, size, batch_sizes, seeds, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_an_epoch_covers_a_and_stays_in_bounds(size_a, size_b, batch_size, seed, epoch):
    sizes = Pair(size_a, size_b)
    steps = steps_per_epoch(sizes, batch_size)
    keys = take(steps, sizes, batch_size, seed, start=epoch * steps)
    rows = [key for batch in keys for key in batch]
    assert all(len(batch) == batch_size for batch in keys)
    assert {key.index_a for key in rows} == set(range(size_a))
    assert {key.index_b for key in rows} <= set(range(size_b))
    counts = [sum(key.index_a == i for key in rows[: max(sizes)]) for i in range(size_a)]
    assert max(counts) - min(counts) <= 1


@given(size, size, batch_sizes, seeds, st.integers(0, 90))
@settings(max_examples=60, deadline=None)
def test_resumed_at_k_is_the_stream_from_k(size_a, size_b, batch_size, seed, k):
    sizes = Pair(size_a, size_b)
    assert take(3, sizes, batch_size, seed, start=k) == take(k + 3, sizes, batch_size, seed)[k:]


@given(size, size, st.integers(1, 4), st.integers(1, 4), seeds, st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_shards_partition_the_global_batch(size_a, size_b, share, world, seed, start):
    sizes, batch_size = Pair(size_a, size_b), share * world
    whole = take(4, sizes, batch_size, seed, start=start)
    shards = [take(4, sizes, batch_size, seed, start=start, rank=rank, world=world) for rank in range(world)]
    assert [[key for part in parts for key in part] for parts in zip(*shards)] == whole


@given(size, batch_sizes, seeds)
@settings(max_examples=30, deadline=None)
def test_aligned_rows_come_together(size_both, batch_size, seed):
    for batch in take(6, Pair(size_both, size_both), batch_size, seed, aligned=True):
        assert all(key.index_a == key.index_b for key in batch)


def test_orders_differ_between_epochs_and_seeds_and_augmentations_never_repeat():
    first, second = take(20, Pair(10, 10), 1, 0)[:10], take(20, Pair(10, 10), 1, 0)[10:]
    assert [b[0].index_a for b in first] != [b[0].index_a for b in second]
    assert take(10, Pair(10, 10), 1, 0) != take(10, Pair(10, 10), 1, 1)
    drawn = [key.seed for batch in take(200, Pair(10, 10), 1, 0) for key in batch]
    assert len(set(drawn)) == len(drawn)


def test_the_order_is_pinned():
    """A changed order would silently change what a resumed run sees: change this only knowingly."""
    assert take(1, Pair(5, 7), 3, seed=1) == [
        [Key(1, 5, 3055850094944498234), Key(3, 3, 355298338829803579), Key(4, 5, 4604981428379591231)]
    ]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((Pair(0, 3), 1, 0), {}, "both domains need rows, got 0 and 3"),
        ((Pair(2, 3), 1, 0), {"aligned": True}, "as many rows each, got 2 and 3"),
        ((Pair(2, 3), 3, 0), {"world": 2}, "a batch of 3 cannot be shared by 2 processes: choose a multiple of 2"),
        ((Pair(2, 3), 0, 0), {}, "a batch of 0"),
    ],
)
def test_refusals(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        take(1, *arguments, **options)


class Numbers:
    """Data whose rows are their own keys."""

    lengths = None
    codecs = Pair(None, None)
    aligned = False
    description = "numbers"
    sizes = Pair(7, 5)

    def training_pair(self, index_a, index_b, seed):
        rows = Pair(torch.tensor([[index_a, seed]]), torch.tensor([[index_b, seed]]))
        return rows.map(Batch)

    def held_out(self, domain):
        return []


def drawn_by(workers, start=0, count=9, **options):
    stream = iter(loader(Numbers(), 4, seed=3, start=start, workers=workers, **options))
    return [torch.cat([pair.a.data, pair.b.data], 1).tolist() for pair in islice(stream, count)]


def test_the_loader_gives_the_same_for_any_number_of_workers_and_resumes():
    expected = [
        [[key.index_a, key.seed, key.index_b, key.seed] for key in batch] for batch in take(9, Numbers.sizes, 4, 3)
    ]
    assert drawn_by(0) == expected
    assert drawn_by(2) == expected
    assert drawn_by(1, start=5, count=4) == expected[5:]
    assert drawn_by(0, rank=1, world=2) == [batch[2:] for batch in expected]


def test_loading_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    drawn_by(0)
    drawn_by(1, count=1)
    assert torch.equal(before, torch.get_rng_state())


def test_the_loader_refuses_in_the_users_words():
    with pytest.raises(RecipeError, match=r"^data: a batch of 3 cannot be shared by 2 processes"):
        loader(Numbers(), 3, seed=0, world=2)


def test_keys_travel_to_workers():
    assert pickle.loads(pickle.dumps(Key(1, 2, 3))) == Key(1, 2, 3)


def opening(there, broken=()):
    def open_one(source):
        if source in broken:
            raise RecipeError(f"{source}: broken")
        if source not in there:
            raise SourceMissing("no such folder")
        return f"opened {source}"

    return open_one


def test_the_first_source_that_is_there_is_taken():
    chosen = choose_source(["x", "y", "z"], opening({"y", "z"}))
    assert chosen == ("opened y", "y", [("x", "no such folder")])


def test_a_broken_source_is_an_error_not_passed_over():
    with pytest.raises(RecipeError, match="x: broken"):
        choose_source(["x", "y"], opening({"y"}, broken={"x"}))


def test_no_source_at_all():
    with pytest.raises(RecipeError) as error:
        choose_source(["x", {"a": "p", "b": "q"}], missing)
    assert str(error.value) == (
        "data.sources: none is there: x (gone); a: p, b: q (gone); name one that is, as in data=PATH or "
        "data=builtin:NAME"
    )
    with pytest.raises(RecipeError, match=r"data\.sources: is empty; list at least one folder"):
        choose_source([], opening(set()))


def missing(source):
    raise SourceMissing("gone")


# --- batches of like length ---


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.integers(0, 5), st.randoms())
def test_bucketed_batches_are_the_same_rows_in_another_order(count_a, count_b, batch_size, seed, random):
    lengths = Pair([random.randint(2, 30) for _ in range(count_a)], [random.randint(2, 30) for _ in range(count_b)])
    sizes = Pair(count_a, count_b)
    steps = steps_per_epoch(sizes, batch_size)

    def epoch(lengths):
        keys = [key for batch in islice(batches(sizes, batch_size, seed, lengths=lengths), steps) for key in batch]
        return (
            sorted(key.index_a for key in keys),
            sorted(key.index_b for key in keys),
            sorted(key.seed for key in keys),
        )

    assert epoch(lengths) == epoch(None)


def test_bucketed_batches_hold_rows_of_like_length():
    random = Random(0)
    lengths = Pair([random.randint(2, 30) for _ in range(4000)], [random.randint(2, 30) for _ in range(3000)])

    def spread(lengths_used):
        found = islice(batches(Pair(4000, 3000), 32, 0, lengths=lengths_used), 100)
        rows = [[lengths.a[key.index_a] for key in batch] for batch in found]
        return sum(max(row) - min(row) for row in rows) / len(rows)

    assert spread(lengths) < 0.2 * spread(None)


def test_a_resumed_stream_of_buckets_goes_on_exactly():
    lengths = Pair([3, 9, 4, 8, 5, 7, 6], [2, 5, 3])
    through = list(islice(batches(Pair(7, 3), 2, 1, lengths=lengths), 12))
    assert list(islice(batches(Pair(7, 3), 2, 1, start=5, lengths=lengths), 7)) == through[5:]


def test_aligned_rows_stay_together_in_buckets():
    lengths = Pair([3, 9, 4, 8, 5], [30, 2, 17, 4, 9])
    for batch in islice(batches(Pair(5, 5), 2, 1, aligned=True, lengths=lengths), 9):
        assert all(key.index_a == key.index_b for key in batch)
