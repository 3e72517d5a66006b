"""The checks of pictures: each speaks of what it is for, and of nothing in true translations of any built-in world."""

import pytest
import torch
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image import health
from cyclekit.measuring.health import Translating
from cyclekit.registry import RecipeError, build, names
from tests.image.looks import CHECKS, ITEMS, SAME, findings, look_of, paintings, summers, translated

PAIRS = [
    ("landscapes", "painting", "photograph"), ("landscapes", "summer", "winter"), ("landscapes", "day", "night"),
    ("landscapes", "fog", "photograph"), ("landscapes", "rain", "photograph"), ("landscapes", "snow", "photograph"),
    ("streets", "rendered", "camera"), ("facades", "labels", "photograph"), ("aerial", "aerial", "map"),
    ("creatures", "plain", "striped"), ("bowls", "face", "bowl"),
]  # fmt: skip


def test_all_are_registered():
    assert health.FEWEST <= ITEMS
    assert set(CHECKS) <= set(names("health"))


@pytest.mark.parametrize(("world", "one", "other"), PAIRS)
@pytest.mark.parametrize("reverse", [False, True])
def test_true_translations_are_healthy(world, one, other, reverse):
    a, b = (other, one) if reverse else (one, other)
    source = look_of(world, a)
    shown = translated(source, look_of(world, b), look_of(world, b, ITEMS), back=source)
    assert findings(shown, SAME._replace(back=lambda rows: Batch(source))) == {}


def test_copies():
    source, _, real = paintings()
    found = findings(translated(source, source + 0.001, real))
    assert list(found) == ["unchanged"]
    assert found["unchanged"].startswith("the outputs are their inputs (they change by 0.")
    assert "below 1 %): raise objective.adversarial" in found["unchanged"]


def test_copies_of_grey_pictures_in_colour():
    _, photographs, real = paintings()
    grey = (photographs * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
    assert "unchanged" in findings(translated(grey, grey.expand(-1, 3, -1, -1), real))
    assert "unchanged" not in findings(translated(grey, photographs, real))


def test_one_output_for_all_inputs():
    source, truth, real = paintings()
    noise = 0.02 * torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    found = findings(translated(source, truth[:1] + noise, real))
    assert "the outputs collapse into one picture (they differ by" in found["mode_collapse"]
    assert "objective.cycle (or objective.l1)" in found["mode_collapse"]
    half = torch.cat([truth[:6], truth[:1] + noise[:6]])
    assert "mode_collapse" not in findings(translated(source, half, real)), "half of them are as they should be"


def test_a_target_that_is_one_picture_cannot_collapse():
    source, truth, _ = paintings()
    one = truth[:1].expand_as(truth)
    assert "mode_collapse" not in findings(translated(source, one, one))


def test_inverted_pictures():
    source, truth, real = paintings()
    found = findings(translated(source, -truth, real))
    assert list(found) == ["inversion"]
    assert "the brightness of outputs and inputs correlates by -0.9" in found["inversion"]
    assert "start with another train.seed" in found["inversion"]


def test_domains_that_are_lit_otherwise_may_be_inverted():
    """Dark drawings on white, and what they depict in light on black: inversion is the translation."""
    drawing = look_of("landscapes", "photograph")
    assert "inversion" not in findings(translated(drawing, -drawing, -look_of("landscapes", "photograph", ITEMS)))


def test_pictures_that_do_not_stay_what_they_are():
    source, truth, real = paintings()
    drifting = SAME._replace(there=lambda rows: Batch(rows.data.roll(1, 0)))
    found = findings(translated(source, truth, real), drifting)
    assert list(found) == ["identity_drift"]
    assert "real pictures of the target do not stay what they are (they move by" in found["identity_drift"]
    assert "raise objective.identity" in found["identity_drift"]
    assert findings(translated(source, truth, real), drifting._replace(asks_identity=False)) == {}
    softened = SAME._replace(there=lambda rows: Batch(0.8 * F.avg_pool2d(rows.data, 3, 1, 1)))
    assert findings(translated(source, truth, real), softened) == {}


HIDDEN = 0.01
"""Share of a fake's range in which its source hides: about a level, which no eye sees."""


def test_a_cycle_that_hides_its_message():
    source, truth, real = summers()
    unrelated = truth.roll(1, 0)
    fake = (1 - HIDDEN) * unrelated + HIDDEN * source

    def reads_the_message(rows):
        return Batch(((rows.data - (1 - HIDDEN) * unrelated) / HIDDEN).clamp(-1, 1))

    generators = SAME._replace(back=reads_the_message)
    shown = translated(source, fake, real, back=reads_the_message(Batch(fake)).data)
    found = findings(shown, generators)
    assert list(found) == ["steganography"]
    assert found["steganography"].startswith("the cycle hides its message in what nobody sees (its error is 0.")
    assert "lower objective.cycle" in found["steganography"]


def test_a_cycle_that_reads_what_can_be_seen_is_healthy():
    """It multiplies contrast by two on its way back, and noise with it, which is no message."""
    source, _, real = summers()
    generators = SAME._replace(back=lambda rows: Batch((2 * rows.data).clamp(-1, 1)))
    assert findings(translated(source, source / 2, real, back=source), generators) == {}


def test_without_a_way_back_there_is_no_cycle_to_hide_in():
    source, truth, real = paintings()
    assert findings(translated(source, truth, real), SAME._replace(back=None)) == {}


def test_too_few_pictures_say_nothing():
    source, _, real = paintings()
    shown = translated(source[:5], source[:5], real[:5], back=source[:5])
    assert findings(shown, Translating(lambda rows: Batch(-rows.data), lambda rows: Batch(-rows.data), True)) == {}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("unchanged", {"change": 120.0}, "change is 120.0; it is a percentage, from 0 to 100"),
        ("mode_collapse", {"variety": -1}, "variety is -1; it is a percentage"),
        ("inversion", {"correlation": 0.5}, "correlation is 0.5; an inversion has one from -1 to 0"),
        ("checkerboard", {"peak": 1.0}, "peak is 1.0 and levels 1.5"),
        ("identity_drift", {"drift": 0.0}, "drift is 0.0; it is a percentage above 0"),
        ("steganography", {"noise": 0.0}, "noise 0.0, worse 4.0, lost 40.0"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(name, options, message):
    with pytest.raises(RecipeError, match=message):
        build("health", name, options=options)


def test_thresholds_are_options():
    source, truth, real = paintings()
    shown = translated(source, truth, real)
    assert "below 20 %" in build("health", "unchanged", options={"change": 20})(shown)
