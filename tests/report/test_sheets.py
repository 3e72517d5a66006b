"""Which sheets a page shows, and each at a bounded size."""

import base64
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.report.sheets import SHEET_BYTES, SHEETS, encoded, inside, spread, within
from tests.report.folders import START, add_sheets, make_run, page_of


def test_a_big_sheet_is_made_to_fit_and_a_broken_one_is_said(tmp_path):
    path = tmp_path / "noise.png"
    Image.effect_noise((2600, 1900), 120).save(path)
    sheet = encoded(path, path.stat().st_mtime_ns)
    assert len(sheet.uri) < SHEET_BYTES * 1.4
    assert sheet.width / sheet.height == pytest.approx(2600 / 1900, rel=0.01)
    run = make_run(tmp_path / "run", START, *add_sheets(tmp_path / "run", [1, 2]))
    (run / "samples/step-00000001.png").write_bytes(b"half a picture")
    page = page_of(run)
    assert len(page.all("img")) == 1
    assert "samples/step-00000001.png cannot be shown" in page.text


def test_a_sheet_that_was_drawn_anew_is_read_anew(tmp_path):
    run = make_run(tmp_path, START, *add_sheets(tmp_path, [1]))
    first = page_of(run).all("img")[0]["src"]
    path = run / "samples/step-00000001.png"
    Image.new("RGB", (64, 48), "white").save(path)
    os.utime(path, ns=(1, 1))
    assert page_of(run).all("img")[0]["src"] != first


def test_spread_keeps_the_ends_and_most_of_its_choice():
    for count in range(1, 200):
        chosen = spread(list(range(count)))
        assert len(chosen) <= SHEETS
        assert (chosen[0], chosen[-1]) == (0, count - 1)
        grown = set(spread(list(range(count + 1)))) - set(chosen)
        assert len(grown) <= 1
    assert spread([]) == []


def test_as_many_sheets_as_a_budget_allows_and_always_the_ends():
    steps = list(range(100))
    assert within(steps, lambda step: 10, budget=10_000) == spread(steps)
    asked = []

    def letters(step):
        asked.append(step)
        return 10

    chosen = within(steps, letters, budget=95)
    assert (chosen[0], chosen[-1]) == (0, 99)
    assert 5 <= len(chosen) <= 9
    assert set(asked) - set(chosen) <= {0, 64, 99}  # of those that do not fit, hardly any is made
    assert within(steps, lambda step: 1000, budget=95) == [0, 99]
    assert within([], lambda step: 1000) == []
    assert within([7], lambda step: 1000, budget=1) == [7]


def test_only_what_lies_in_the_run_folder_is_inside(tmp_path):
    run = tmp_path / "run"
    (run / "samples").mkdir(parents=True)
    (run / "out").symlink_to(tmp_path)
    (run / "circle").symlink_to(run / "circle")
    assert inside(run, "samples/new.png") == run.resolve() / "samples/new.png"
    assert inside(run, "samples/../x.png") == run.resolve() / "x.png"
    for file in ("../x.png", str(tmp_path / "x.png"), "out/x.png", "circle/x.png", "\0.png", "\ud800.png"):
        assert inside(run, file) is None, file


@given(st.lists(st.integers(1, 1000), max_size=120), st.integers(1, 20_000))
def test_a_budget_is_kept_wherever_two_sheets_fit_into_it(sizes, budget):
    chosen = within(list(range(len(sizes))), lambda place: sizes[place], budget)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= 2 or sum(sizes[place] for place in chosen) <= budget
    assert chosen[:1] + chosen[-1:] == ([0, len(sizes) - 1] if sizes else [])


def test_a_picture_without_three_colours_is_shown_too(tmp_path):
    for mode in ("L", "RGBA", "P", "1"):
        path = tmp_path / f"{mode}.png"
        Image.new(mode, (9, 5)).save(path)
        sheet = encoded(path, path.stat().st_mtime_ns)
        assert (sheet.width, sheet.height) == (9, 5)
        assert Image.open(io.BytesIO(base64.b64decode(sheet.uri.partition(",")[2]))).format == "JPEG"
