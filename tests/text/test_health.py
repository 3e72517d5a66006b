"""The checks: each speaks of what it is for, with evidence and a remedy, and is silent on healthy outputs."""

import random

import pytest
import torch

from cyclekit.core.batch import Batch, Pair
from cyclekit.measuring.health import Translating, ask
from cyclekit.measuring.metric import Translated
from cyclekit.registry import RecipeError, build, names
from cyclekit.text import health
from tests.text.toys import THINGS, Toys, rewrites

CHECKS = ("copying", "collapse", "repetition", "ignores_input")


@pytest.fixture(scope="module")
def data():
    return Toys()


@pytest.fixture(scope="module")
def good(data):
    return [rewrites(sentence, 1)[0] for sentence in data.test.a]


def findings(data, fakes):
    found = {name: build("health", name)(data.translated(fakes, truth=False)) for name in CHECKS}
    return {name: finding for name, finding in found.items() if finding is not None}


def test_all_are_registered():
    assert {*CHECKS, "retokenisation"} <= set(names("health"))
    assert health.FEWEST == 10


def test_healthy_outputs_pass_every_check(data, good):
    assert findings(data, good) == {}


def test_a_few_copies_and_repeats_are_healthy(data, good):
    some = [*data.test.a[:4], *(f"{good[4]} great great", *good[5:])]
    assert findings(data, some) == {}


def test_copies(data, good):
    found = findings(data, [*data.test.a[:24], *good[24:]])
    assert list(found) == ["copying"]
    assert "copy their inputs (60 % exact copies)" in found["copying"]
    assert "raise objective.adversarial or objective.cross_domain_negatives" in found["copying"]


def test_near_copies_that_change_no_style():
    """Not one is exact, and self-BLEU is nearly that of copying."""
    data = Toys()
    long = data.test.map(lambda side: [f"{sentence} {sentence} {sentence} {sentence}" for sentence in side])
    data.test = long
    found = findings(data, [f"{sentence} so" for sentence in long.a])
    assert list(found) == ["copying"]
    assert "self-BLEU 9" in found["copying"]
    assert "0 % in the target's style" in found["copying"]


def test_few_outputs_for_many_inputs(data, good):
    found = findings(data, [good[0]] * 30 + good[:10])
    assert "distinct outputs of 40 distinct inputs, 31 times 'my " in found["collapse"]
    assert "lower objective.adversarial" in found["collapse"]


def test_outputs_that_please_the_judge_and_keep_nothing(data):
    found = findings(data, [f"superb great lovely {chr(97 + place % 26)}{place}" for place in range(40)])
    assert "in the target's style" in found["collapse"]
    assert "self-BLEU 0.0" in found["collapse"]


def test_repeated_words(data, good):
    stuttering = [
        sentence.replace("is ", "is is is ") if place % 4 else sentence for place, sentence in enumerate(good)
    ]
    found = findings(data, stuttering)
    assert list(found) == ["repetition"]
    assert "75 % with a word twice in a row, 0.0 % of the inputs" in found["repetition"]
    assert "generator.no_repeat" in found["repetition"]


def test_repeats_that_the_inputs_have_too_are_no_finding(good):
    data = Toys()
    data.test = Pair([sentence.replace("is ", "is so so ") for sentence in data.test.a], data.test.b)
    assert findings(data, [sentence.replace("is ", "is so so ") for sentence in good]) == {}


def test_outputs_of_other_inputs(data):
    drawn = random.Random(3)
    unrelated = [f"my {drawn.choice(THINGS)} number {drawn.randrange(100)} is great ." for _ in range(40)]
    found = findings(data, unrelated)
    assert list(found) == ["ignores_input"]
    assert "% of comparisons; chance is 50 %" in found["ignores_input"]
    assert "raise objective.cycle" in found["ignores_input"]


def test_every_finding_is_one_line(data):
    for fakes in (data.test.a, ["great great"] * 40):
        assert all("\n" not in finding for finding in findings(data, fakes).values())


def test_too_few_sentences_say_nothing(data):
    assert findings(data, data.test.a[:9]) == {}


def test_empty_outputs_are_a_collapse(data):
    assert "collapse" in findings(data, [""] * 40)


def test_without_a_judge_exact_copies_are_still_found(good):
    data = Toys()
    data.judging = Pair([], [])
    assert list(findings(data, data.test.a)) == ["copying"]
    assert findings(data, good) == {}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("copying", {"copies": 120.0}, "copies is 120.0; it is a percentage, from 0 to 100"),
        ("collapse", {"distinct": -1}, "distinct is -1; it is a percentage"),
        ("repetition", {"times": -2}, "times is -2; it compares two shares"),
        ("ignores_input", {"recognised": 101}, "recognised is 101; it is a percentage"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(name, options, message):
    with pytest.raises(RecipeError, match=message):
        build("health", name, options=options)


def test_thresholds_are_options(data, good):
    some = data.translated([*data.test.a[:4], *good[4:]], truth=False)
    assert isinstance(some, Translated)
    assert "10 % exact copies" in build("health", "copying", options={"copies": 5})(some)


class Spelled:
    """A codec that can write every word in two ways: as a piece of its own (`encode`), or letter by letter."""

    def encode(self, items):
        return self.batch([[4 + WORDS.index(word) for word in item.split()] for item in items])

    def batch(self, rows):
        longest = max(map(len, rows)) + 1
        ids = torch.tensor([[*row, 1, *[0] * (longest - len(row) - 1)] for row in rows])
        return Batch(ids, torch.arange(longest) < torch.tensor([len(row) + 1 for row in rows])[:, None])

    def decode(self, batch):
        return [" ".join(WORDS[(token - 4) % len(WORDS)] for token in row if token > 3) for row in batch.data.tolist()]


WORDS = [f"word{place}" for place in range(40)]


def spelled_with(secret):
    """Outputs are all "word0 word0 ..."; if `secret`, each word's other spelling tells the input."""
    data = Toys()
    data.codecs = Pair(Spelled(), Spelled())
    sources = [f"{WORDS[place]} word1" for place in range(20)]
    rows = [[4 + len(WORDS) * (place + 1 if secret else 0)] for place in range(20)]
    fake, source = data.codecs.b.batch(rows), data.codecs.a.encode(sources)

    def back(batch):
        told = [max(0, (int(row[0]) - 4) // len(WORDS) - 1) for row in batch.data]
        return data.codecs.a.encode([sources[place] for place in told])

    shown = Translated(source, fake, source, None, data, "b", back(fake) if secret else source)
    return shown, Translating(back, back, False)


def test_a_cycle_that_hides_its_message_in_how_words_are_cut():
    shown, generators = spelled_with(secret=True)
    found = ask(build("health", "retokenisation"), shown, generators)
    assert "(95 % of the sentences come back only if their pieces are left alone, above 10 %)" in found
    assert "lower objective.cycle_gradient" in found


def test_outputs_that_are_cut_as_a_file_of_them_would_be_have_nothing_to_hide(data, good):
    shown, generators = spelled_with(secret=False)
    assert ask(build("health", "retokenisation"), shown, generators) is None
    plain = data.translated(good, truth=False)
    assert ask(build("health", "retokenisation"), plain._replace(back=plain.source), generators) is None
    assert ask(build("health", "retokenisation"), plain, generators._replace(back=None)) is None
