import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, stackable
from cyclekit.core.rows import PIXELS, in_batches, in_chunks, through

CPU = torch.device("cpu")


def sentence(length, word=0):
    """A row whose every token is `word`."""
    return Batch(torch.full((1, length), word), torch.ones(1, length, dtype=torch.bool))


def soft(length):
    return Batch(torch.zeros(1, length, 3), torch.ones(1, length, dtype=torch.bool))


def picture(height, channels=1):
    return Batch(torch.zeros(1, channels, height, 2))


pictures = st.builds(picture, st.integers(1, 3), st.sampled_from([1, 3]))
texts = st.one_of(st.builds(sentence, st.integers(1, 9)), st.builds(soft, st.integers(1, 9)))
either = st.one_of(st.lists(pictures, max_size=25), st.lists(texts, max_size=25))
sizes = st.integers(1, 9)


def walked(rows, size):
    """What came back when every row was asked for its place, the places of each batch, and what was told when."""
    batches, told = [], []

    def make(batch, places):
        batches.append(list(places))
        assert batch.size == len(places)
        for row, place in zip(batch.rows(), places):
            assert torch.equal(row.data, rows[place].data)
        return places

    return in_batches(rows, make, size, told.append), batches, told


@given(either, sizes)
def test_every_row_is_taken_once_and_its_result_is_at_its_place(rows, size):
    made, batches, _ = walked(rows, size)
    assert made == list(range(len(rows)))
    assert sorted(place for places in batches for place in places) == made


@given(either, sizes)
def test_a_batch_has_at_most_so_many_rows_and_all_of_them_stack(rows, size):
    for places in walked(rows, size)[1]:
        assert 1 <= len(places) <= size
        assert all(stackable(rows[one], rows[other]) for one in places for other in places)


@given(either, sizes)
def test_progress_is_told_after_every_batch_up_to_the_last_row(rows, size):
    _, batches, told = walked(rows, size)
    assert told == [sum(map(len, batches[: count + 1])) for count in range(len(batches))]
    assert told[-1:] == ([len(rows)] if rows else [])


@given(st.lists(st.integers(1, 9), max_size=25), sizes)
def test_sentences_are_taken_by_length_the_shortest_first_and_fill_their_batches(lengths, size):
    batches = walked([sentence(length) for length in lengths], size)[1]
    assert [lengths[place] for places in batches for place in places] == sorted(lengths)
    assert [len(places) for places in batches[:-1]] == [size] * (len(batches) - 1)


@given(st.lists(pictures, max_size=25), sizes)
def test_pictures_are_taken_as_they_come(rows, size):
    assert [place for places in walked(rows, size)[1] for place in places] == list(range(len(rows)))


def test_a_result_too_few_is_an_error_and_not_a_row_without_one():
    with pytest.raises(ValueError, match="shorter"):
        in_batches([picture(2)] * 3, lambda batch, places: places[1:], 8)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=25), sizes)
def test_through_a_network_rows_keep_their_order_and_length_and_lose_graph_and_logits(lengths, size):
    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vocabulary = torch.nn.Parameter(torch.zeros(5))

        def forward(self, batch):
            return Batch(batch.data + 100, batch.mask, batch.data[..., None] + self.vocabulary)

    made = through(Network(), [sentence(length, word) for word, length in enumerate(lengths)], CPU, size)
    assert [row.data.tolist() for row in made] == [[[100 + word] * length] for word, length in enumerate(lengths)]
    assert all(bool(row.mask.all()) and row.logits is None for row in made)


def test_through_a_network_no_graph_is_built():
    layer, graphs = torch.nn.Conv2d(1, 1, 1), []

    def network(batch):
        fake = layer(batch.data)
        graphs.append(fake.requires_grad)
        return Batch(fake)

    assert [row.data.shape for row in through(network, [picture(2), picture(3)], CPU, 8)] == [
        (1, 1, 2, 2),
        (1, 1, 3, 2),
    ]
    assert graphs == [False, False]


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), min_size=1, max_size=12), st.integers(1, 9))
def test_large_pictures_share_a_batch_only_up_to_so_many_pixels(shapes, size):
    rows = [Batch(torch.zeros(1).expand(1, 1, *shape)) for shape in shapes for _ in range(3)]
    for chunk in in_chunks(((row, None) for row in rows), size):
        data = [row.data for row, _ in chunk]
        assert len(data) <= size
        assert len(data) == 1 or sum(each[0, 0].numel() for each in data) <= PIXELS
        assert len({each.shape for each in data}) == 1


@given(st.lists(st.one_of(st.none(), st.tuples(pictures, st.integers())), max_size=25), sizes)
def test_chunks_hold_everything_in_order_and_what_is_missing_apart(prepared, size):
    chunks = list(in_chunks(prepared, size))
    assert [id(each) for chunk in chunks for each in chunk] == [id(each) for each in prepared]
    assert all(chunk == [None] or None not in chunk for chunk in chunks)


@given(st.lists(st.integers(1, 9), max_size=60), st.integers(1, 5), st.integers(2, 4))
def test_chunks_of_many_batches_are_as_long_as_these_together(lengths, size, ahead):
    chunks = list(in_chunks(((sentence(length), None) for length in lengths), size, ahead))
    assert [row.data.shape[1] for chunk in chunks for row, _ in chunk] == lengths
    assert all(len(chunk) == size * ahead for chunk in chunks[:-1])
