"""What the server does with an upload: an answer, or a status and one line; and no more waits than may."""

import io
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.live.work import FORMATS, Busy, Limits, Unfit, Work, translated_picture, translated_sentences
from cyclekit.registry import RecipeError
from tests.commands import PATIENCE

LIMITS = Limits(pixels=500, sentences=3)


class Echo:
    """Translates into photo and monet, and gives back what it was given."""

    targets = ("photo", "monet")

    def __init__(self, channels=3):
        self.of = channels

    def name(self, to):
        if to not in (None, *self.targets):
            raise RecipeError(f"to={to}: no such domain")
        return to or self.targets[0]

    def channels(self, to):
        self.name(to)
        return self.of

    def __call__(self, item, to=None, decoding=None):
        self.name(to)
        if isinstance(item, list):
            self.decoding = decoding
            return [[one] * decoding.best if decoding.best else one for one in item]
        return item


def encoded(size=(20, 10), drawn=lambda size, level: Image.new("RGB", size, level)):
    held = io.BytesIO()
    drawn(size, 200).save(held, "PNG")
    return held.getvalue()


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_is_answered_in_the_format_that_was_asked_for(format_, channels):
    content, type_ = translated_picture(Echo(channels), encoded(), "monet", format_, LIMITS)
    made = Image.open(io.BytesIO(content))
    assert (made.size, type_) == ((20, 10), f"image/{format_}")
    assert (made.format, made.convert("RGB").getpixel((3, 3))[1] < 20) == (FORMATS[format_][0], channels == 3)


@pytest.mark.parametrize(
    ("upload", "to", "format_", "status", "why"),
    [
        (b"", None, "png", 422, "the upload: the file is empty"),
        (b"no picture", None, "png", 422, "the upload: not a picture in any known format"),
        (encoded(drawn=Image.effect_noise)[:120], None, "png", 422, "the upload: broken picture"),
        (encoded((30, 20)), None, "png", 413, "the upload: 30 x 20 are 600 pixels, and at most 500 are read"),
        (encoded(), "foto", "png", 400, "to=foto: no such domain"),
        (encoded(), None, "gif", 400, "format=gif: choose jpeg, png, webp"),
    ],
    ids=["empty", "other", "cut", "large", "domain", "format"],
)
def test_a_picture_that_is_refused(upload, to, format_, status, why):
    with pytest.raises(Unfit) as refused:
        translated_picture(Echo(), upload, to, format_, LIMITS)
    assert refused.value.status == status
    assert str(refused.value).startswith(why)


def test_sentences_are_answered_each():
    assert translated_sentences(Echo(), {"sentences": ["a", ""]}, LIMITS) == {"to": "photo", "translations": ["a", ""]}
    echo = Echo()
    several = translated_sentences(echo, {"sentences": ["a"], "to": "monet", "beam": 4, "best": 2}, LIMITS)
    assert several == {"to": "monet", "translations": [["a", "a"]]}
    assert (echo.decoding.beam, echo.decoding.best) == (4, 2)
    assert translated_sentences(Echo(), {"sentences": ["a"], "to": None, "beam": None}, LIMITS)["to"] == "photo"


@pytest.mark.parametrize(
    ("given_", "status", "why"),
    [
        ([], 400, 'a request is {"sentences": ["..."], "to": DOMAIN, "beam": N, "best": N}; only the first must be'),
        ({"sentences": ["a"], "bream": 1}, 400, "a request is"),
        ({}, 400, "sentences: is a list of at least one sentence"),
        ({"sentences": []}, 400, "sentences: is a list of at least one sentence"),
        ({"sentences": ["a", 1]}, 400, "sentences: is a list of at least one sentence"),
        ({"sentences": ["a"] * 4}, 413, "sentences: 4 at once, and 3 are taken; send fewer"),
        ({"sentences": ["a"], "beam": True}, 400, "beam: is a whole number from 1 to 32"),
        ({"sentences": ["a"], "best": 33}, 400, "best: is a whole number from 1 to 32"),
        ({"sentences": ["a"], "to": 1}, 400, "to: is the name of a domain"),
        ({"sentences": ["a"], "to": "foto"}, 400, "to=foto: no such domain"),
        ({"sentences": ["a"], "beam": 2, "best": 3}, 400, "best=3: a beam of 2 finds no more"),
    ],
)
def test_sentences_that_are_refused(given_, status, why):
    with pytest.raises(Unfit) as refused:
        translated_sentences(Echo(), given_, LIMITS)
    assert refused.value.status == status
    assert str(refused.value).startswith(why)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["sentences", "to", "beam", "best"]), one),
    max_leaves=6,
)


@given(json_values)
def test_whatever_json_comes_is_answered_or_refused_in_one_line(given_):
    try:
        answer = translated_sentences(Echo(), given_, LIMITS)
    except Unfit as error:
        answer = error.status, len(str(error).splitlines())
    assert answer in ((400, 1), (413, 1)) or answer.keys() == {"to", "translations"}


def test_no_more_waits_than_may_and_everything_is_counted():
    work, gate = Work(threads=1, limit=3), threading.Event()
    futures = [work.submit(lambda number=number: gate.wait(PATIENCE) and number) for number in range(3)]
    with pytest.raises(Busy):
        work.submit(lambda: None)
    assert (work.waiting, work.done, work.refused) == (3, 0, 1)
    gate.set()
    assert [future.result(PATIENCE) for future in futures] == [0, 1, 2]
    work.close()  # what counts them has run by then
    assert (work.waiting, work.done, work.refused) == (0, 3, 1)


def test_a_fault_takes_no_place_for_ever():
    work = Work(threads=1, limit=1)
    assert isinstance(work.submit(lambda: 1 / 0).exception(PATIENCE), ZeroDivisionError)
    work._pool.shutdown(wait=True)
    assert (work.waiting, work.done) == (0, 1)


def test_closing_finishes_what_is_under_way_and_drops_what_waits():
    work, begun, gate = Work(threads=1, limit=9), threading.Event(), threading.Event()
    first = work.submit(lambda: begun.set() or gate.wait(PATIENCE))
    second = work.submit(lambda: None)
    assert begun.wait(PATIENCE)
    closing = threading.Thread(target=work.close)
    closing.start()
    while not second.cancelled():
        gate.wait(0.001)
    gate.set()
    closing.join(PATIENCE)
    assert first.result(0) is True
    assert (work.waiting, work.done) == (0, 2)
