"""Text files to text files: line k of the output belongs to line k of the input, whatever is on it."""

import gzip
import io
import os
import re
import shlex
import tempfile
from functools import partial
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from cyclekit.files.jobs import Job
from cyclekit.registry import RecipeError
from cyclekit.text.files import translate_stream, translate_texts
from tests.refusals import below, refusal_of

# Control characters by the dozen are taken for another encoding; single ones have a test of their own.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\t\r")
LINES = st.lists(st.text(CHARACTERS, max_size=12), max_size=25)


def shouted(sentences):
    """A translation as lazy as the real one: takes a few, then gives a few."""
    waiting = []
    for sentence in sentences:
        assert sentence.strip() == sentence != ""
        waiting.append(sentence.upper())
        if len(waiting) == 3:
            yield from waiting
            waiting = []
    yield from waiting


def translate(inputs, out, told=None, how=shouted):
    told = [] if told is None else told
    return translate_texts(how, [str(path) for path in inputs], out, lambda *state: told.append(state))


refusal = partial(refusal_of, translate)


def lines_in(text):
    """The lines of a text; where there is no line feed, carriage returns end them."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return text.removesuffix("\n").split("\n") if text else []


def belongs(answer, line):
    """Whether an output line is the stand-in's answer: blank for blank, single spaces."""
    return answer == " ".join(line.removesuffix("\r").upper().split())


@settings(max_examples=50)
@given(LINES, st.booleans(), st.booleans())
def test_line_k_belongs_to_line_k(lines, compressed, ends):
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    expected = lines_in(text)
    with tempfile.TemporaryDirectory() as folder:
        name = "x.gz" if compressed else "x"
        (Path(folder) / name).write_bytes(gzip.compress(text.encode()) if compressed else text.encode())
        written = translate([Path(folder) / name], Path(folder) / "out")
        made = (Path(folder) / "out" / name).read_bytes()
    answers = (gzip.decompress(made) if compressed else made).decode()
    assert written.done == len(expected)
    assert answers == "" if not expected else answers.endswith("\n")
    answers = answers.split("\n")[:-1]
    assert len(answers) == len(expected)
    expected[:1] = [line.removeprefix("\ufeff") for line in expected[:1]]
    assert all(map(belongs, answers, expected))


class Pipe(io.RawIOBase):
    """Bytes that come in bunches, as through a pipe."""

    def __init__(self, bunches):
        self.bunches = list(bunches)

    def read1(self, size):
        return self.bunches.pop(0) if self.bunches else b""


@settings(max_examples=50)
@given(LINES, st.data())
def test_lines_of_a_pipe_are_answered_in_order_however_they_come(lines, data):
    text = "\n".join(lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    bunches = [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)])]
    target = io.BytesIO()
    done = translate_stream(shouted, Pipe(filter(None, bunches)), target)
    expected = lines_in(text.decode())
    answers = target.getvalue().decode().split("\n")
    assert answers.pop() == ""
    assert done == len(answers) == len(expected)
    expected[:1] = [line.removeprefix("\ufeff") for line in expected[:1]]
    assert all(map(belongs, answers, expected))


def test_what_has_come_is_answered_before_more_is_waited_for():
    said = []

    class Watched(io.BytesIO):
        def flush(self):
            said.append(self.getvalue())

    target = Watched()
    translate_stream(shouted, Pipe([b"one\ntw", b"o\n", b"\n", b"three"]), target)
    assert said == [b"ONE\n", b"ONE\nTWO\n", b"ONE\nTWO\n\n", b"ONE\nTWO\n\n", b"ONE\nTWO\n\nTHREE\n"]


def test_the_best_few_share_a_line_and_nothing_breaks_it(tmp_path):
    (tmp_path / "in").write_text("one\n\ntwo\n")
    translate([tmp_path / "in"], tmp_path / "out", how=lambda lines: ([line, f"{line}\tor\nso\r"] for line in lines))
    assert (tmp_path / "out" / "in").read_text() == "one\tone or so\n\ntwo\ttwo or so\n"


