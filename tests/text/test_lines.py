"""Text files as lines: every sentence once and in its place, and files that are none named by file and line."""

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError
from cyclekit.text.lines import accepted, every_line, has_translations, is_text, matching, read_text_file, sentences_in

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)


def put(folder, name, text):
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(["x.txt", "X.TXT", "x", "x.txt.gz"]), st.booleans())
def test_line_k_is_line_k_with_single_spaces(lines, name, ended):
    lines = ["first", *lines]
    with tempfile.TemporaryDirectory() as folder:
        found = read_text_file(put(folder, name, "\n".join(lines) + "\n" * ended))
    expected = [" ".join(line.split()) for line in lines]
    if not ended and lines[-1] == "":  # after the last end of a line none was begun
        expected.pop()
    assert found.lines == expected
    kept, blank = sentences_in([found, found])
    assert kept == [line for line in expected if line] * 2
    assert blank == 2 * expected.count("")


@given(st.lists(st.lists(WORDS.map(lambda word: f"w{word}"), min_size=2, max_size=4), min_size=1, max_size=5))
def test_a_table_without_a_header_is_a_sentence_and_its_translations(rows):
    with tempfile.TemporaryDirectory() as folder:
        found = read_text_file(put(folder, "x.tsv", "".join("\t".join(row) + "\n" for row in rows)))
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    assert accepted(found) == [row[1:] for row in cells]
    assert sentences_in([found])[0] == every_line([found], "") == [row[0] for row in cells]


@pytest.mark.parametrize(
    ("name", "text", "translations"),
    [
        ("a.txt", True, False), ("A.TXT.GZ", True, False), ("a.tsv", True, True), ("a.TSV.gz", True, True),
        ("a.csv", True, False), ("a.jsonl.gz", True, False), ("a.md", False, False), ("txt", False, False),
        ("a.gz", False, False), (".a.txt", False, False), ("._a.txt", False, False),
    ],
)  # fmt: skip
def test_what_names_say(name, text, translations):
    assert is_text(Path("folder.txt") / name) == text
    assert has_translations(Path("folder.tsv") / name) == translations


def test_a_path_a_folder_and_a_glob(tmp_path, monkeypatch):
    for name in ("d/b.txt", "d/a.txt.gz", "d/notes.md", "d/._a.txt", "d/.hidden.txt", "d/deeper/c.txt", "e/a.txt"):
        put(tmp_path, name, "x\n")
    put(tmp_path, "d/[odd]*.txt", "x\n")
    names = lambda pattern: [str(path.relative_to(tmp_path)) for path in matching(pattern)]  # noqa: E731
    assert names(f"{tmp_path}/d") == ["d/[odd]*.txt", "d/a.txt.gz", "d/b.txt"]
    assert names(f"{tmp_path}/d/notes.md") == ["d/notes.md"]  # whoever names a file means it
    assert names(f"{tmp_path}/d/[odd]*.txt") == ["d/[odd]*.txt"]  # there is a file of just that name
    assert names(f"{tmp_path}/**/*.txt") == ["d/[odd]*.txt", "d/b.txt", "d/deeper/c.txt", "e/a.txt"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert names("~/e/*.txt") == names("~/e") == ["e/a.txt"]


def test_what_is_not_there(tmp_path):
    put(tmp_path, "d/notes.md", "x\n")
    with pytest.raises(SourceMissing, match=r"^no such file$"):
        matching(f"{tmp_path}/nowhere.txt")
    with pytest.raises(SourceMissing, match=r"^no file matches$"):
        matching(f"{tmp_path}/*.txt")
    with pytest.raises(RecipeError, match=r"d holds no text files \(\.txt, .*, or these with \.gz\)$"):
        matching(f"{tmp_path}/d")


@pytest.mark.parametrize(
    ("name", "held", "message"),
    [
        ("x.txt", "", r"x\.txt is empty; it should hold one sentence per line$"),
        ("x.txt", " \n\t\n", r"x\.txt holds blank lines only; it should hold one sentence per line$"),
        ("x.csv", 'text\n" "\n', r"x\.csv: its column text is empty; it should hold sentences$"),
    ],
)
def test_files_that_hold_nothing(tmp_path, name, held, message):
    with pytest.raises(RecipeError, match=message):
        read_text_file(put(tmp_path, name, held))


def test_lines_that_must_not_be_blank(tmp_path):
    with pytest.raises(RecipeError, match=r"x\.txt, line 2: is blank, but rows belong together$"):
        every_line([read_text_file(put(tmp_path, "x.txt", "one\n \nthree\n"))], "rows belong together")
    with pytest.raises(RecipeError, match=r"x\.tsv, line 2: has no translation in a second column$"):
        accepted(read_text_file(put(tmp_path, "x.tsv", "one\teins\ntwo\t\n")))
