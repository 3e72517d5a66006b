"""What is told of a run on its way, and what a callback does that overrides nothing."""

from types import SimpleNamespace

import pytest
import torch

from cyclekit.core.budget import Budget
from cyclekit.training.state import Callback, Training


def training(precision="float32", **changes) -> Training:
    run = SimpleNamespace(sides={}, recipe=SimpleNamespace(train=SimpleNamespace(batch_size=3)))
    return Training(run, None, torch.device("cpu"), {}, 2400, 100, precision, **changes)


@pytest.mark.parametrize(
    ("precision", "dtype"), [("float32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_a_forward_pass_multiplies_in_the_precision_that_was_chosen(precision, dtype):
    with training(precision).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype
        assert torch.is_autocast_enabled("cpu") is (precision != "float32")
    assert not torch.is_autocast_enabled("cpu")


def test_items_and_epochs_are_counted():
    assert training().items == 6
    assert training(step=250).epoch == 2.5


def test_a_length_that_the_clock_may_change_is_about_that():
    assert training().length == "2,400"
    by_clock = training(budget=Budget(60.0))
    assert by_clock.length == "about 2,400"
    by_clock.step = 2400
    assert by_clock.length == "2,400"


def test_two_trainings_share_nothing_that_changes():
    one, other = training(), training()
    for name in ("scalers", "sketch", "changed", "memory", "notes", "terms"):
        assert getattr(one, name) is not getattr(other, name), name


def test_a_callback_that_overrides_nothing_asks_for_nothing():
    plain, of = Callback(), training()
    asked = [plain.started(of), plain.stepped(of), plain.mends(of, "x"), plain.went_back(of), plain.ended(of)]
    assert [*asked, plain.failed(of, ValueError())] == [None] * 6
