"""What the page tells of a bootstrap: facts and pairs of words, of any record that is found in a log."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.report.bootstrap import first_translations
from cyclekit.report.run_folder import RunFiles
from tests.report.folders import Page

NAMES = {"a": "formal", "b": "informal"}


def told(tmp_path, *records: dict) -> str:
    log = [{"kind": "bootstrap", "step": 1, **record} for record in records]
    return first_translations(RunFiles(tmp_path, {}, {}, log, None, 0.0, []))


def test_each_side_is_a_table_under_the_names_of_its_domains(tmp_path):
    pairs = {"a": [["gonna", "going", 0.256]], "b": [["going", "<gonna>", 1], ["is", "s", None]]}
    newest = {"name": "lexicon", "domains": NAMES, "pairs": pairs, "facts": {"n": 3}}
    page = Page(told(tmp_path, {"name": "older"}, newest))
    assert "What the first translations were made of: lexicon" in page.text
    assert "older" not in page.text
    assert "informalformalsharegonnagoing26 %" in page.text
    assert "formalinformalsharegoing<gonna>100 %iss" in page.text
    assert "n3" in page.text
    assert (len(page.all("details")), len(page.all("summary"))) == (1, 1)


def test_a_run_that_began_otherwise_has_no_such_section(tmp_path):
    assert told(tmp_path) == ""


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ODD = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)


@settings(max_examples=30)
@given(ODD, ODD, ODD, st.lists(st.lists(LEAF | st.just(10**400), min_size=2, max_size=4) | LEAF))
def test_a_record_of_any_shape_is_told_as_far_as_it_goes(domains, facts, pairs, rows):
    record = {"domains": domains, "facts": facts, "pairs": {"a": rows, "b": pairs}}
    page = Page(told(None, record))
    whole = [row for row in rows if isinstance(row, list) and len(row) == 3]
    assert len(page.all("td")) >= 3 * len(whole)
