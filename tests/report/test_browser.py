"""Pages in a real browser: nothing asked for outside, no error, readable at two widths, slider and scrubber at work.

Needs a Chromium of the system's.
"""

import time
from pathlib import Path

import pytest
from playwright import sync_api as playwright
from playwright.sync_api import expect

from cyclekit.report import write_report
from cyclekit.report.comparing import compare
from cyclekit.report.comparison import write_comparison
from tests.chromium import CHROMIUM, launched
from tests.commands import PATIENCE
from tests.report.folders import START, add_laid_out, add_sheets, make_run, terms

expect.set_options(timeout=PATIENCE * 1000)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium: apt-get install chromium")

WIDTHS = (390, 1440)
LONG = "a_word_that_is_longer_than_a_phone_is_wide_and_has_nowhere_to_break_" * 2

SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(element => !["SCRIPT", "STYLE"].includes(element.tagName))
  .map(element => parseFloat(getComputedStyle(element).fontSize)))"""

WIDER_THAN_THE_WINDOW = """() => [...document.querySelectorAll("main, main *")]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".bar, .plot, svg"))
  .map(element => element.tagName + "." + element.className)"""

LEVEL_AT = """([canvas, across]) => [...canvas.getContext("2d").getImageData(
  Math.floor(across * canvas.width), Math.floor(canvas.height / 2), 1, 1).data].slice(0, 3)"""


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as engine:
        opened = launched(engine)
        yield opened
        opened.close()


class Opened:
    """A page, and everything it complained of or asked for."""

    def __init__(self, browser, path: Path, width: int = 1440, **more) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 800}, **more)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self.page

    def __exit__(self, kind, *_):
        self.context.close()
        if kind is None:
            assert self.complaints == []
            assert [url for url in self.asked if not url.startswith(("file:", "data:"))] == []


def metrics(**more) -> dict:
    return {"kind": "metrics", "values": {"a -> b": {"KID": {"value": 0.5, "interval": [0.4, 0.7]}}}, **more}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """A run of pictures both ways, with everything that a page can show."""
    folder = tmp_path_factory.mktemp("pictures")
    headings = ["monet", "to photo", "and back to monet", "photo", "to monet", "and back to photo"]
    return make_run(
        folder, START | {"data": LONG}, *add_laid_out(folder, [0, 50, 100], headings, "abaaba"), terms(50),
        {"kind": "stage", "step": 1, "name": "one"}, {"kind": "stage", "step": 60, "name": LONG},
        metrics(step=50, best=True), metrics(step=100, best=False), terms(100),
        {"kind": "health", "step": 100, "check": "copying", "finding": LONG}, {"kind": "end", "step": 100},
        recipe="name: demo\ndomains: {a: monet, b: photo}\ntrain: {seed: 3}\n",
    )  # fmt: skip


@pytest.fixture(scope="module")
def sentences(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sentences")
    (folder / "samples").mkdir()
    records = []
    for step in (0, 50):
        rows = ["# t", "formal\tto informal\tand back to formal", f"I do not know\ti dont know\t{LONG}"]
        (folder / f"samples/step-{step}.tsv").write_text("".join(row + "\n" for row in rows))
        records.append({"kind": "sample", "step": step, "file": f"samples/step-{step}.tsv"})
    return make_run(folder, START, terms(50), *records, recipe="name: demo\ndomains: {a: formal, b: informal}\n")


def readable(page) -> None:
    """Nothing is wider than the window, and no letter smaller than 14 pixels."""
    assert page.evaluate(WIDER_THAN_THE_WINDOW) == []
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    assert page.evaluate(SMALLEST_LETTERS) >= 14


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_of_pictures_is_readable(browser, pictures, width):
    with Opened(browser, write_report(pictures), width) as page:
        for details in page.query_selector_all("details:not([open]) > summary"):
            details.click()
        readable(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_of_sentences_is_readable(browser, sentences, width):
    with Opened(browser, write_report(sentences), width) as page:
        readable(page)
        assert page.locator("figure.shown mark").first.inner_text() == "i dont"


def test_the_slider_is_moved_by_keys_by_pointer_and_by_touch(browser, pictures):
    with Opened(browser, write_report(pictures), 390, has_touch=True) as page:
        wipe, slider = page.locator(".wipe"), page.locator(".wipe input")
        split = lambda: wipe.evaluate("element => element.style.getPropertyValue('--split')")  # noqa: E731
        page.wait_for_function("document.querySelector('.wipe input').getAttribute('aria-label')")
        assert split() == "50%"
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert split() == "51%"
        assert slider.get_attribute("aria-valuetext") == "51 % monet"
        wipe.scroll_into_view_if_needed()
        box = wipe.bounding_box()
        page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 20)
        assert abs(float(split().removesuffix("%")) - 20) <= 4
        page.touchscreen.tap(box["x"] + 0.8 * box["width"], box["y"] + 20)
        assert abs(float(split().removesuffix("%")) - 80) <= 4
        clip = page.locator(".wipe .over").evaluate("element => getComputedStyle(element).clipPath")
        assert abs(float(clip.split()[1].removesuffix("%")) - 20) <= 4


def test_the_slider_shows_the_item_the_direction_and_the_step_that_were_chosen(browser, pictures):
    with Opened(browser, write_report(pictures)) as page:
        page.wait_for_function("document.querySelectorAll('.overview canvas').length === 18")

        def shown() -> list[list[int]]:
            canvases = page.query_selector_all(".wipe canvas")
            return [page.evaluate(LEVEL_AT, [canvas, 0.5]) for canvas in reversed(canvases)]

        def becomes(*expected) -> None:
            """A picture may have to be decoded first."""
            end = time.monotonic() + PATIENCE
            while not all(abs(a - b) < 14 for one, other in zip(shown(), expected) for a, b in zip(one, other)):
                assert time.monotonic() < end, (shown(), expected)
                page.wait_for_timeout(20)

        becomes([0, 0, 100], [60, 0, 100])  # item 1: monet, and its photo, after the last step
        page.get_by_role("button", name="item 3").click()
        becomes([0, 120, 100], [60, 120, 100])
        page.get_by_role("button", name="monet | and back to monet").click()
        becomes([0, 120, 100], [120, 120, 100])
        page.get_by_role("button", name="photo → monet").click()
        becomes([180, 120, 100], [240, 120, 100])
        page.locator(".overview canvas[data-place='0 1']").first.click()
        becomes([0, 60, 100], [60, 60, 100])
        assert page.locator(".overview .chosen").count() == 3
        page.locator(".scrub input").focus()
        page.keyboard.press("Home")
        page.wait_for_function("document.querySelector('.scrub output').textContent === 'step 0'")
        becomes([0, 60, 0], [60, 60, 0])


def test_the_scrubber_shows_one_sheet_and_keeps_its_place(browser, tmp_path):
    run = make_run(tmp_path, START, *add_sheets(tmp_path, [0, 50, 100]), terms(100))
    with Opened(browser, write_report(run)) as page:
        shown = "figure.shown"
        expect(page.locator(shown)).to_have_attribute("data-step", "100")
        expect(page.locator(".scrub output")).to_have_text("step 100")
        for _ in range(100):
            if page.locator(shown).get_attribute("data-step") == "100":
                page.keyboard.press("ArrowLeft")
            expect(page.locator(shown)).to_have_attribute("data-step", "50")
            assert page.locator(shown).count() == 1
            page.wait_for_timeout(100)  # a browser hands storage on from the page's process, when it has time
            page.reload()
            if page.locator(shown).get_attribute("data-step") == "50":
                break
        expect(page.locator(shown)).to_have_attribute("data-step", "50")
        page.locator(".scrub input").fill("0")
        expect(page.locator(shown)).to_have_attribute("data-step", "0")
        assert page.locator(shown).locator("img").evaluate("image => image.naturalWidth") == 64
        assert page.locator(".wipe").count() == 0


def test_charts_answer_the_pointer(browser, pictures):
    with Opened(browser, write_report(pictures)) as page:
        chart = page.locator("figure.chart", has=page.locator("h3", has_text="cycle"))
        chart.locator("svg").hover(position={"x": 5, "y": 50})
        expect(chart.locator(".at")).to_have_text("step 50")
        page.mouse.move(0, 0)
        expect(chart.locator(".at")).to_have_text("")


def test_dark_mode_is_dark_and_without_a_script_all_sheets_are_there(browser, pictures):
    with Opened(browser, write_report(pictures), color_scheme="dark") as page:
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) < 64
    with Opened(browser, write_report(pictures), 390, java_script_enabled=False) as page:
        assert page.locator(".strip img").count() == 6
        assert all(page.locator(".strip img").nth(place).is_visible() for place in range(6))
        assert page.locator(".wipe").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_comparison_is_readable_and_has_a_slider(browser, tmp_path, width):
    runs = [
        make_run(
            tmp_path / name, START, *add_laid_out(tmp_path / name, [step], ["monet", "to photo"], "ab"), terms(step)
        )
        for name, step in ((LONG[:100], 40), ("two", 60))
    ]
    with Opened(browser, write_comparison(compare(runs), tmp_path / "compare.html"), width) as page:
        readable(page)
        page.get_by_role("button", name="| two").click()
        expect(page.locator(".wipe .right")).to_have_text("two")
