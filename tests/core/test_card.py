"""Whether something is done as on a card: by where a tensor is, or within what stands in for one."""

import threading

import pytest
import torch

from cyclekit.core.card import on_card, standing_in

HERE = torch.zeros(1)


def test_only_within_what_stands_in_for_a_card_is_a_tensor_on_one():
    assert not on_card(HERE)
    with standing_in():
        assert on_card(HERE)
        with standing_in(False):
            assert not on_card(HERE)
        assert on_card(HERE)
    assert not on_card(HERE)


def test_an_error_within_ends_it_too():
    with pytest.raises(KeyError), standing_in():
        raise KeyError
    assert not on_card(HERE)


def test_what_stands_in_for_a_card_does_so_for_its_own_thread():
    found = []
    with standing_in():
        thread = threading.Thread(target=lambda: found.append(on_card(HERE)))
        thread.start()
        thread.join()
    assert found == [False]
