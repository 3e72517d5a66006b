"""Watches: each speaks of a game that is over, or of gradients that died, and is silent while training is alive."""

import json
import math
import random

import pytest

from cyclekit.measuring.health import (
    GAMES,
    DiscriminatorWatch,
    GradientWatch,
    Noticed,
    Translating,
    Watch,
    WatchedStep,
    ask,
)
from cyclekit.registry import RecipeError, build

WINDOW = 50
NO_GRADIENT = None


def readings(loss, adversarial, *, gan_loss="lsgan", steps=WINDOW, judges=1, jitter=0.0, start=1):
    """Steps of one domain, `b`, whose terms move about their means."""
    drawn = random.Random(0)

    def near(value):
        return value + jitter * drawn.uniform(-1, 1)

    for step in range(start, start + steps):
        terms = {"discriminator.b": judges * near(loss), "adversarial.b": near(adversarial)}
        yield WatchedStep(step, terms, NO_GRADIENT, gan_loss, {"b": judges})


def found(watch, *streams):
    return [noticed for stream in streams for reading in stream for noticed in watch.see(reading)]


def watch():
    return build("health", "discriminator", options={"window": WINDOW})


@pytest.mark.parametrize("judges", [1, 3])
@pytest.mark.parametrize(
    ("gan_loss", "loss", "adversarial"), [("lsgan", 0.001, 0.98), ("bce", 0.001, 7.5), ("hinge", 0.001, 1.4)]
)
def test_a_discriminator_that_wins(gan_loss, loss, adversarial, judges):
    (noticed,) = found(watch(), readings(loss, adversarial, gan_loss=gan_loss, judges=judges))
    assert (noticed.since, noticed.domain) == (1, "b")
    assert noticed.line.startswith(f"the discriminator wins (its loss 0.001, below {GAMES[gan_loss].won:g}, and")
    assert "over 50 steps" in noticed.line
    assert "lower train.learning_rate.discriminators" in noticed.line
    assert "\n" not in noticed.line


@pytest.mark.parametrize("judges", [1, 3])
@pytest.mark.parametrize("gan_loss", sorted(GAMES))
def test_a_discriminator_that_is_dead(gan_loss, judges):
    game = GAMES[gan_loss]
    stream = readings(game.chance, game.fooled, gan_loss=gan_loss, judges=judges, jitter=0.002)
    (noticed,) = found(watch(), stream)
    assert noticed.line.startswith("the discriminator is dead (its loss ")
    assert f"stands at chance, {game.chance:.4f}" in noticed.line


@pytest.mark.parametrize(
    ("gan_loss", "loss", "adversarial", "jitter"),
    [
        ("bce", 0.032, 4.55, 0.01),  # the strongest judge of a finished facades run (pix2pix, 3,000 steps)
        ("bce", 0.70, 0.72, 0.05),  # the first steps of a colorizer
        ("bce", math.log(2), math.log(2), 0.1),  # fakes as good as real ones: at chance, and alive
        ("lsgan", 0.034, 0.28, 0.02),  # the strongest judges of finished text runs
        ("lsgan", 0.25, 0.26, 0.03),
        ("lsgan", 0.01, 0.85, 0.005),
        ("hinge", 0.4, 0.8, 0.1),
        ("wgan_gp", 0.0, 5.0, 0.0),  # a critic is meant to win
    ],
)
def test_healthy_games_are_not_spoken_of(gan_loss, loss, adversarial, jitter):
    assert found(watch(), readings(loss, adversarial, gan_loss=gan_loss, jitter=jitter, steps=4 * WINDOW)) == []


def test_a_finding_is_said_once_a_window_with_the_step_it_began_at():
    healthy, over = readings(0.2, 0.4), readings(0.001, 0.98, steps=2 * WINDOW, start=WINDOW + 1)
    again = readings(0.2, 0.4, start=3 * WINDOW + 1), readings(0.001, 0.98, start=4 * WINDOW + 1)
    assert [noticed.since for noticed in found(watch(), healthy, over, *again)] == [51, 51, 201]


def test_steps_without_an_adversarial_term_begin_a_new_window():
    resting = [WatchedStep(40, {"discriminator.b": 0.001}, None, "lsgan", {"b": 1})]
    assert found(watch(), readings(0.001, 0.98, steps=39), resting, readings(0.001, 0.98, steps=49, start=41)) == []


def gradients(*norms, every=25):
    return [WatchedStep(every * (place + 1), {}, norm, "lsgan", {}) for place, norm in enumerate(norms)]


def test_gradients_that_vanish():
    alive, dead = [1.0 + 0.1 * place for place in range(10)], [1e-5] * 10
    (noticed,) = found(GradientWatch(), gradients(*alive, *dead))
    assert noticed == Noticed(noticed.line, since=275)
    assert noticed.line.startswith(
        "the generators' gradient vanishes (norm 1e-05, below 0.001 of the 1.4 at first): lower train.learning_rate"
    )


def test_gradients_that_decay_are_healthy_and_steps_without_a_look_are_passed_over():
    drawn = random.Random(1)
    decaying = [math.exp(-place / 25) * drawn.uniform(0.3, 3) for place in range(100)]  # to a fiftieth
    looks = [one for norm in decaying for one in (norm, None, None)]
    assert found(GradientWatch(), gradients(*looks)) == []
    assert found(GradientWatch(), gradients(1e3, *[1.0] * 60)) == []  # the very first step may be anything


@pytest.mark.parametrize("part", [DiscriminatorWatch(window=WINDOW), GradientWatch(looks=5)])
def test_a_resumed_watch_goes_on_exactly(part):
    assert isinstance(part, Watch)
    stream = [
        reading._replace(gradient=1.0 if reading.step < 40 else 1e-9)
        for reading in readings(0.001, 0.98, steps=3 * WINDOW)
    ]
    straight = found(part, stream)
    assert straight
    part.forget()
    first = found(part, stream[:70])
    kept = json.loads(json.dumps(part.state()))
    part.forget()
    part.load(kept)
    assert first + found(part, stream[70:]) == straight
    part.forget()
    assert first + found(part, stream[70:]) != straight


def test_checks_are_asked_with_what_they_want_to_see():
    generators = Translating(lambda rows: rows, None, False)
    assert ask(lambda shown: f"saw {shown}", "pictures", generators) == "saw pictures"

    class Trying:
        translating = True

        def __call__(self, translated, tried):
            return f"tried {tried is generators} on {translated}"

    assert ask(Trying(), "pictures", generators) == "tried True on pictures"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("discriminator", {"window": 5}, "window is 5 and still 0.02; choose at least 10 steps"),
        ("discriminator", {"still": 1.0}, "a share below 1"),
        ("vanishing_gradients", {"share": 2.0}, "share is 2.0 and looks 10"),
        ("vanishing_gradients", {"looks": 2}, "at least 3 looks"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(name, options, message):
    with pytest.raises(RecipeError, match=message):
        build("health", name, options=options)
