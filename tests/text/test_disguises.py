"""Tables under the names of lines: told by what they hold, and sentences with commas are none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.registry import RecipeError
from cyclekit.text.sources import open_source
from tests.text.test_sources import LONG, write
from tests.text.test_tables import DOMAINS, FORMAL, ROWS


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([json.dumps({"text": text}) for text in FORMAL], r"its lines are objects of JSON; name it \.jsonl"),
        ([f"{text}\t{place}" for text, place in ROWS], r"every line has 2 columns with tabs between; name it \.tsv"),
        (
            [f'"{text}",{place}' for text, place in ROWS[::2]],
            r"column 2 of every row is a label \(0\); if it is",
        ),
        (
            ["text,label", *(f'"{text}",{place}' for text, place in ROWS[::2])],
            r"its first row is a header \(text",
        ),
        ([f"{place},{text.replace(',', '')}" for text, place in ROWS[::2]], "column 1 of every row is a label"),
    ],
)
def test_a_table_under_the_name_of_lines_is_refused(tmp_path, lines, message):
    root = write(tmp_path, {"a.txt": lines, "b.txt": ["one"]})
    with pytest.raises(RecipeError, match=message):
        open_source(root, DOMAINS)


ORDINARY = [
    "the food was great , really .",
    "no, thanks, not today",
    "well ; maybe ; later",
    "a\tb",
    "{not json}",
    "1, 2",
]


@given(st.lists(st.sampled_from([*ORDINARY, *LONG]), min_size=12, max_size=30), st.randoms())
@settings(max_examples=30)
def test_sentences_with_commas_stay_sentences(some, drawn):
    import tempfile
    from pathlib import Path

    lines = [*some, *drawn.sample(LONG, 3), ORDINARY[1]]
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), {"a.txt": lines, "b.txt": ["one"]})
        assert open_source(root, DOMAINS).train.a == [" ".join(line.split()) for line in lines]
