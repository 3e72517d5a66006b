"""Tables of sentences: what changed is marked, every letter shown as it is."""

import re
from html import unescape
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.cell import Cell
from cyclekit.report import write_report
from cyclekit.report.older_sheets import tabular
from cyclekit.report.sentences import GAP, DirectionTable, as_html, as_markdown, table_of_words, tables_of
from cyclekit.sheets.cells import Column
from tests.report.folders import FORMAL, START, Page, links, make_run, page_of

HEADINGS = ["formal", "to informal", "and back to formal", "informal", "to formal"]


def add_tables(folder: Path, *sheets: list[list[str]], headings: list[str] = HEADINGS) -> list[dict]:
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    records = []
    for step, rows in enumerate(sheets):
        lines = ["# demo · step", "\t".join(headings), *("\t".join(row) for row in rows)]
        (folder / f"samples/step-{step:08d}.tsv").write_text("".join(line + "\n" for line in lines))
        records.append({"kind": "sample", "step": step, "file": f"samples/step-{step:08d}.tsv"})
    return records


def test_sentences_are_tables_by_direction_with_what_changed_marked(tmp_path):
    row = ["I do not know it.", "i dont know it.", "I know it.", "u r late", ""]
    page = page_of(make_run(tmp_path, START, *add_tables(tmp_path, [row], [row]), recipe=FORMAL))
    assert [figure["data-step"] for figure in page.all("figure") if figure.get("data-step")] == ["0", "1"]
    cards = [tag["aria-label"] for tag in page.all("div") if tag.get("class") == "sentences"]
    assert cards == ["formal · to informal", "informal · to formal"] * 2
    html = (tmp_path / "report.html").read_text()
    assert '<td data-heading="formal"><div><s>I do not</s> know it.</div></td>' in html
    assert '<td data-heading="to informal"><div><mark>i dont</mark> know it.</div></td>' in html
    assert re.search(r'back to formal"><div>I <i title="[^"]*"></i> know it.</div>', html)
    assert '<td data-heading="to formal"><div><small>empty</small></div></td>' in html
    assert "unchanged" not in page.text
    assert page.all("img") == links(page) == []


def test_copies_are_said(tmp_path):
    row = ["I know.", "I know.", "I  know.", "ok", "No."]
    page = page_of(make_run(tmp_path, START, *add_tables(tmp_path, [row]), recipe=FORMAL))
    assert page.text.count("unchanged") == 2


def test_sentences_are_escaped_in_the_page_and_in_markdown(tmp_path):
    evil = "<script>alert('&\"')</script>|`*_[x](y)_*`"
    headings = [evil, f"to {evil}"]
    run = make_run(tmp_path, START, *add_tables(tmp_path, [[evil, f"a {evil}"]], headings=headings), recipe=FORMAL)
    html = write_report(run).read_text()
    assert "<script>alert" not in html
    assert Page(html).text.count(evil) == 4
    sheet = tabular(run / "samples/step-00000000.tsv", (("a", evil),))
    lines = as_markdown(tables_of(sheet)).splitlines()
    assert [line.count("|") for line in lines] == [3, 3, 3]
    assert not re.search(r"[<>`*_\[\]()]", lines[2])
    assert unescape(lines[2]) == f"| {evil} | a {evil} |"


def test_a_broken_or_endless_table_is_said(tmp_path):
    sheets = [[["a"] * 5] * 250, [["a"] * 5], [["a" * 5000, *"bcde"]], [["a"] * 5]]
    run = make_run(tmp_path, START, *add_tables(tmp_path, *sheets), recipe=FORMAL)
    (run / "samples/step-00000001.tsv").write_text("# title\na\tb\nonly one\n")
    (run / "samples/step-00000003.tsv").write_bytes(b"\xff\xff")
    page = page_of(run)
    assert page.text.count("150 rows more are in the file") == 2
    assert "step-00000001.tsv cannot be shown: its rows differ in length" in page.text
    assert "step-00000003.tsv cannot be shown" in page.text
    assert "a" * 1000 + " …" in page.text
    assert "a" * 1001 not in page.text


WORDS = st.lists(st.sampled_from(["a", "b", "<c>", "d&"]), max_size=8)


@settings(max_examples=40)
@given(WORDS, WORDS)
def test_marks_are_what_makes_one_sentence_the_other(source, made):
    """Take out what is marked, and put a sign for what is missing: what is left of both is the same."""
    html = as_html([DirectionTable(["x", "to y"], [[" ".join(source), " ".join(made)]])])
    left, right = re.findall(r"<td[^>]*><div>(.*?)</div></td>", html)
    right = re.sub(r"<small>.*?</small>", "", right)
    assert unescape(re.sub(r"</?s>", "", left)).split() == source
    assert unescape(re.sub(r"</?mark>", "", right).replace(GAP, "")).split() == made
    kept = re.sub(r"<s>.*?</s>", "", left).split()
    assert kept == re.sub(r"<mark>.*?</mark>", "", right.replace(GAP, "")).split()
    assert ("unchanged" in html) == (source == made != [])
    assert ("empty" in html) == (not made)


@given(st.text())
def test_markdown_shows_every_letter_of_a_cell_and_stays_one_row(cell):
    lines = as_markdown([DirectionTable(["x"], [[cell]])]).split("\n")
    assert len(lines) == 3
    assert lines[2].count("|") == 2
    shown = lines[2].removeprefix("| ").removesuffix(" |")
    assert not re.search(r"[<>`*_\[\]()|\\!]", shown)
    assert re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), shown) == " ".join(cell.split())


def test_columns_of_different_length_make_whole_rows():
    sources = Column("x", "a", "a", "source", [Cell(words="1"), Cell(words="2")])
    columns = [sources, Column("y", "b", "a", "translation", [Cell()])]
    assert table_of_words(columns) == DirectionTable(["x", "y"], [["1", ""], ["2", ""]])
