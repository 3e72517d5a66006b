"""Who sees which sentence: training, judging, validation and held-out sets that share none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.text_set import TextSet

Halves = Literal["first", "drawn"]
"""Which half of a parallel source's rows is one domain's; the other domain has the other."""

MOST_TEST = 1_000
"""Sentences a domain, where a share is held out: more sharpens no number much, and every evaluation pays for it."""

MOST_JUDGING = 20_000
"""Sentences a domain for the classifier that judges style: about 97 % accuracy on Yelp comes from fewer."""

VALIDATION_SHARE = 0.05
"""Where the source has no validation split, at most this share of a domain."""


class Splits(NamedTuple):
    """The sentences of both domains by use."""

    train: Pair[list[str]]
    judging: Pair[list[str]]
    validation: Pair[list[str]]
    test: Pair[list[str]]
    truth: Pair[list[list[str]]] | None
    left_out: int
    """Training sentences that were dropped, because they also stand in another set."""
    selecting: Pair[list[str]]
    """For a judge whose word chooses among checkpoints: as `judging`, but never translations of training sentences."""


def divide(
    text: TextSet,
    domains: Pair[str],
    *,
    aligned: bool,
    judging_share: float,
    validation: int,
    test_share: float,
    held_out: int | None,
    halves: Halves = "first",
) -> Splits:
    """Set aside what the source has not split itself, drawn by a hash of the sentences: once set aside, always so.

    Args:
        aligned: keep the rows of both domains together. Otherwise a source that is aligned gives one half of its rows
            to a and the other to b, so that no sentence of one is the translation of one of the other. What is left
            over is for judging.
        halves: the `first` half of the rows for a; or `drawn` by a hash of a's sentences, which gives both halves rows
            of the same kind and length, however a file is ordered.
        held_out: the most held-out sentences of each domain; None: all.

    Raises:
        RecipeError: nothing is left to train on.
    """
    train, test, truth = text.train, text.test, text.truth
    if test is None:
        train, test, truth = _test_from(train, text.aligned, test_share)
    if held_out is not None:
        kept = test.map(lambda side: sorted(drawn_rows(side, held_out)))
        test = Pair(*(_rows(side, rows) for side, rows in zip(test, kept)))
        truth = None if truth is None else Pair(*(_rows(side, rows) for side, rows in zip(truth, kept)))
    unused: Pair[list[str]] | None = None
    if text.aligned and not aligned:
        middle = len(train.a) // 2
        of_a = set(range(middle)) if halves == "first" else drawn_rows(train.a, middle, every=True)
        one, other = sorted(of_a), [row for row in range(len(train.a)) if row not in of_a]
        unused = Pair(_rows(train.a, other), _rows(train.b, one))
        train = Pair(_rows(train.a, one), _rows(train.b, other))
    given = text.validation
    if given is None:
        sizes = train.map(lambda side: min(validation, int(VALIDATION_SHARE * len(side))))
        checked, train = _set_aside(train, sizes, aligned, every=False)
    else:
        checked = given.map(lambda side: _rows(side, sorted(drawn_rows(side, validation))))
    others = set(chain(*test, *checked, *(chain.from_iterable(side) for side in truth or ())))
    train, left_out = _without(train, others, aligned)
    also_judging = 0
    if unused is not None and judging_share:
        fresh, _ = _without(unused, others.union(*train), together=False)
        judging = fresh.map(lambda side: _rows(side, sorted(drawn_rows(side, MOST_JUDGING, every=True))))
        # These translate what the other domain learns from: they may measure, and choose nothing.
        selecting = train.map(lambda side: _rows(side, sorted(drawn_rows(side, MOST_JUDGING))))
    else:
        sizes = train.map(lambda side: min(MOST_JUDGING, round(judging_share * len(side))))
        judging, train = _set_aside(train, sizes, aligned, every=True)
        train, also_judging = _without(train, set(chain(*judging)), aligned)
        selecting = judging
    for name, side in zip(domains, train):
        if not side:
            raise RecipeError(
                f"data: {name} has no sentence left to train on; add some, or set less aside: data.test_share=0, "
                "data.validation=0, data.judging_share=0"
            )
    return Splits(train, judging, checked, test, truth, left_out + also_judging, selecting)


def drawn_rows(sentences: Sequence[str], count: int, every: bool = False) -> set[int]:
    """Rows of `count` sentences, drawn by a hash of the sentences alone, whatever their order and what else is there.

    Args:
        every: take all rows of a drawn sentence, and count them; otherwise the first one stands for it.
    """
    rows_of: dict[str, list[int]] = {}
    for row, sentence in enumerate(sentences):
        rows_of.setdefault(sentence, []).append(row)
    chosen: set[int] = set()
    for sentence in sorted(rows_of, key=_rank):
        rows = rows_of[sentence] if every else rows_of[sentence][:1]
        if len(chosen) + len(rows) <= count:
            chosen.update(rows)
        elif not every:
            break
    return chosen


def _rank(sentence: str) -> bytes:
    return hashlib.blake2b(sentence.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _test_from(
    train: Pair[list[str]], together: bool, share: float
) -> tuple[Pair[list[str]], Pair[list[str]], Pair[list[list[str]]] | None]:
    """Training rows, held-out ones, and where rows belong together these as each other's truth."""
    sizes = train.map(lambda side: min(MOST_TEST, max(1, round(share * len(side)))) if share and side else 0)
    test, rest = _set_aside(train, sizes, together, every=False)
    truth = Pair([[other] for other in test.b], [[other] for other in test.a]) if together else None
    return rest, test, truth


def _set_aside(
    sentences: Pair[list[str]], sizes: Pair[int], together: bool, every: bool
) -> tuple[Pair[list[str]], Pair[list[str]]]:
    """The sentences set aside, and the others."""
    first = drawn_rows(sentences.a, sizes.a, every)
    out = Pair(first, first if together else drawn_rows(sentences.b, sizes.b, every))
    aside = Pair(*(_rows(side, sorted(rows)) for side, rows in zip(sentences, out)))
    rest = Pair(*([one for row, one in enumerate(side) if row not in rows] for side, rows in zip(sentences, out)))
    return aside, rest


def _without(sentences: Pair[list[str]], others: set[str], together: bool) -> tuple[Pair[list[str]], int]:
    """The sentences that are not among `others`, and how many were; of rows that belong together both or none."""
    keep = sentences.map(lambda side: [sentence not in others for sentence in side])
    if together:
        both = [first and second for first, second in zip(*keep)]
        keep = Pair(both, both)
    kept = Pair(*([one for one, stays in zip(side, flags) if stays] for side, flags in zip(sentences, keep)))
    return kept, sum(map(len, sentences)) - sum(map(len, kept))


def _rows(items: Sequence[object], rows: Iterable[int]) -> list[Any]:
    return [items[row] for row in rows]
