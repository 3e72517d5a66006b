"""The layers of a Transformer against their formulas, one head and one position at a time."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.text.attention import (
    Attention,
    Cache,
    DecoderLayer,
    EncoderLayer,
    KeysValues,
    attended,
    check_width,
    positions,
)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slowly(asking, there, mask, causal):
    """Vaswani et al. 2017, equation 1, a position at a time; masked positions are left out of the sum."""
    found = torch.zeros(*asking.shape[:3], there.values.shape[3], dtype=asking.dtype)
    for row, head, place in torch.cartesian_prod(*map(torch.arange, asking.shape[:3])).tolist():
        seen = [
            other
            for other in range(there.keys.shape[2])
            if (not causal or other <= place) and (mask is None or mask[row, 0, 0, other])
        ]
        query = asking[row, head, place]
        weights = [math.exp(float(query @ there.keys[row, head, other]) / len(query) ** 0.5) for other in seen]
        for weight, other in zip(weights, seen):
            found[row, head, place] += weight / sum(weights) * there.values[row, head, other]
    return found


@given(st.integers(1, 4), st.integers(1, 5), st.booleans(), st.booleans(), st.integers(0, 1000))
@settings(max_examples=15)
def test_attention_is_the_formula_whatever_may_be_seen(asking, asked, masked, causal, seed):
    asking = asked if causal else asking
    there = KeysValues(drawn(2, 2, asked, 3, seed=seed), drawn(2, 2, asked, 3, seed=seed + 1))
    mask = None
    if masked:
        mask = torch.rand(2, 1, 1, asked, generator=torch.Generator().manual_seed(seed)) < 0.5
        mask[..., 0] = True
    query = drawn(2, 2, asking, 3, seed=seed + 2)
    torch.testing.assert_close(attended(query, there, mask, causal), slowly(query, there, mask, causal))


def test_on_a_processor_it_is_what_the_fused_kernel_gives_elsewhere():
    query, there = drawn(2, 2, 5, 4), KeysValues(drawn(2, 2, 5, 4, seed=1), drawn(2, 2, 5, 4, seed=2))
    mask = (torch.arange(5) < torch.tensor([[5], [2]]))[:, None, None]
    fused = torch.nn.functional.scaled_dot_product_attention
    torch.testing.assert_close(attended(query, there, mask, False), fused(query, *there, attn_mask=mask))
    torch.testing.assert_close(attended(query, there, None, True), fused(query, *there, is_causal=True))


def test_heads_are_apart():
    """What one head's part of the keys and values says reaches that head's part of the answer alone."""
    attention = Attention(8, 2).double()
    there = attention.looked_up(drawn(1, 4, 8))
    other = KeysValues(there.keys.clone(), there.values.clone())
    other.values[:, 1] += 1
    query = attention._heads(drawn(1, 3, 8, seed=1))
    difference = (attended(query, other, None, False) - attended(query, there, None, False))[0]
    torch.testing.assert_close(difference[0], torch.zeros(3, 4, dtype=torch.float64))
    torch.testing.assert_close(difference[1], torch.ones(3, 4, dtype=torch.float64))


def test_an_encoder_layer_knows_no_order_and_no_padding():
    layer = EncoderLayer(8, 2, 16, dropout=0.5).double().eval()
    state, order = drawn(2, 5, 8), torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(layer(state, None)[:, order], layer(state[:, order], None))
    mask = (torch.arange(5) < torch.tensor([[5], [3]]))[:, None, None]
    other = torch.where(mask[:, 0, 0, :, None], state, drawn(2, 5, 8, seed=9) * 100)
    for row, length in enumerate((5, 3)):
        torch.testing.assert_close(layer(other, mask)[row, :length], layer(state[row : row + 1, :length], None)[0])


def test_a_decoder_with_a_cache_writes_what_it_writes_all_at_once():
    layer = DecoderLayer(8, 2, 16, dropout=0.5).double().eval()
    state, memory = drawn(3, 6, 8), drawn(3, 4, 8, seed=1)
    mask = (torch.arange(4) < torch.tensor([[4], [2], [1]]))[:, None, None]
    source = layer.memorised(memory)
    at_once = layer(state, source, mask)
    cache = Cache(source)
    one_by_one = [layer(state[:, place : place + 1], source, mask, cache) for place in range(6)]
    torch.testing.assert_close(torch.cat(one_by_one, 1), at_once)
    assert cache.written.keys.shape == (3, 2, 6, 4)


def test_nothing_sees_what_comes_later():
    layer = DecoderLayer(8, 2, 16, dropout=0.0).double()
    state, source = drawn(1, 6, 8), layer.memorised(drawn(1, 4, 8, seed=1))
    changed = state.clone()
    changed[:, 4] += 1
    difference = (layer(changed, source, None) - layer(state, source, None)).abs().amax((0, 2))
    assert (difference[:4] == 0).all()
    assert (difference[4:] > 0).all()


def test_selected_rows_go_on_as_these_rows():
    cache = Cache(KeysValues(drawn(3, 2, 4, 5), drawn(3, 2, 4, 5, seed=1)))
    rows = torch.tensor([2, 0, 2])
    assert cache.select(rows).written is None
    cache.append(KeysValues(drawn(3, 2, 1, 5, seed=2), drawn(3, 2, 1, 5, seed=3)))
    kept = cache.select(rows)
    for whole, some in zip((*cache.memorised, *cache.written), (*kept.memorised, *kept.written)):
        assert torch.equal(whole[rows], some)
    kept.append(KeysValues(drawn(3, 2, 1, 5), drawn(3, 2, 1, 5)))
    assert cache.written.keys.shape[2] == 1  # the one it was taken from has not moved


@given(st.integers(0, 200), st.integers(0, 80), st.sampled_from([2, 6, 16]))
def test_positions_are_the_papers_sinusoids_wherever_they_begin(start, count, width):
    found = positions(start, start + count, width, torch.device("cpu"))
    assert found.shape == (count, width)
    for place, row in zip(range(start, start + count), found.tolist()):
        angles = [place / 10_000 ** (2 * (i // 2) / width) for i in range(width)]
        expected = [math.cos(angle) if i % 2 else math.sin(angle) for i, angle in enumerate(angles)]
        assert row == pytest.approx(expected, abs=2e-4)  # float32, at angles of hundreds


@pytest.mark.parametrize(("width", "heads"), [(6, 2), (8, 0), (0, 1), (8, -1), (7, 1)])
def test_widths_that_heads_cannot_share(width, heads):
    with pytest.raises(ValueError, match=f"^width {width} is not a multiple of 2 x {heads} heads, 1 or more$"):
        check_width(width, heads)
    check_width(8, 2)
