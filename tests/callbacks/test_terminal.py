"""What a terminal shows of a run: the panel at any size, plain lines, JSON lines, and who may say anything at all."""

import io
import json
import os
import pty
import subprocess
import sys
import threading

import pytest
import torch

from cyclekit.callbacks.terminal import JsonLines, Terminal
from cyclekit.registry import RecipeError
from cyclekit.terminal.screen import Screen
from cyclekit.training.asking import Stop
from tests.callbacks.logged import TERMS, ATerminal, log_in, terms, training
from tests.commands import PATIENCE, TINY, call, flags, mistake
from tests.pictures import picture_folders


def test_plain_lines_where_there_is_no_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Terminal, "PLAIN_EVERY", 0.0)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)  # whatever this machine has
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1))
    log = log_in(tmp_path)
    terminal, run = Terminal(log), training(tmp_path)
    terminal.started(run)
    run.step = 50
    terminal.stepped(run)  # the log has no line yet
    log.write(**terms(50))
    terminal.stepped(run)
    for step in (100, 150):  # the same thing seen twice, by other numbers
        finding = f"monet -> photo, since step 100: {step} % alike"
        log.write("health", step, check="collapse", finding=finding, since=100)
    terminal.ended(run)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "speed: cpu, float32 (no native bf16 here), eager, " + f"{torch.get_num_threads()} threads",
        "step 50/3,000  50 steps/s  100 items/s  left 0:00:59  "
        "adversarial.photo 1.296  cycle.monet 0.313  cycle.photo 0.250",
        "health: step 100: collapse: monet -> photo, since step 100: 100 % alike",
    ]


@pytest.mark.parametrize("wish", ["dumb", "plain"])
def test_plain_lines_on_a_terminal_that_cannot_or_should_not_draw(tmp_path, wish, monkeypatch):
    monkeypatch.setattr(Terminal, "PLAIN_EVERY", 0.0)
    file = ATerminal()
    environment = {"TERM": "dumb" if wish == "dumb" else "xterm"}
    console = Screen(file=file, force_terminal=True, _environ=environment, width=80)
    log = log_in(tmp_path)
    terminal, run = Terminal(log, plain=wish == "plain", console=console), training(tmp_path, notes=["as said"])
    terminal.started(run)
    log.write(**terms(50))
    terminal.stepped(run)
    terminal.ended(run)
    assert "\x1b" not in file.getvalue()
    assert "note: as said\n" in file.getvalue()
    assert "step 0/3,000  50 steps/s" in file.getvalue()


def test_a_resumed_run_shows_what_it_had_found(tmp_path):
    log = log_in(tmp_path)
    log.write("health", 20, check="collapse", finding="alike")
    log.write(**terms(50))
    terminal, run = Terminal(log, console=Screen(file=io.StringIO())), training(tmp_path, step=50, seconds=100.0)
    terminal.started(run)
    assert terminal.glance.finding["finding"] == "alike"
    assert terminal.glance.latest["terms"] == TERMS
    (tmp_path / "log.jsonl").write_text("")  # it goes back to where nothing of it was
    run.step = 10
    log.write("rollback", 10, message="went back from step 50 to 10")
    terminal.went_back(run)
    assert (terminal.glance.step, terminal.glance.finding, terminal.glance.latest) == (10, {}, {})
    assert terminal.glance.note == "went back from step 50 to 10"


def test_a_step_draws_nothing(tmp_path):
    """The panel is drawn twice a second by a thread of its own; a step's only notes where the run is."""
    drawn_by = []

    class Watched(Terminal):
        def _drawn(self):
            drawn_by.append(threading.get_ident())
            return super()._drawn()

    console = Screen(file=ATerminal(), force_terminal=True, width=100, height=40, _environ={"TERM": "xterm"})
    log = log_in(tmp_path)
    terminal, run = Watched(log, console=console), training(tmp_path)
    terminal.started(run)
    log.write(**terms(50))
    drawn_by.clear()
    for step in range(2000):
        run.step = step
        terminal.stepped(run)
    assert threading.get_ident() not in drawn_by
    terminal.ended(run)
    assert "step 1,999/3,000" in console.file.getvalue()


INTERRUPTED = """
import os, signal, sys, time
from pathlib import Path
from cyclekit.callbacks.terminal import Terminal
from cyclekit.training.loop import _interruptible
from tests.callbacks.logged import log_in, terms, training
folder = Path(sys.argv[1])
log = log_in(folder)
terminal, run = Terminal(log), training(folder)
terminal.started(run)
log.write(**terms(50))
with _interruptible(run):
    os.kill(os.getpid(), signal.SIGINT)
    while not run.asked_to_stop:
        time.sleep(0.01)
terminal.live.refresh()
run.stop = "interrupted"
terminal.ended(run)
print("interrupted at step 50", file=sys.stderr)
"""


