"""The section train: one length, shares that fill it, rates for each side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.recipe.train_section import Extension, Stage, Train


def stages(*shares):
    return [Stage(name=str(place), share=share) for place, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("shares", "complaint"),
    [
        ((None, None), "only one stage may leave its share open"),
        ((0.5, 0.2), "come to 0.7"),
        ((0.9, 0.3, None), "come to 1.2"),
    ],
)
def test_shares_fill_the_training(shares, complaint):
    with pytest.raises(ValueError, match=complaint):
        Train(steps=10, stages=[stage.model_dump() for stage in stages(*shares)])


def refusal(**settings: object) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  every caller looks at what is said
        Train(**settings)
    return str(refused.value)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.booleans())
def test_shares_that_come_to_one_fill_the_training_however_they_round(parts, opened):
    shares = [part / sum(parts) for part in parts]
    whole = Train(steps=10, stages=[{"name": str(place), "share": share} for place, share in enumerate(shares)])
    assert [stage.share for stage in whole.stages] == shares
    if opened and len(shares) > 1:
        shares[0] = None
        assert Train(steps=10, stages=[{"name": str(p), "share": share} for p, share in enumerate(shares)])


def test_nothing_left_for_an_open_share_is_a_mistake():
    said = refusal(steps=10, stages=[{"name": "all", "share": 1}, {"name": "rest"}])
    assert "shares of training come to 1; nothing is left for 'rest', whose share is open" in said


@pytest.mark.parametrize("lengths", [{}, {"epochs": 1, "steps": 2}, {"steps": 2, "budget": "1h"}])
def test_training_has_one_length(lengths):
    assert "give one of epochs, steps and budget (the others null): training has one length" in refusal(**lengths)


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_part_of_a_batch_has_a_row_at_least(batch_size, accumulate):
    if accumulate <= batch_size:
        assert Train(steps=1, batch_size=batch_size, accumulate=accumulate).accumulate == accumulate
    else:
        said = refusal(steps=1, batch_size=batch_size, accumulate=accumulate)
        assert f"accumulate is {accumulate}, batch_size {batch_size}: a part has a row at least" in said


@pytest.mark.parametrize(
    ("written", "read"),
    [(1e-4, (1e-4, 1e-4)), (1, (1, 1)), ({"generators": 1e-3}, (1e-3, 2e-4)), ({}, (2e-4, 2e-4))],
)
def test_a_rate_is_of_both_sides_or_of_each(written, read):
    rates = Train(steps=1, learning_rate=written).learning_rate
    assert (rates.generators, rates.discriminators) == read
    stage = Stage(name="x", share=1, learning_rate=written)
    assert (stage.learning_rate.generators, stage.learning_rate.discriminators) == read
    assert Stage(name="x", share=1).learning_rate is None


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": True}, {"learning_rate": 0}, {"learning_rate": "x"}, {"betas": (0.5, 1.0)}, {"seed": 2**63},
        {"betas": (-0.1, 0.9)}, {"gradient_clip": 0}, {"moving_average": 1}, {"extend": 0}, {"extend": "for ever"},
        {"compile": "yes"}, {"graph": 1}, {"workers": -1}, {"precision": "half"}, {"batch_size": 0}, {"keep": 0},
        {"start_from": {"a": 1}}, {"stages": [{"name": "x", "share": 0}]}, {"stages": [{"name": "x", "dial": 1}]},
    ],
)  # fmt: skip
def test_values_that_no_training_can_have_are_refused(settings):
    (key,) = settings
    assert key in refusal(steps=1, **settings)


def test_a_length_that_a_run_had_says_until_when():
    assert Extension(until=1, steps=2).extend == "schedule"
    with pytest.raises(ValueError, match="until"):
        Extension(until=0, steps=2)
