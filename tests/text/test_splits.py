"""Who sees which sentence: sets that share none, drawn by the sentences alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.splits import divide, drawn_rows
from cyclekit.text.text_set import TextSet
from tests.text.test_data import DOMAINS

few = st.sampled_from([f"s{i}" for i in range(30)])
texts = st.lists(few, min_size=8, max_size=60)


@given(a=texts, b=texts, tests=st.none() | st.tuples(texts, texts), parallel=st.booleans(), aligned=st.booleans(),
       share=st.sampled_from([0, 0.1, 0.5]), halves=st.sampled_from(["first", "drawn"]))  # fmt: skip
@settings(max_examples=150)
def test_no_set_shares_a_sentence_with_training(a, b, tests, parallel, aligned, share, halves):
    if parallel:
        a, b = a[: min(len(a), len(b))], b[: min(len(a), len(b))]
    aligned = aligned and parallel
    text = TextSet(Pair(a, b), "", None, None if tests is None else Pair(*tests), None, parallel)
    try:
        splits = divide(
            text, DOMAINS, aligned=aligned, judging_share=share, validation=3, test_share=0.2, held_out=None,
            halves=halves,
        )  # fmt: skip
    except RecipeError as error:
        assert "has no sentence left to train on" in str(error)  # noqa: PT017
        return
    train, judged = ({s for side in pair for s in side} for pair in (splits.train, splits.judging))
    measured = {s for pair in (splits.test, splits.validation) for side in pair for s in side}
    accepted = {s for side in splits.truth or () for one in side for s in one}
    assert not train & measured
    assert not train & accepted
    assert not train & judged
    if tests is not None:
        assert splits.test == tests
    if aligned:
        pairs = set(zip(a, b))
        assert all(pair in pairs for pair in zip(*splits.train))
        assert len(splits.train.a) == len(splits.train.b)
    elif parallel:
        assert set(splits.train.a) <= set(a)
        assert set(splits.train.b) <= set(b)
    for kept, given_ in zip(splits.train, (a, b)):
        positions = iter(given_)
        assert all(one in positions for one in kept)  # in their order


@given(sentences=st.lists(few), count=st.integers(0, 40), order=st.randoms())
def test_what_is_drawn_depends_on_the_sentences_alone(sentences, count, order):
    rows = drawn_rows(sentences, count)
    assert len(rows) == min(count, len(set(sentences)))
    shuffled = order.sample(sentences, len(sentences))
    assert {sentences[row] for row in rows} == {shuffled[row] for row in drawn_rows(shuffled, count)}
    together = drawn_rows(sentences, count, every=True)
    chosen = {sentences[row] for row in together}
    assert together == {row for row, one in enumerate(sentences) if one in chosen}
    assert len(together) <= count


@given(few=st.sets(few), more=st.sets(few), count=st.integers(0, 20))
def test_sentences_that_come_later_push_out_and_never_in(few, more, count):
    """Once set aside, always so: what is drawn of some sentences is drawn of fewer."""
    before, after = (sorted(some) for some in (few, few | more))
    chosen = {after[row] for row in drawn_rows(after, count)}
    assert chosen & few <= {before[row] for row in drawn_rows(before, count)}
    assert drawn_rows(after, count) <= drawn_rows(after, count + 1)


@given(st.integers(8, 40), st.none() | st.integers(1, 5), st.booleans())
def test_each_held_out_sentence_keeps_its_own_translation(count, held_out, given_test):
    a, b = ([f"{side}{row}" for row in range(count)] for side in "ab")
    test = truth = None
    if given_test:
        test = Pair(["x1", "x2", "x3"], ["y1", "y2", "y3"])
        truth = Pair([["y1"], ["y2"], ["y3"]], [["x1"], ["x2"], ["x3"]])
    splits = divide(
        TextSet(Pair(a, b), "", None, test, truth, True), DOMAINS,
        aligned=True, judging_share=0, validation=2, test_share=0.3, held_out=held_out,
    )  # fmt: skip
    assert len(splits.test.a) > 0
    assert held_out is None or len(splits.test.a) <= held_out
    for side, accepted in zip(splits.test, splits.truth):
        assert len(side) == len(accepted)
        assert all(sentence[1:] == one[1:] and sentence[0] != one[0] for sentence, (one,) in zip(side, accepted))
    assert [one[1:] for one in splits.validation.a] == [one[1:] for one in splits.validation.b]


def test_half_of_a_parallel_text_each_so_that_no_translation_is_seen():
    a, b = ([f"{side}{row}" for row in range(40)] for side in "ab")
    options = {"aligned": False, "validation": 0, "test_share": 0.0, "held_out": None}
    splits = divide(TextSet(Pair(a, b), "", None, None, None, True), DOMAINS, judging_share=0.1, **options)
    assert splits.train == (a[:20], b[20:])
    assert ({*splits.judging.a}, {*splits.judging.b}) == ({*a[20:]}, {*b[:20]})
    # What chooses a checkpoint must not be a translation of what was learned from: only training sentences are none.
    assert {*splits.selecting.a} <= {*splits.train.a}
    assert {*splits.selecting.b} <= {*splits.train.b}


def test_drawn_halves_are_alike_however_the_rows_are_ordered():
    sides = Pair(
        [f"a{'x' * (row // 10)}{row}" for row in range(400)], [f"b{'x' * (row // 10)}{row}" for row in range(400)]
    )
    options = {"aligned": False, "judging_share": 0, "validation": 0, "test_share": 0, "held_out": None}
    ratios = {}
    for halves in ("first", "drawn"):
        train = divide(TextSet(sides, "", None, None, None, True), DOMAINS, halves=halves, **options).train
        assert not {line[1:] for line in train.a} & {line[1:] for line in train.b}
        assert len(train.a) == len(train.b) == 200
        ratios[halves] = sum(map(len, train.b)) / sum(map(len, train.a))
    assert ratios["first"] > 1.5
    assert 0.8 < ratios["drawn"] < 1.25