def test_an_interruption_leaves_a_clean_screen(tmp_path):
    """In a real terminal: the panel is wiped, the cursor is back, the last line stands alone."""
    leader, follower = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)],
        stderr=follower, stdin=follower, stdout=subprocess.PIPE, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(follower)
    seen = b""
    while True:
        try:
            seen += (got := os.read(leader, 65536))
        except OSError:  # how Linux says that nobody has the other side open any more
            break
        if not got:
            break
    assert started.wait(PATIENCE) == 0
    text = seen.decode()
    assert "ends after this step, and saves" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    height = text[text.rindex("╭") : text.rindex("╯")].count("\n") + 1
    after = text[text.rindex("╯") :]
    assert after.count("\x1b[1A\x1b[2K") == height
    assert after.endswith("interrupted at step 50\r\n")


def test_json_lines_are_the_log_between_a_first_and_a_last_line(tmp_path, capsys):
    log = log_in(tmp_path)
    lines, run = JsonLines(log), training(tmp_path)
    log.write("start", 0, steps=3000)  # before anybody knows who speaks
    assert capsys.readouterr().out == ""
    lines.started(run)
    log.write(**terms(50))
    run.step, run.stop = 50, "interrupted"
    lines.ended(run)
    first, *middle, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert middle == [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    report = str(tmp_path / "report.html")
    assert first == {"kind": "run", "step": 0, "recipe": "monet2photo", "folder": str(tmp_path), "report": report}
    assert last == {"kind": "exit", "step": 50, "status": 130, "ending": "interrupted", "folder": str(tmp_path)}


@pytest.mark.parametrize(("error", "status"), [(RecipeError("x"), 2), (ValueError(), 1), (KeyboardInterrupt(), 130)])
def test_json_lines_of_a_run_that_fails(tmp_path, capsys, error, status):
    lines, run = JsonLines(log_in(tmp_path)), training(tmp_path)
    lines.started(run)
    lines.failed(run, error)
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["status"], last["ending"]) == (status, "failed")


def test_a_run_whose_reader_stays_goes_on(tmp_path):
    lines, run = JsonLines(log_in(tmp_path)), training(tmp_path)
    assert lines.started(run) is None
    lines.hear(terms(50))
    assert lines.stepped(run) is None


def test_a_run_whose_reader_goes_away_is_saved_and_ends(tmp_path, monkeypatch):
    def closed(*arguments, **options):
        raise BrokenPipeError

    lines, run = JsonLines(log_in(tmp_path)), training(tmp_path)
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr("builtins.print", closed)
        lines.started(run)
        lines.hear(terms(50))
        assert lines.stepped(run) == Stop("nobody reads standard output any more", interrupted=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=2)


PUBLISHED = ("--profile", "published")


def run_with(data, folder, *options):
    settings = TINY | {"train.steps": 2, "health.checks": [], "validation.metrics": [], "validation.criterion": "null"}
    return call("run", "monet2photo", "--data", data, "--out", folder, *flags(settings), *PUBLISHED, *options)


def test_a_quiet_run_says_its_folder_and_a_mistake(data, tmp_path):
    result = run_with(data, tmp_path / "run", "--quiet")
    assert result == (0, f"{tmp_path / 'run'}\n", "")
    assert mistake(run_with(data, tmp_path / "run", "--quiet")).endswith("choose another --out")


def test_a_run_in_json_lines_has_nothing_else_on_standard_output(data, tmp_path):
    result = run_with(data, tmp_path / "run", "--json")
    assert result.status == 0
    records = [json.loads(line) for line in result.out.splitlines()]
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert records[1:-1] == log
    assert [record["kind"] for record in (records[0], log[0], log[-1], records[-1])] == ["run", "start", "end", "exit"]
    assert "run folder: " in result.err
    assert run_with(data, tmp_path / "both", "--json", "--quiet").err == ""


def test_another_process_than_the_first_leaves_the_refusal_to_it(data, tmp_path, monkeypatch):
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "1")
    assert run_with(data, tmp_path / "run") == (2, "", "")
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "0")
    assert mistake(run_with(data, tmp_path / "run")).startswith("OMPI_COMM_WORLD_SIZE=2: each of these processes")
    assert not (tmp_path / "run").exists()
