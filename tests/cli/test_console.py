"""What commands tell: metrics as tables, flags instead of arguments, and who is asked about a plugin."""

import io
import sys

import pytest

from cyclekit.cli import console
from cyclekit.cli.console import asked_to_trust, in_flags, print_metrics, unsaid
from cyclekit.plugins import trust
from cyclekit.registry import RecipeError, argument, setting

MEASURED = {
    "data": "folder [red]",
    "step": 1200,
    "weights": "EMA",
    "beam": None,
    "directions": {
        "monet -> photo": {
            "items": 20,
            "references": 30,
            "rows": {
                "translated": {"KID": {"value": 0.12345, "interval": [0.1, 0.15]}, "FD": {"value": float("nan")}},
                "copy the input": {"KID": {"value": 0.5, "spread": None}},
            },
            "better": {"KID": "lower", "FD": "lower"},
            "protocol": {"KID": {"notes": ["few pictures"]}, "FD": {"notes": ["few pictures"]}},
            "not measured": {"LPIPS": "no weights here"},
        }
    },
}


def told(capsys, **changes: object) -> tuple[str, str]:
    print_metrics(MEASURED | changes)
    out, err = capsys.readouterr()
    return out, err


def test_metrics_are_tables_with_intervals_and_what_was_not_measured_is_said(capsys):
    out, err = told(capsys)
    lines = [" ".join(line.replace("│", " ").split()) for line in out.splitlines()]
    assert lines[:2] == ["folder [red] · step 1,200, EMA", "monet -> photo: 20 held-out items against 30"]
    assert lines[lines.index("KID 0.1235 0.5 lower") + 1] == "0.100 to 0.150"
    assert "FD lower" in lines
    assert lines[-2:] == [
        "Below a number: its 95 % interval over the held-out items.", "few pictures (KID, FD)",
    ]  # fmt: skip
    assert err == "LPIPS is not measured: no weights here\n"


def test_how_sentences_were_found_and_of_what_is_said(capsys):
    out, _ = told(capsys, beam=4, reranking="cycle", split="validation")
    assert "step 1,200, EMA, searched with a beam of 4 and chosen by cycle" in out
    assert "20 validation items against 30" in out
    assert "over the validation items." in out


def test_a_direction_in_which_nothing_could_be_measured_has_no_empty_table(capsys):
    nothing = {**MEASURED["directions"]["monet -> photo"], "rows": {}, "better": {}}
    out, err = told(capsys, directions={"monet -> photo": nothing})
    assert "better is" not in out
    assert err == "LPIPS is not measured: no weights here\n"


def test_mistakes_are_told_in_flags():
    assert in_flags(RecipeError(f"{argument('temperature', 0)}: x")) == "--sample 0: x"
    assert in_flags(RecipeError(f"{argument('best')}; {setting('a=1')}")) == "--n-best; --set a=1"
    assert in_flags(RecipeError(f"{argument('trust_plugin', True)}")) == "--trust-plugin"
    assert unsaid("x") is None


class Keyboard(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: x\n")
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "log.jsonl").write_text("")
    (tmp_path / "plugin.py").write_text(f"# {tmp_path}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "trusted"), [("y\n", True), ("YES \n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_somebody_at_a_terminal_is_asked(run, monkeypatch, typed, trusted):
    said = []
    monkeypatch.setattr(console, "say", said.append)
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    monkeypatch.setattr(sys, "stderr", Keyboard())
    assert asked_to_trust(run) is trusted
    (question,) = said
    assert question.startswith(f"{run / 'plugin.py'} came with this run")


@pytest.mark.parametrize("because", ["no terminal", "no plugin", "no run", "trusted before"])
def test_nobody_is_asked(run, monkeypatch, because):
    monkeypatch.setattr(console, "say", lambda question: pytest.fail(question))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n") if because == "no terminal" else Keyboard("y\n"))
    monkeypatch.setattr(sys, "stderr", Keyboard())
    if because == "no plugin":
        (run / "plugin.py").unlink()
    if because == "no run":
        (run / "recipe.yaml").unlink()
    if because == "trusted before":
        trust(run / "plugin.py", (run / "plugin.py").read_bytes())
    assert asked_to_trust(run) is False
