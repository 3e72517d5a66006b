"""The description of the API: what it allows is taken, and what is taken it allows."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.live.openapi import described
from cyclekit.live.work import FORMATS, Limits, Unfit, translated_sentences
from tests.live.test_work import Echo

LIMITS = Limits(pixels=90_000, sentences=3, waiting=7)


def operation(kind):
    return described(kind, ["photo", "monet"], LIMITS)["paths"]["/translate"]["post"]


@pytest.mark.parametrize("kind", ["pictures", "sentences"])
def test_every_answer_that_the_server_gives_is_described(kind):
    document = described(kind, ["photo"], LIMITS)
    assert json.loads(json.dumps(document)) == document
    assert document["openapi"] == "3.1.0"
    assert document["paths"].keys() == {"/translate", "/health"}
    answers = operation(kind)["responses"]
    assert answers.keys() == {"200", "400", "403", "413", "422", "429"}
    assert "7 requests" in answers["429"]["description"]
    for status, answer in answers.items():
        if status != "200":
            schema = answer["content"]["application/json"]["schema"]
            jsonschema.validate({"error": "why"}, schema)
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({}, schema)


def test_pictures_have_their_formats_and_domains():
    said = operation("pictures")
    assert "90,000 pixels" in said["summary"]
    to, format_ = (one["schema"] for one in said["parameters"])
    assert (to["enum"], to["default"]) == (["photo", "monet"], "photo")
    assert (set(format_["enum"]), format_["default"]) == (set(FORMATS), "jpeg")
    assert set(said["responses"]["200"]["content"]) == {type_ for _, type_ in FORMATS.values()}


requests = st.fixed_dictionaries(
    {"sentences": st.lists(st.text(max_size=3), min_size=1, max_size=5) | st.just("one") | st.just([1])},
    optional={
        "to": st.sampled_from(["photo", "monet", "foto", 3]),
        "beam": st.sampled_from([1, 32, 0, 33, "4", 2.5, True]),
        "best": st.sampled_from([1, 2, 0]),
    },
)


@given(requests)
def test_what_the_schema_refuses_is_refused_and_what_it_takes_is_taken(request):
    schema = operation("sentences")["requestBody"]["content"]["application/json"]["schema"]
    fits = jsonschema.Draft202012Validator(schema).is_valid(request)
    try:
        translated_sentences(Echo(), request, LIMITS)
        taken = True
    except Unfit as error:
        # A beam must hold as many as are wanted: no schema says that.
        taken = fits and "finds no more" in str(error)
    assert taken == fits
