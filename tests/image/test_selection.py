"""The criterion for pictures: copying scores 1, a good translation less, and neither half alone is enough."""

import pytest

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import RecipeError, build
from tests.image.test_health import ITEMS, look_of

pytest.importorskip("efficientnet_lite_pytorch")


@pytest.fixture(scope="module")
def scores():
    metric = build("metric", "kid_and_structure", options={"feature_size": 64})
    source, truth = look_of("landscapes", "painting"), look_of("landscapes", "photograph")
    other = look_of("landscapes", "photograph", ITEMS)

    def of(fake, metric=metric):
        return metric(Translated(Batch(source), Batch(fake), Batch(other), None)).value

    return {"copy": of(source), "truth": of(truth), "other scenes": of(truth.roll(1, 0)), "inverted": of(-truth)}


def test_copying_scores_one_and_the_truth_far_less(scores):
    assert scores["copy"] == pytest.approx(1, abs=1e-6)
    assert scores["truth"] < 0.6


def test_target_pictures_of_other_scenes_and_inverted_ones_are_worse(scores):
    assert scores["truth"] + 0.4 < scores["other scenes"]
    assert scores["inverted"] > 1.5


def test_domains_that_are_one_cannot_be_chosen_by():
    same = Batch(look_of("landscapes", "photograph"))
    with pytest.raises(MetricUnavailable, match="the domains are one in EfficientNet-Lite0 features"):
        build("metric", "kid_and_structure", options={"feature_size": 64})(Translated(same, same, same))


def test_what_it_declares():
    metric = build("metric", "kid_and_structure")
    assert (metric.better, metric.needs_truth) == ("lower", False)
    assert "EfficientNet-Lite0" in metric.name
    assert metric.protocol["value"] == "KID of the fakes / KID of copying, plus 1 x (1 - gradient correlation)"
    with pytest.raises(RecipeError, match="structure is -1; a weight is 0"):
        build("metric", "kid_and_structure", options={"structure": -1})