def test_folders_keep_their_names_and_subfolders(tmp_path):
    for name in ("formal", "deep/er/b.txt", ".hidden", "deep/.git/c"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(f"{name}\n")
    told = []
    written = translate([tmp_path / "in"], tmp_path / "in" / "out", told)
    assert (written.done, written.failures) == (2, [])
    assert below(tmp_path / "in" / "out") == {"formal", "deep/er/b.txt"}
    assert told == [(0, 2), (1, 2), (2, 2)]
    # What stands in `out` is from an earlier time, not an input.
    assert translate([tmp_path / "in"], tmp_path / "in" / "out").done == 2
    assert below(tmp_path / "in" / "out") == {"formal", "deep/er/b.txt"}


def test_a_long_file_is_not_held_in_memory(tmp_path):
    (tmp_path / "in").write_text("word\n" * 10_000)
    ahead = [0]

    def counting(sentences):
        for taken, sentence in enumerate(sentences):
            ahead[0] = taken
            yield sentence

    seen = []
    translate_texts(
        counting, [str(tmp_path / "in")], tmp_path / "out", lambda done, total: seen.append(ahead[0] - done)
    )
    assert len(seen) == 10_001
    assert max(seen) <= 1


def test_files_that_cannot_be_read_come_last_and_the_others_are_done(tmp_path):
    (tmp_path / "good").write_text("one\n")
    (tmp_path / "latin").write_bytes("one\ntwo\ncafé\n".encode("latin1"))
    (tmp_path / "no.gz").write_text("plain\n")
    (tmp_path / "half.gz").write_bytes(gzip.compress(os.urandom(999).hex().encode())[:500])
    written = translate([tmp_path], tmp_path / "out")
    assert (written.done, below(tmp_path / "out")) == (1, {"good"})
    latin, utf8, gz, plain = (shlex.quote(str(tmp_path / name)) for name in ("latin", "latin-utf8", "no.gz", "no"))
    convert = f"iconv -f WINDOWS-1252 -t UTF-8 {latin} > {utf8}"
    assert dict(written.failures) == {
        str(tmp_path / "half.gz"): "is not wholly a gzip file: it was cut off or damaged; fetch it anew",
        str(tmp_path / "latin"): f"line 3: is not UTF-8 (byte 0xe9), but perhaps WINDOWS-1252; convert it: {convert}",
        str(tmp_path / "no.gz"): f"is no gzip file; if it is plain text, give it its name: mv {gz} {plain}",
    }
    assert translate([tmp_path / "latin"] * 2, tmp_path / "again").failures == written.failures[1:2]


def test_a_pipe_that_is_no_utf8_is_answered_up_to_there():
    target = io.BytesIO()
    with pytest.raises(RecipeError, match=r"standard input: line 3: is not UTF-8 \(byte 0xff\)"):
        translate_stream(shouted, Pipe([b"one\n", b"two\n\xff\nfour\n"]), target)
    assert target.getvalue() == b"ONE\nTWO\n"


def test_a_written_file_is_whole_or_not_there(tmp_path):
    (tmp_path / "in").write_text("one\ntwo\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "in").write_text("before")

    def breaks(sentences):
        yield next(iter(sentences))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translate([tmp_path / "in"], tmp_path / "out", how=breaks)
    assert below(tmp_path / "out") == {"in"}
    assert (tmp_path / "out" / "in").read_text() == "before"


def test_what_cannot_be_translated(tmp_path):
    (tmp_path / "x").write_text("one\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x").write_text("two\n")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    x, out = tmp_path / "x", tmp_path / "out"
    assert refusal([tmp_path / "nowhere"], out) == f"{tmp_path / 'nowhere'}: no such file or folder"
    assert refusal([tmp_path / "empty"], out) == f"{tmp_path / 'empty'}: no files in this folder or below"
    assert refusal([x], tmp_path) == f"{x}: a translation would overwrite this input; choose another out"
    both = f"{x} and {tmp_path / 'sub' / 'x'} would both be written as x; translate them apart"
    assert refusal([x, tmp_path / "sub"], out) == both
    assert refusal([x], x) == f"{x}: cannot be written: File exists; choose another out"
    assert re.match(r".*pipe: is a named pipe, .* give - and pipe it in", refusal([tmp_path / "pipe"], out))
    assert refusal(["-", x], out) == "-: standard input is translated alone; name the files in a call of their own"
    assert not out.exists()


def test_a_table_gets_a_column_more(tmp_path):
    cells = ["one", None, " ", "two\nlines", "three"]
    parquet.write_table(pyarrow.table({"id": range(5), "said": cells}), tmp_path / "in.parquet")
    out, told = tmp_path / "out", []
    written = translate_texts(
        lambda lines: (line.upper() for line in lines), [str(tmp_path / "in.parquet")], out,
        lambda *state: told.append(state), job=Job(adds="loud", recorded=True),
    )  # fmt: skip
    assert (written.done, written.failures) == (5, [])
    made = parquet.read_table(out / "in.parquet")
    assert made["loud"].to_pylist() == ["ONE", None, "", "TWO LINES", "THREE"]
    assert made["said"].to_pylist() == cells
    assert told[-1] == (5, 5)
    assert (out / "files.jsonl").is_file()


def test_a_table_whose_columns_do_not_fit_is_reported_and_the_others_are_done(tmp_path):
    parquet.write_table(pyarrow.table({"a": ["x"], "b": ["y"]}), tmp_path / "two.parquet")
    (tmp_path / "plain.txt").write_text("one\n")
    written = translate_texts(
        lambda lines: iter(lines), [str(tmp_path / "two.parquet"), str(tmp_path / "plain.txt")], tmp_path / "out",
        lambda *state: None,
    )  # fmt: skip
    assert written.done == 1
    ((path, why),) = written.failures
    assert path.endswith("two.parquet")
    assert why == "has 2 columns of text (a, b); name it: cyclekit translate --column NAME"
