"""The same items of several runs in columns; items that are others are named, not shown."""

from PIL import Image

from cyclekit.report.items import _alike, items
from cyclekit.report.run_folder import read_run
from tests.report.folders import COMPARED, FORMAL, START, Page, add_laid_out, compared_page, make_run, run_of


def test_the_same_pictures_stand_in_columns(tmp_path):
    one, two = run_of(tmp_path / "one"), run_of(tmp_path / "two", step=80)
    page = compared_page(one, two)
    strip = next(tag for tag in page.all("div") if "strip" in (tag.get("class") or "").split())
    assert (strip["data-columns"], strip["data-domains"]) == ("4", "a b b b")
    assert "monetonetwotrue photo" in page.text
    assert "one after step 50 · two after step 80" in page.text
    three = make_run(
        tmp_path / "three",
        START,
        *add_laid_out(tmp_path / "three", [200], ["monet", "to photo", "true photo"], "abb"),
        recipe=COMPARED,
    )
    page = compared_page(one, two, three)  # of an older run, whose items have no names, their looks tell
    assert "monet: three shows other items" in page.text
    older = make_run(
        tmp_path / "older",
        START,
        *add_laid_out(tmp_path / "older", [80], ["monet", "to photo", "true photo"], "abb"),
        recipe=COMPARED,
    )
    assert "monetoneoldertrue photo" in compared_page(one, older).text


def test_items_of_other_names_and_of_other_looks_are_others(tmp_path):
    one, named, looking = (run_of(tmp_path / name) for name in ("one", "named", "looking"))
    index = named / "samples/step-00000050/index.json"
    index.write_text(index.read_text().replace('"1.png"', '"7.png"'))
    Image.new("RGB", (16, 16), "white").save(looking / "samples/step-00000050/0-1.png")
    page = compared_page(one, named, looking)
    assert "monet: named shows other items" in page.text
    assert "monet: looking shows other items" in page.text


def test_the_same_sentences_stand_in_columns(tmp_path):
    runs = []
    for name, made in (("one", "i dont know"), ("two", "i know"), ("three", None)):
        (tmp_path / name / "samples").mkdir(parents=True)
        rows = [("I do not know", made)] if made else [("other", "words")]
        lines = ["# t", "formal\tto informal", *("\t".join(row) for row in rows)]
        (tmp_path / name / "samples/step-1.tsv").write_text("".join(line + "\n" for line in lines))
        sample = {"kind": "sample", "step": 1, "file": "samples/step-1.tsv"}
        runs.append(make_run(tmp_path / name, START, sample, recipe="name: demo\ndomains: {a: formal, b: informal}\n"))
    page = compared_page(*runs)
    assert [tag["data-heading"] for tag in page.all("td") if tag.get("data-heading")][:4] == [
        "formal",
        "one",
        "two",
        "three",
    ]
    assert "(not among its items)" in page.text
    assert "i dont know" in page.text


def sentences_of(folder, lines: list[str], recipe: str = FORMAL):
    (folder / "samples").mkdir(parents=True)
    (folder / "samples/step-1.tsv").write_text("".join(f"{line}\n" for line in ["# t", *lines]))
    return make_run(folder, START, {"kind": "sample", "step": 1, "file": "samples/step-1.tsv"}, recipe=recipe)


def test_runs_without_a_direction_in_common_share_nothing(tmp_path):
    one = sentences_of(tmp_path / "one", ["formal\tto informal", "a\tb"])
    other = sentences_of(tmp_path / "other", ["old\tto new", "a\tb"], "name: x\ndomains: {a: old, b: new}\n")
    text = Page(items([read_run(one), read_run(other)], ["one", "other"])).text
    assert "one after step 1 · other after step 1" in text
    assert "The runs share no direction of which there are samples." in text


def test_a_broken_newest_sheet_is_said_and_the_others_are_shown(tmp_path):
    runs = [sentences_of(tmp_path / name, ["formal\tto informal", f"a\tof <{name}>"]) for name in ("one", "two")]
    broken = sentences_of(tmp_path / "broken", ["formal\tto informal", "a"])
    older = make_run(tmp_path / "older", START, {"kind": "sample", "step": 1, "file": "x.html"})
    files = [read_run(run) for run in (*runs, broken, older)]
    text = Page(items(files, ["one", "two", "broken", "<older>"])).text
    assert "aof <one>of <two>" in text
    assert "broken: its rows differ in length" in text
    assert "<older>: x.html cannot be taken apart: it was written by an older cyclekit" in text
    nothing = Page(items(files[2:], ["broken", "older"])).text
    assert nothing.startswith("broken: ")
    assert "The newest sheets" not in nothing


def picture_of(level: int, size: tuple[int, int] = (16, 16)) -> Image.Image:
    return Image.new("RGB", size, (level, level, level))


def test_pictures_are_alike_by_their_looks_at_any_size():
    assert _alike([picture_of(100)], [picture_of(110, (32, 24))])
    assert not _alike([picture_of(100)], [picture_of(113, (32, 24))])
    assert _alike([picture_of(100), picture_of(0)], [picture_of(100)])
    assert _alike([picture_of(7)], [picture_of(7).convert("L")])
