"""Two controls on a toy language of opinions: the text weights change opinions, the image weights end in copying.

One adjective tells the domains apart, mostly; everything else is content. Same networks, data and number of steps.
"""

import itertools
import json
import random

import pytest

import cyclekit
from cyclekit.runs.history import latest

NOUNS = ["soup", "steak", "staff", "room", "service", "music", "pizza", "coffee"]
PLACES = ["here", "there", "at noon", "on monday", "at the mall", "near the park"]
OPENINGS = ["the", "our", "their", "my", "this"]
ADJECTIVES = {"a": ["awful", "rude", "dirty"], "b": ["great", "kind", "lovely"]}

SMALL = {
    "data.vocabulary": 400,
    "data.judging_share": 0.2,
    "data.validation": 60,
    "data.test_share": 0.1,
    "generator.width": 32,
    "generator.heads": 2,
    "generator.layers": 1,
    "generator.hidden": 64,
    "generator.dropout": 0.0,
    "discriminator.width": 32,
    "discriminator.filters": 32,
    "train.steps": 500,
    "train.batch_size": 32,
    "train.precision": "float32",
    "train.moving_average": None,
    "train.learning_rate": {"generators": 3e-3, "discriminators": 2e-3},
    "train.log_every": 100,
    "train.sample_every": 250,
    "train.save_every": 500,
    "validation.items": 60,
    "sample.rows": 2,
}

IMAGE_WEIGHTS = {
    "objective.cycle": 10.0,
    "objective.adversarial": 1.0,
    "objective.identity": 5.0,
    "objective.preservation": 0.0,
    "objective.cross_domain_negatives": 0.0,
    "objective.adversarial_target": None,
    "noise": None,
    "bootstrap": None,
    "preservation": None,
    "train.stages": [],
}


@pytest.fixture(scope="module")
def opinions(tmp_path_factory):
    """Some of either side speak like the other, so that no word is impossible anywhere: copying can be learned.

    With half as many, a consistent swap of opinions was found by image weights too, by some seeds.
    """
    folder = tmp_path_factory.mktemp("opinions")
    chance = random.Random(0)
    for domain, other in (("a", "b"), ("b", "a")):
        own, others = said_with(ADJECTIVES[domain]), said_with(ADJECTIVES[other])
        lines = own + chance.sample(others, round(0.3 * len(own)))
        chance.shuffle(lines)
        (folder / f"{domain}.txt").write_text("\n".join(lines) + "\n")
    return folder


def said_with(adjectives):
    combined = itertools.product(OPENINGS, NOUNS, adjectives, PLACES)
    return [f"{opening} {noun} was {adjective} {place} ." for opening, noun, adjective, place in combined]


def trained(opinions, folder, **overrides):
    """Train on the toy language; the last validation, and all health findings, out of the log."""
    settings = SMALL | {"domains": {"a": "a", "b": "b"}} | overrides
    run = cyclekit.load("recipes/negative2positive", profile="published", data=str(opinions), overrides=settings)
    cyclekit.train(run, folder, device="cpu")
    records = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    last = [record["values"] for record in records if record["kind"] == "metrics"][-1]
    return last, [record for record in records if record["kind"] == "health" and record["step"] == 500]


def test_negative_control_image_weights_end_in_copying_and_the_health_check_says_so(opinions, tmp_path):
    values, findings = trained(opinions, tmp_path / "run", **IMAGE_WEIGHTS)
    for direction in values.values():
        assert direction["exact copies (%)"] > 60  # four seeds: 74 to 100
        assert direction["style accuracy (%)"] < 60  # 23 are there from the start
    said = [finding["finding"] for finding in findings if finding["check"] == "copying"]
    assert len(said) == 2
    assert all("the outputs copy their inputs" in line and "raise objective.adversarial" in line for line in said)


def test_positive_control_text_weights_change_the_opinion_and_keep_the_rest(opinions, tmp_path):
    values, findings = trained(opinions, tmp_path / "run")
    for direction in values.values():
        assert direction["exact copies (%)"] < 40  # 23 have nothing to change
        assert direction["style accuracy (%)"] > 90
        assert direction["self-BLEU"] > 35  # one word of six changed leaves 43 at best
    assert not findings
    assert latest(tmp_path / "run").name == "step-00000500"
