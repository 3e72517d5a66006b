import pytest
import torch
from safetensors.torch import load_file

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.registry import RecipeError, build
from cyclekit.runs import history
from cyclekit.text.snapshot import Snapshot
from cyclekit.training.loop import train
from tests.tiny import TINY_TEXT


class Data:
    """Two texts of numbers: row i of a holds i + 10, of b i + 20, as often as its length."""

    sizes = Pair(7, 5)

    def training_pair(self, index_a, index_b, seed):
        return Pair(*(row(index + first) for index, first in ((index_a, 10), (index_b, 20))))


def row(number):
    return Batch(torch.full((1, 1 + number % 3), number), torch.ones(1, 1 + number % 3, dtype=torch.bool))


class Generator:
    """Adds what it has learned so far to every token."""

    def __init__(self):
        self.learned, self.calls = 100, 0

    def __call__(self, source):
        self.calls += 1
        return Batch((source.data + self.learned).where(source.mask, 0), source.mask)


def asked(first, generator, domain="a", rows=(0, 3)):
    data = Data()
    real = concat([getattr(data.training_pair(place, place, 0), domain) for place in rows])
    made = first(real, domain, generator)
    assert torch.equal(made.mask, real.mask)
    (difference,) = (made.data - real.data)[real.mask].unique().tolist()
    return difference


def test_a_round_serves_until_it_is_refreshed_each_direction_by_itself():
    first, generator = build("bootstrap", "snapshot", Data(), options={"refresh": 3, "first": None}), Generator()
    found = []
    for _ in range(7):
        found.append((asked(first, generator), asked(first, generator, "b", (4, 1, 1))))
        generator.learned += 1
    assert found == [(100, 100)] * 3 + [(103, 103)] * 3 + [(106, 106)]


def test_all_rows_are_translated_in_as_few_batches_as_were_asked_for():
    first, generator = build("bootstrap", "snapshot", Data(), options={"rows": 3, "first": None}), Generator()
    asked(first, generator)
    assert generator.calls == 3  # of seven rows


def test_another_bootstrap_comes_first(monkeypatch):
    first, generator = build("bootstrap", "snapshot", Data(), options={"refresh": 2, "first": None}), Generator()
    monkeypatch.setattr(first, "first", lambda real, domain, generator: real)
    assert [asked(first, generator) for _ in range(5)] == [0, 0, 100, 100, 100]
    assert generator.calls == 2


def test_its_state_goes_on_where_it_was():
    one, generator = build("bootstrap", "snapshot", Data(), options={"refresh": 2, "first": None}), Generator()
    asked(one, generator)
    other = Snapshot(Data(), refresh=2, first=None)
    other.load_state_dict(one.state_dict())
    generator.learned += 1
    assert [asked(each, generator) for each in (one, other)] == [100, 100]
    assert [asked(each, generator) for each in (one, other)] == [101, 101]
    assert [asked(each, generator, "b") for each in (one, other)] == [101, 101]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"refresh": 0}, "refresh is 0"),
        ({"first": {"window": 3}}, "first: has no name"),
        ({"first": "lexicons"}, "lexicon"),
        ({"first": {"name": "saliency", "threshold": 0}}, "threshold is 0"),
    ],
)
def test_mistakes_are_found_before_training(options, why):
    with pytest.raises(RecipeError, match=why):
        build("bootstrap", "snapshot", Data(), options=options)


def test_a_resumed_run_goes_on_with_its_round(tmp_path):
    def run():
        stages = [{"name": "rounds", "objective": {"adversarial": 0, "preservation": 0, "bootstrapped": 1}}]
        snapshot = {"name": "snapshot", "refresh": 2, "rows": 64, "first": "saliency"}
        return cyclekit.load(
            "recipes/formal2informal", profile="published",
            overrides=TINY_TEXT | {"train.stages": stages, "bootstrap": snapshot, "train.steps": 6},
        )  # fmt: skip

    through = cyclekit.train(run(), tmp_path / "through")
    first = run()
    (tmp_path / "resumed").mkdir()
    (tmp_path / "resumed/recipe.yaml").write_text(first.recipe.dump())
    assert train(first, tmp_path / "resumed", default_callbacks(), until=3).stop == "interrupted"
    cyclekit.train(run(), tmp_path / "resumed", resume=True)
    for path in sorted(history.latest(through).glob("*.safetensors")):
        one, other = load_file(path), load_file(history.latest(tmp_path / "resumed") / path.name)
        assert one.keys() == other.keys()
        assert not [name for name in one if not torch.equal(one[name], other[name])], path.name
