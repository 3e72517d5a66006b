"""When there are sheets, and what stands on them."""

from types import SimpleNamespace

import numpy as np

import cyclekit
from cyclekit.callbacks.samples import sample_columns, sheet_due
from cyclekit.core.batch import concat
from tests.tiny import TINY


def steps_with_a_sheet(every, last):
    train = SimpleNamespace(sample_every=every)
    run = SimpleNamespace(recipe=SimpleNamespace(train=train))
    return [
        step
        for step in range(1, last + 1)
        if sheet_due(SimpleNamespace(run=run, step=step, stop="finished" if step == last else None))
    ]


def test_the_first_sheets_come_early_and_none_is_made_twice():
    assert steps_with_a_sheet(500, 1100) == [25, 50, 100, 200, 500, 1000, 1100]
    assert steps_with_a_sheet(150, 320) == [25, 50, 100, 150, 300, 320]
    assert steps_with_a_sheet(20, 70) == [20, 40, 60, 70]
    assert steps_with_a_sheet(500, 40) == [25, 40]


def test_the_truth_stands_beside_the_translation_where_it_is_known():
    """Made worlds know it in both directions."""
    run = cyclekit.load("monet2photo", profile="published", data="builtin:landscapes", overrides=TINY, quiet=True)
    held_out = {domain: run.data.held_out(domain) for domain in ("a", "b")}
    items = {domain: concat([rows[0].row, rows[1].row]) for domain, rows in held_out.items()}
    truths = {domain: concat([rows[0].truth, rows[1].truth]) for domain, rows in held_out.items()}
    columns = sample_columns(run, items, truths)
    assert [column.heading for column in columns[:5]] == [
        "monet", "to photo", "true photo", "and back to monet", "monet as itself",
    ]  # fmt: skip
    assert [column.domain for column in columns] == list("abbaabaabb")
    assert [column.source for column in columns] == list("aaaaabbbbb")
    assert [column.kind for column in columns[:5]] == ["source", "translation", "truth", "back", "identity"]
    for cell, picture in zip(columns[2].cells, run.data.codecs.b.show(truths["a"]), strict=True):
        assert (cell.picture == np.asarray(picture)).all()
    without = sample_columns(run, items, {"a": None, "b": None})
    assert [column.heading for column in without] == [
        column.heading for column in columns if not column.heading.startswith("true ")
    ]
    assert all(len(column.cells) == 2 for column in columns)
