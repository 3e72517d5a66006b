"""`cyclekit compare`: what it prints and writes, and which options go together."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from cyclekit.cli import main
from tests.commands import call, mistake
from tests.made_run import made_run
from tests.report.folders import run_of


def test_the_command_prints_tables_and_writes_a_page(tmp_path, capsys, monkeypatch):
    one = run_of(tmp_path / "same", KID={"value": 0.2, "interval": [0.18, 0.22]})
    two = run_of(tmp_path / "deep/same", 7, KID={"value": 0.1, "interval": [0.08, 0.12]})
    out = tmp_path / "new/compare.html"
    monkeypatch.setattr("sys.argv", ["cyclekit", "compare", str(one), str(two), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for words in (
        "deep/same",
        "train.seed",
        "0.1 (0.080 to 0.120)",
        "clear: better",
        "settings differ in the seed alone",
    ):
        assert words in printed
    assert str(out) in printed
    assert out.is_file()


@pytest.mark.parametrize(
    "option",
    [["--to", "photo"], ["--count", "3"], ["--seed", "0"], ["--validation"], ["--data", "x"], ["--device", "cpu"],
     ["--without", "x"], ["--trust-plugin"]],
)  # fmt: skip
def test_what_only_a_blind_sheet_takes_is_not_ignored_without_it(tmp_path, option):
    one, two = run_of(tmp_path / "one"), run_of(tmp_path / "two")
    refused = mistake(call("compare", one, two, *option, "--out", tmp_path / "x.html"))
    assert refused == f"{option[0]}: goes with --blind; add it, or leave this out"
    assert not (tmp_path / "x.html").exists()


def test_a_blind_sheet_is_written_with_what_the_flags_say(tmp_path, monkeypatch):
    asked = []

    def noted(runs, page, **options):
        asked.append((runs, page, options))
        return SimpleNamespace(shown=9, items="pictures", key=Path("blind-key.tsv"), page=page)

    monkeypatch.setattr("cyclekit.use.blind.write_blind", noted)
    runs = [made_run(tmp_path / "one")] * 2
    told = call("compare", "--blind", *runs, "--to", "photo", "--seed", "3", "--data", f"{tmp_path},{tmp_path}")
    assert told == (0, "blind.html\n", "9 pictures, numbered; which is which: blind-key.tsv\n")
    ((given, page, options),) = asked
    assert (given, page) == (runs, Path("blind.html"))
    assert options == {
        "to": "photo", "count": 20, "seed": 3, "validation": False, "device": "auto", "without": [],
        "sources": [{"a": str(tmp_path), "b": str(tmp_path)}], "trusted": [False, False],
    }  # fmt: skip
