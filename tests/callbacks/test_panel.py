"""The live panel at any size, and its parts: what of a log is shown at a glance."""

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.callbacks.panel import BLOCKS, Glance, GlancePanel, SteadyLive, clock_time, plain_line, sparkline
from cyclekit.terminal.screen import Screen
from tests.callbacks.logged import ATerminal, terms


def glance(**changes):
    shown = Glance("monet2photo", "runs/m/report.html", total_steps=3000, items=2, watched=True)
    for record in [{"kind": "stage", "step": 1, "name": "warm-up"}, terms(50), terms(100, **{"cycle.monet": 0.2})]:
        shown.hear(record)
    shown.step = 150
    vars(shown).update(changes)
    return shown


def drawn(shown, width=100, height=40, encoding="utf-8"):
    """The panel's lines as a terminal of a size has them."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Screen(width=width, height=height, force_terminal=True, color_system=None, file=file).print(
        GlancePanel(shown, 61.2)
    )
    file.seek(0)
    return file.read().splitlines()


@pytest.mark.parametrize("width", [8, 30, 60, 100, 200])
@pytest.mark.parametrize("height", [4, 12, 40])
def test_the_panel_fits_every_terminal(width, height):
    shown = glance()
    shown.hear({"kind": "health", "step": 99, "check": "collapse", "finding": "all alike " * 30})
    lines = drawn(shown, width, height)
    assert {len(line) for line in lines} == {min(width, 100)}
    assert lines[0].startswith("╭")
    assert lines[-1].startswith("╰")


def test_the_panel_tells_progress_time_stage_terms_and_where_to_see_more():
    text = "\n".join(drawn(glance()))
    for part in ("monet2photo", "step 150/3,000", "5%", "left 0:00:57", "so far 0:01:01", "stage warm-up"):
        assert part in text
    assert "50 steps/s  100 items/s" in text
    (cycle,) = [line for line in drawn(glance()) if "cycle" in line]
    assert cycle.split("│")[1].split() == ["cycle", "monet", "0.200", "█▁", "photo", "0.250", "▁▁"]
    assert "nothing found" in text
    assert "report  runs/m/report.html" in text
    assert "nothing found" not in "\n".join(drawn(glance(watched=False)))  # nobody looks


def test_the_panel_tells_the_last_metrics_the_best_look_and_the_last_finding():
    shown = glance()
    for step, criterion, best in ((100, 0.5, True), (200, 0.7, False)):
        values = {"monet -> photo": {"KID": criterion}}
        shown.hear({"kind": "metrics", "step": step, "values": values, "criterion": criterion, "best": best})
    shown.hear({"kind": "health", "step": 200, "check": "collapse", "finding": "monet -> photo, since step 100: alike"})
    text = "\n".join(drawn(shown))
    assert "step 200  monet -> photo: KID 0.7" in text
    assert "best 0.5, of step 100" in text
    assert "health  step 200, collapse: monet -> photo, since step 100: alike" in text


def test_a_terminal_without_unicode_gets_letters_it_has():
    lines = drawn(glance(title="été"), encoding="ascii")
    assert "".join(lines).isascii()
    assert any("###--" in line for line in lines)
    assert lines[0].startswith("+- ?t? -")


def test_sparklines():
    assert sparkline([0, 1, 2, 7]) == "▁▂▃█"
    assert sparkline([3.0, 3.0]) == "▁▁"
    assert sparkline([1, float("nan"), 2]) == "▁ █"
    assert sparkline([float("inf")]) == " "
    assert sparkline([]) == ""


def test_a_terminal_that_gets_narrower_has_the_panel_begun_anew_below():
    file = ATerminal()
    console = Screen(file=file, force_terminal=True, width=100, height=40, _environ={"TERM": "xterm"})
    live = SteadyLive(console=console, get_renderable=lambda: GlancePanel(glance(), 1.0), auto_refresh=False)
    with live:
        live.refresh()
        live.refresh()
        over = file.getvalue().count("\x1b[1A")
        assert over > 5  # drawn over itself
        console.width = 60
        live.refresh()
        assert file.getvalue().count("\x1b[1A") == over
        console.width = 90
        live.refresh()
        assert file.getvalue().count("\x1b[1A") > over


def test_words_for_seconds_and_a_line_before_there_is_a_speed():
    assert clock_time(3723.4) == "1:02:03"
    assert plain_line(Glance("m", "r", 10, 2, False)) == "step 0/10  0 steps/s  0 items/s  left 0:00:00  "


def test_a_run_by_the_clock_shows_what_is_left_of_its_time():
    glance = Glance("m", "r", 1000, 2, watched=False, budget=600)
    glance.hear({"kind": "budget", "step": 30, "seconds": 12.0, "position": 11.0, "steps": 1450})
    glance.hear(terms(50, per_second=1.0))
    glance.step, glance.seconds = 60, 25.0
    assert plain_line(glance).startswith("step 60/~1,450  0.5 steps/s  1 items/s  left 0:09:35  ")
    glance.step, glance.seconds = 1450, 600.2
    assert plain_line(glance).startswith("step 1,450/1,450  0.5 steps/s  1 items/s  left 0:00:00  ")


ANY = st.floats(-1e30, 1e30) | st.sampled_from([math.nan, math.inf, -math.inf])


@given(st.lists(ANY, max_size=20))
def test_a_sparkline_has_a_letter_for_each_value_in_the_order_of_the_values(values):
    line = sparkline(values)
    assert len(line) == len(values)
    assert [letter == " " for letter in line] == [not math.isfinite(value) for value in values]
    levels = [(value, BLOCKS.index(letter)) for value, letter in zip(values, line) if math.isfinite(value)]
    assert sorted(levels) == sorted(levels, key=lambda pair: (pair[1], pair[0]))
    if len({value for value, _ in levels}) > 1:
        assert {min(levels)[1], max(levels)[1]} == {0, len(BLOCKS) - 1}


NAMES = st.sampled_from(["cycle.monet", "cycle.photo", "adversarial.a very long name of a domain", "total", "D.x.y"])
HEARD = st.one_of(
    st.builds(
        lambda values: {"kind": "terms", "step": 5, "per_second": 3.0, "terms": values}, st.dictionaries(NAMES, ANY)
    ),
    st.builds(lambda name: {"kind": "stage", "step": 5, "name": name}, st.text()),
    st.builds(lambda words: {"kind": "health", "step": 5, "check": "x", "finding": words}, st.text()),
    st.builds(lambda words: {"kind": "rollback", "step": 5, "message": words}, st.text()),
    st.builds(
        lambda values: {"kind": "metrics", "step": 5, "values": {"a -> b": values}, "criterion": 1.0, "best": True},
        st.dictionaries(st.text(), ANY),
    ),
)  # fmt: skip


@given(st.lists(HEARD, max_size=6), st.integers(1, 130), st.integers(1, 50), st.sampled_from(["utf-8", "ascii"]))
def test_whatever_the_log_says_the_panel_has_the_terminals_size(records, width, height, encoding):
    shown = Glance("monet2photo", "runs/report.html", total_steps=10, items=2, watched=True)
    for record in records:
        shown.hear(record)
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    screen = Screen(width=width, height=height, force_terminal=True, color_system=None, file=file)
    lines = screen.render_lines(GlancePanel(shown, 1.0), screen.options)
    assert {sum(segment.cell_length for segment in line) for line in lines} <= {width, min(width, 100)}


def test_a_look_back_at_a_log_is_the_same_as_having_heard_it():
    records = [
        terms(50),
        {"kind": "stage", "step": 60, "name": "b"},
        terms(70),
        {"kind": "health", "step": 70, "check": "x", "finding": "y"},
    ]
    heard, again = glance(), glance()
    again.forget()
    assert (again.latest, again.trends, again.stage, again.metrics, again.best, again.finding) == (
        {},
        {},
        None,
        {},
        {},
        {},
    )
    heard.forget()
    for record in records:
        heard.hear(record)
        again.hear(record)
    assert vars(heard) == vars(again)
    assert list(heard.trends["cycle.photo"]) == [0.25]  # those of the stage before it are another curve


def test_what_is_left_goes_by_the_newest_speed_or_by_the_clock():
    shown = Glance("m", "r", 1000, 2, watched=False)
    assert (shown.left, shown.speed, shown.length) == (None, None, "1,000")
    shown.hear(terms(50, per_second=4.0))
    shown.step = 600
    assert shown.left == 400 * 2 / 4.0
    shown.budget, shown.seconds = 60.0, 70.0
    assert (shown.left, shown.length) == (0.0, "~1,000")
