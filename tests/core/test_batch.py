import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair, Product, collate, concat, scaled_gradient, split, stackable

lengths = st.lists(st.integers(1, 7), min_size=1, max_size=4)


def sentences(rows):
    """Token rows of the given lengths, padded with 0 to the longest."""
    longest = max(rows)
    data = torch.zeros(len(rows), longest, dtype=torch.int64)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for row, length in enumerate(rows):
        data[row, :length] = torch.arange(1, length + 1)
        mask[row, :length] = True
    return Batch(data, mask)


def equal(one, other):
    return all((a is None and b is None) or torch.equal(a, b) for a, b in zip(one, other))


@given(st.lists(lengths, min_size=1, max_size=4))
def test_split_undoes_concat(groups):
    batches = [sentences(rows) for rows in groups]
    stacked = concat(batches)
    assert stacked.size == sum(map(len, groups))
    assert all(equal(one, other) for one, other in zip(batches, split(stacked, [len(rows) for rows in groups])))


@given(lengths)
def test_rows_are_cut_to_their_own_length(rows):
    assert [row.data.shape[1] for row in sentences(rows).rows()] == rows


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_pictures_stack_without_a_mask(sizes):
    batches = [Batch(torch.rand(size, 3, 4, 5)) for size in sizes]
    assert all(equal(one, other) for one, other in zip(batches, split(concat(batches), sizes)))


def test_pictures_of_different_sizes_do_not_stack():
    small, large = Batch(torch.rand(1, 3, 4, 4)), Batch(torch.rand(1, 3, 8, 8))
    assert not stackable(small, large)
    with pytest.raises(ValueError, match="only masked rows may differ"):
        concat([small, large])


def test_ids_and_one_hots_do_not_stack_but_two_precisions_do():
    mask = torch.ones(1, 4, dtype=torch.bool)
    ids, one_hots = Batch(torch.zeros(1, 4, dtype=torch.int64), mask), Batch(torch.zeros(1, 4, 9), mask)
    assert not stackable(ids, one_hots)
    half = Batch(torch.rand(2, 3, 4, 4).bfloat16())
    assert stackable(half, Batch(torch.rand(1, 3, 4, 4)))
    assert concat([half, Batch(torch.rand(1, 3, 4, 4))]).data.dtype == torch.float32


def test_logits_of_real_tokens_are_kept_only_if_all_have_them():
    with_logits = sentences([2])._replace(logits=torch.rand(2, 5))
    longer = sentences([4])._replace(logits=torch.rand(4, 5))
    both = concat([with_logits, longer])
    assert torch.equal(both.logits, torch.cat([with_logits.logits, longer.logits]))
    assert torch.equal(both.real(both.data), torch.cat([with_logits.data[0], longer.data[0]]))
    assert concat([with_logits, sentences([4])]).logits is None


def test_real_places_are_all_where_nothing_is_padded():
    batch = Batch(torch.arange(6).view(2, 3))
    assert batch.real(batch.data).tolist() == [0, 1, 2, 3, 4, 5]
    masked = batch._replace(mask=torch.tensor([[True, True, False], [True, False, False]]))
    assert masked.real(batch.data).tolist() == [0, 1, 3]
    assert masked.real(torch.ones(2, 3, 7)).shape == (3, 7)


def test_a_product_is_mapped_by_its_state():
    product = Product(torch.randn(3, 4), torch.randn(9, 4))
    doubled = sentences([3])._replace(logits=product).map(lambda tensor: tensor * 2).logits
    assert torch.equal(doubled.state, product.state * 2)
    assert torch.equal(doubled.weight, product.weight)
    torch.testing.assert_close(product.multiplied(), product.state @ product.weight.T)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.sets(st.integers(1, 15), max_size=4))
def test_collated_rows_get_the_shortest_length_that_holds_them(own, lengths):
    rows = [Batch(torch.full((1, n), 7), torch.ones(1, n, dtype=torch.bool)) for n in own]
    pictures = Batch(torch.zeros(1, 3, 2, 2))
    made = collate([Pair(row, pictures) for row in rows], sorted(lengths))
    assert made.a.data.shape[1] == min((n for n in lengths if n >= max(own)), default=max(own))
    assert made.a.mask.sum(1).tolist() == own
    assert made.a.data.sum(1).tolist() == [7 * n for n in own]
    assert made.b.data.shape == (len(own), 3, 2, 2)


def test_collate_keeps_the_domains_apart():
    pairs = [Pair(sentences([n]), Batch(torch.full((1, 1, 2, 2), float(n)))) for n in (1, 3)]
    collated = collate(pairs)
    assert collated.a.mask.sum(1).tolist() == [1, 3]
    assert collated.b.data[:, 0, 0, 0].tolist() == [1.0, 3.0]


def test_size_is_rows_and_detach_drops_the_graph():
    batch = Batch(torch.rand(3, 1, 2, 2, requires_grad=True))
    assert batch.size == 3
    assert not batch.detach().data.requires_grad


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_scaled_gradient_keeps_the_values(share):
    logits = torch.randn(6, 4, requires_grad=True)
    batch = Batch(logits.argmax(1).view(2, 3), torch.ones(2, 3, dtype=torch.bool), logits)
    scaled = scaled_gradient(batch, share)
    assert torch.equal(scaled.data, batch.data)
    if share == 0:
        assert scaled.logits is None
        return
    torch.testing.assert_close(scaled.logits, logits)
    scaled.logits.sum().backward()
    torch.testing.assert_close(logits.grad, torch.full_like(logits, share))


def test_detached_sentences_carry_no_logits():
    batch = Batch(torch.ones(1, 2, dtype=torch.int64), None, torch.randn(1, 2, 3, requires_grad=True))
    assert batch.detach().logits is None
