"""Acting on what is wrong: findings in the log, a stop, and rollbacks that a resume repeats to the last bit."""

import pytest
import torch

import cyclekit
from cyclekit import registry
from cyclekit.callbacks import health
from cyclekit.measuring.health import Noticed
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.training.loop import NotFinite
from tests.callbacks.trainings import lines, training_of
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT, even_stages
from tests.training.test_loop import assert_same_weights

TEXT = "recipes/formal2informal"
DIRECTIONS = ["formal -> informal", "informal -> formal"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def tiny_run(data, **overrides):
    changed = {
        "health.checks": [],
        "health.after": 0,
        **{key.replace("__", "."): value for key, value in overrides.items()},
    }
    return cyclekit.load(
        "recipes/monet2photo", profile="published", data=str(data), overrides=TINY | {"train.steps": 8} | changed
    )


def tiny_text(**overrides):
    changed = {"health.after": 0} | {key.replace("__", "."): value for key, value in overrides.items()}
    return cyclekit.load(TEXT, profile="published", overrides=TINY_TEXT | {"train.stages": even_stages(TEXT)} | changed)


def trained(run, folder):
    cyclekit.train(run, folder, device="cpu")
    return folder


def noted(monkeypatch, finding):
    """A check `noted` that finds this."""
    monkeypatch.setitem(registry._parts["health"], "noted", registry.Part(lambda: lambda shown: finding, __name__))


class IllAt:
    """A watch that speaks at some steps while the learning rate is the recipe's own."""

    steps: tuple[int, ...] = (5,)
    most_rate = 1.0

    def __init__(self):
        self.seen = 0

    def see(self, reading):
        self.seen += 1
        return [Noticed("something is wrong: mend it", reading.step)] if reading.step in self.steps else []

    def forget(self):
        self.seen = 0

    def state(self):
        return {"seen": self.seen}

    def load(self, state):
        self.seen = state["seen"]


@pytest.fixture
def ill(monkeypatch):
    """A watch `ill` that finds something at step 5, as often as it comes by; every checkpoint before is healthy."""
    monkeypatch.setitem(registry._parts["health"], "ill", registry.Part(IllAt, __name__))
    monkeypatch.setattr(health, "MARGIN", 0)
    return {"health__checks": ["ill"], "train__log_every": 1}


@pytest.fixture
def broken(monkeypatch):
    """Make a run's first pass of some step end in NaN."""

    def at(run, step, times=1):
        loss, left = run.objective.generator_loss, [times]
        count = [0]

        def spoiled(networks, outputs):
            found = loss(networks, outputs)
            count[0] += 1
            if left[0] and count[0] == step:
                left[0], count[0] = left[0] - 1, 0
                return found._replace(terms=found.terms | {"cycle.a": torch.tensor(float("nan"))})
            return found

        monkeypatch.setattr(run.objective, "generator_loss", spoiled)
        return run

    return at


def test_findings_get_into_the_log_once_a_look_from_the_last_stage_on(monkeypatch, tmp_path):
    noted(monkeypatch, "all is lost: give up")
    folder = trained(tiny_text(health__checks=["noted"], validation__every=1), tmp_path / "run")
    found = [(line["step"], line["check"], line["finding"], line["since"]) for line in lines(folder, "health")]
    assert [line["step"] for line in lines(folder, "stage") if line["name"] == "cycle-gan"] == [7]
    assert found == [
        (step, "noted", f"{direction}, since step 7: all is lost: give up", 7)
        for step in (7, 8)
        for direction in DIRECTIONS
    ]


def test_untrained_networks_are_found_to_collapse(tmp_path):
    """The recipe's own checks, on the real thing."""
    found = lines(trained(tiny_text(), tmp_path / "run"), "health")
    assert ("collapse", 8) in {(line["check"], line["step"]) for line in found}
    assert len({(line["step"], line["check"], line["finding"]) for line in found}) == len(found)


@pytest.mark.parametrize(("settings", "looks"), [({}, [4, 8]), ({"health__every": 3}, [3, 6, 8])])
def test_pictures_are_looked_at_with_samples_or_when_the_recipe_says(settings, looks, data, monkeypatch, tmp_path):
    noted(monkeypatch, "all is lost: give up")
    folder = trained(tiny_run(data, health__checks=["noted"], **settings), tmp_path / "run")
    assert sorted({line["step"] for line in lines(folder, "health")}) == looks
    monkeypatch.setattr(health, "YOUNG", 1)
    late = trained(tiny_run(data, health__checks=["noted"], health__after=0.6, **settings), tmp_path / "late")
    assert sorted({line["step"] for line in lines(late, "health")}) == [step for step in looks if step >= 4.8]


@pytest.mark.parametrize(("steps", "looks"), [(3, []), (12, [8, 12])])
def test_outputs_of_networks_that_have_hardly_begun_are_not_judged(steps, looks, data, monkeypatch, tmp_path):
    """Whatever share of so short a run they have behind them."""
    noted(monkeypatch, "the outputs copy their inputs: raise objective.adversarial")
    monkeypatch.setattr(health, "YOUNG", 6)
    run = tiny_run(data, health__checks=["noted"], health__after=0.25, train__steps=steps)
    assert sorted({line["step"] for line in lines(trained(run, tmp_path / "run"), "health")}) == looks


def test_healthy_runs_are_not_written_about(data, monkeypatch, tmp_path):
    noted(monkeypatch, None)
    folder = trained(tiny_run(data, health__checks=["noted"]), tmp_path / "run")
    assert lines(folder, "terms")
    assert not lines(folder, "health")


def test_a_run_that_learns_to_copy_is_caught_and_its_gradients_are_looked_at(tmp_path):
    """The recipe's own checks, on the real thing: nothing asks this run to change a picture."""
    source = {"builtin": "landscapes", "scenes": 6, "held_out": 8}
    copying = {"generator.start": "identity", "generator.norm": "none", "objective.adversarial": 0, "health.after": 0}
    run = cyclekit.load(
        "recipes/monet2photo", profile="published", overrides=TINY | {"data.sources": [source]} | copying
    )
    training = training_of(run, tmp_path / "run")
    found = lines(tmp_path / "run", "health")
    assert {line["check"] for line in found} == {"unchanged"}
    assert [line["finding"].partition(": the outputs are their inputs")[0] for line in found] == [
        f"{direction}, since step 4" for _ in range(2) for direction in ("monet -> photo", "photo -> monet")
    ]
    early = training.memory["health"]["watches"]["vanishing_gradients"]["early"]
    assert len(early) == 3
    assert all(norm > 0 for norm in early)


def test_a_run_that_holds_nothing_out_says_that_no_outputs_are_looked_at(data, monkeypatch, tmp_path):
    noted(monkeypatch, "all is lost: give up")
    run = tiny_run(data, health__checks=["noted"])
    monkeypatch.setattr(run.data, "held_out", lambda domain: [])
    folder = trained(run, tmp_path / "run")
    assert [line["message"] for line in lines(folder, "note")] == [
        "health: nothing is held out, so no outputs are looked at"
    ]
    assert not lines(folder, "health")


def test_stop_ends_the_run_as_an_error_that_says_why(data, ill, tmp_path):
    with pytest.raises(RecipeError) as reason:
        trained(tiny_run(data, health__on_failure="stop", **ill), tmp_path / "run")
    assert str(reason.value) == (
        f"{tmp_path / 'run'}: stopped at step 5, as health.on_failure says: ill: since step 5: something is wrong: "
        "mend it"
    )
    assert history.steps(tmp_path / "run") == [2, 4]
    assert lines(tmp_path / "run", "failed")


def test_a_rollback_goes_on_from_the_last_healthy_checkpoint_at_half_the_rates(data, ill, monkeypatch, tmp_path):
    monkeypatch.setattr(IllAt, "see", once_at_5())
    training = training_of(tiny_run(data, health__on_failure="rollback", **ill), tmp_path / "run")
    folder = tmp_path / "run"
    assert (training.step, training.stop, training.rollbacks, training.rate_factor) == (8, "finished", 1, 0.5)
    (back,) = lines(folder, "rollback")
    assert (back["step"], back["left"], back["check"], back["rollbacks"]) == (4, 5, "ill", 1)
    assert back["message"] == ("went back from step 5 to 4, and on at 0.5 of the learning rates (rollback 1 of 3)")
    rates = {line["step"]: line["learning_rate"]["generators"] for line in lines(folder, "terms")}
    assert list(rates) == list(range(1, 9)), "each step once: what was taken back is gone"
    plain = training_of(tiny_run(data, train__log_every=1), tmp_path / "plain")
    there = {line["step"]: line["learning_rate"]["generators"] for line in lines(plain.folder, "terms")}
    assert rates == {step: rate * (0.5 if step > 4 else 1) for step, rate in there.items()}


def once_at_5():
    """`see` that finds step 5 wrong the first time only."""
    found = []

    def see(self, reading):
        if reading.step != 5 or found:
            return []
        found.append(reading.step)
        return [Noticed("something is wrong: mend it", 5)]

    return see


@pytest.mark.parametrize("stop_at", [4, 5, 6])
def test_a_resume_after_a_rollback_is_exact(stop_at, data, ill, monkeypatch, tmp_path):
    settings = {"health__on_failure": "rollback", **ill}
    monkeypatch.setattr(IllAt, "see", once_at_5())
    trained(tiny_run(data, **settings), tmp_path / "straight")
    monkeypatch.setattr(IllAt, "see", once_at_5())
    training_of(tiny_run(data, **settings), tmp_path / "run", until=stop_at)
    torch.rand(17)
    resumed = training_of(tiny_run(data, **settings), tmp_path / "run", resume=True)
    assert (resumed.rollbacks, resumed.rate_factor) == (1, 0.5)
    assert_same_weights(tmp_path / "run", tmp_path / "straight")


def test_after_three_rollbacks_a_run_gives_up(data, ill, tmp_path):
    with pytest.raises(RecipeError, match=r"stopped at step 5, after 3 rollbacks: ill: since step 5"):
        trained(tiny_run(data, health__on_failure="rollback", **ill), tmp_path / "run")
    assert [line["rollbacks"] for line in lines(tmp_path / "run", "rollback")] == [1, 2, 3]
    _, state = checkpoint.load(history.latest(tmp_path / "run"))
    assert (state["rollbacks"], state["rate_factor"]) == (3, 0.125)


def test_a_term_that_is_not_finite_rolls_back_where_the_recipe_says_so(data, broken, tmp_path):
    run = broken(tiny_run(data, health__on_failure="rollback"), 5)
    training = training_of(run, tmp_path / "run")
    assert (training.step, training.rollbacks) == (8, 1)
    (back,) = lines(tmp_path / "run", "rollback")
    assert (back["step"], back["check"]) == (0, "not_finite"), "no later one is old enough to be trusted"
    assert "the term cycle.a became nan at step 5" in back["finding"]
    with pytest.raises(NotFinite, match=r"the term cycle\.a became nan at step 5"):
        training_of(broken(tiny_run(data), 5), tmp_path / "warned")


def test_the_last_healthy_checkpoint_is_kept_and_best_of_an_ill_time_is_not(tmp_path):
    folder = tmp_path / "run"
    for step in (0, 10, 20, 30, 40):
        history.folder_of(folder, step).mkdir(parents=True)
    history.prune(folder, 2, healthy_until=15)
    assert history.steps(folder) == [10, 30, 40]
    history.point(folder / "best", history.folder_of(folder, 30))
    history.discard_after(folder, 10)
    assert history.steps(folder) == [10]
    assert not (folder / "best").is_symlink()
    assert (folder / "latest").resolve().name == "step-00000010"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"on_failure": "panic"}, r"health.on_failure.*: 'panic' should be 'warn', 'stop' or 'rollback'"),
        ({"checks": ["unchaned"]}, r"health.checks: no health is called 'unchaned'; did you mean 'unchanged'"),
        ({"checks": [{"name": "unchanged", "chang": 2}]}, r"health 'unchanged' has no option 'chang'"),
        ({"after": 1}, r"health.after.*: 1 should be less than 1"),
    ],
)
def test_mistakes_are_found_before_training(settings, message, data):
    with pytest.raises(RecipeError, match=message):
        tiny_run(data, **{f"health__{key}": value for key, value in settings.items()})
