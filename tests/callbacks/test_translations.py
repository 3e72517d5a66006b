"""Items translated while a run trains: once for all who look, and training notices nothing of it."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from cyclekit.callbacks.translations import StepTranslations, direction_name, stacking, translating
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import HeldOut


class Adds(nn.Module):
    """A generator that adds a number, and a little at random where it trains."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number, self.calls = nn.Parameter(torch.tensor(number)), 0

    def forward(self, source, target=None):
        self.calls += 1
        return Batch(source.data + self.number + (torch.rand(()) if self.training else 0))


def item(*values: float) -> HeldOut:
    return HeldOut("name", Batch(torch.tensor([values])))


@pytest.fixture
def run():
    generators = Pair(Adds(-10.0), Adds(1.0))

    @contextmanager
    def used():
        for generator in generators:
            if generator is not None:
                generator.eval()
        yield run.generators
        for generator in generators:
            if generator is not None:
                generator.train()

    run = SimpleNamespace(
        generators=generators, translating=used, together=2, directions=[("a", "b"), ("b", "a")],
        display={"a": "monet", "b": "photo"}.get, data="the data", objective=SimpleNamespace(identity=5.0),
    )  # fmt: skip
    return run


ROWS = {"a": [item(1.0, 2.0), item(3.0, 4.0), item(5.0, 6.0)], "b": [item(7.0, 8.0)]}


def training(run, step=1):
    return SimpleNamespace(run=run, step=step, device=torch.device("cpu"))


def test_both_directions_are_translated_as_they_are_used_and_back(run):
    found = StepTranslations().of(training(run), ROWS, validation=True)
    assert list(found) == ["monet -> photo", "photo -> monet"]
    there, back = found.values()
    assert there.source.data.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert there.fake.data.tolist() == [[2, 3], [4, 5], [6, 7]]
    assert there.back.data.tolist() == [[-8, -7], [-6, -5], [-4, -3]]
    assert (there.real.data.tolist(), there.target, there.data, there.truth) == ([[7, 8]], "b", "the data", None)
    assert (back.fake.data.tolist(), back.target) == ([[-3, -2]], "a")
    assert not there.fake.data.requires_grad


def test_a_step_is_translated_once_for_all_who_look_at_as_many_rows(run):
    kept = StepTranslations()
    first = kept.of(training(run), ROWS, validation=True)
    calls = run.generators.b.calls
    assert kept.of(training(run), ROWS, validation=True) is first
    assert run.generators.b.calls == calls
    few = {domain: rows[:1] for domain, rows in ROWS.items()}
    for other in (
        kept.of(training(run, step=2), ROWS, validation=True),
        kept.of(training(run, step=2), ROWS, validation=False),
        kept.of(training(run, step=2), few, validation=False),
    ):
        assert other is not first
        assert len(kept.kept) == 1, "nothing else is held on to"
    assert len(other["monet -> photo"].fake.data) == 1
    kept.forget()
    assert kept.kept == {}


def test_training_notices_nothing(run):
    torch.manual_seed(3)
    expected = torch.rand(2).tolist()
    torch.manual_seed(3)
    StepTranslations().of(training(run), ROWS, validation=True)
    with translating(run, "a", "b", torch.device("cpu")) as generators:
        generators.there(Batch(torch.rand(1, 2)))
    assert torch.rand(2).tolist() == expected
    assert run.generators.b.training
    assert run.generators.b.number.grad is None


def test_generators_are_tried_on_any_rows(run):
    with translating(run, "b", "a", torch.device("cpu")) as generators:
        rows = Batch(torch.arange(6.0).view(3, 2))
        assert torch.equal(generators.there(rows).data, rows.data - 10)
        assert torch.equal(generators.back(rows).data, rows.data + 1)
        assert generators.asks_identity
    run.objective.identity = 0.0
    with translating(run, "b", "a", torch.device("cpu")) as generators:
        assert not generators.asks_identity


def test_a_run_of_one_direction_has_no_way_back(run):
    run.generators = Pair(None, run.generators.b)
    run.directions = [("a", "b")]
    (found,) = StepTranslations().of(training(run), ROWS, validation=True).values()
    assert found.back is None
    with translating(run, "a", "b", torch.device("cpu")) as generators:
        assert generators.back is None


def test_rows_of_the_firsts_size_are_kept_and_a_direction_has_a_name(run):
    items = [item(1.0, 2.0), item(1.0), item(3.0, 4.0)]
    assert stacking(items) == [items[0], items[2]]
    assert direction_name(run, "b", "a") == "photo -> monet"
