"""Files of one item each, of a modality that gives a reader and a writer and nothing else."""

import json

import pytest

from cyclekit.core.written import NotTranslated
from cyclekit.files.jobs import Job
from cyclekit.files.one_by_one import Unreadable, one_each
from cyclekit.registry import RecipeError


def read(path, codec, note):
    text = path.read_text()
    if text.startswith("0"):
        note("begin with 0")
    if text == "broken":
        raise Unreadable("is no number")
    if text == "huge":
        raise MemoryError
    return int(text) + codec


def write(made, place, codec):
    place.write_text(f"{made + codec}")


FILES = one_each("numbers", (".num", ".digit"), read, write)(100, 1000)


def translated(items):
    for item in items:
        yield NotTranslated("memory does not suffice") if item == 113 else item * 2


def ask(inputs, out, **options):
    told = []
    return FILES(translated, [str(one) for one in inputs], out, lambda done, total: told.append((done, total)),
                 **options), told  # fmt: skip


@pytest.fixture
def numbers(tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for name, text in {
        "1.num": "1", "2.NUM": "02", "deep/3.digit": "003", "bad.num": "broken", "big.num": "huge", "no.num": "x",
        "out.num": "13", "readme.txt": "4",
    }.items():  # fmt: skip
        (folder / name).write_text(text)
    return folder


def test_every_file_that_can_be_read_is_written_under_its_name_and_the_others_are_told_of(numbers, tmp_path):
    out = tmp_path / "out"
    written, told = ask([numbers], out)
    made = {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert made == {"1.num": "1202", "2.NUM": "1204", "deep/3.digit": "1206"}
    assert written.done == 3
    whys = {path.removeprefix(f"{numbers}/"): why for path, why in written.failures}
    assert whys == {
        "bad.num": "is no number",
        "big.num": "memory does not suffice for it",
        "no.num": "invalid literal for int() with base 10: 'x'",
        "out.num": "memory does not suffice",
    }
    assert written.not_read == "1 .txt"
    assert written.notes == ["2 of the numbers begin with 0"]
    assert told == [(done, 7) for done in range(1, 8)]


def test_a_job_does_its_share_and_keeps_a_record(numbers, tmp_path):
    out = tmp_path / "out"
    job = Job(recorded=True, skip_existing=True)
    ask([numbers], out, job=job)
    lines = [json.loads(line) for line in (out / "files.jsonl").read_text().splitlines()]
    assert sorted(line["status"] for line in lines) == ["done"] * 3 + ["failed"] * 4
    again, _ = ask([numbers], out, job=(job := Job(skip_existing=True)))
    assert (again.done, job.skipped) == (0, 3)


def test_a_folder_without_any_says_what_it_holds_and_what_counts(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("1")
    with pytest.raises(RecipeError, match=r"no numbers \(\.num, \.digit\) in this folder or below; it holds 1 \.txt$"):
        ask([tmp_path / "in"], tmp_path / "out")


def test_an_input_is_never_overwritten(numbers):
    with pytest.raises(RecipeError, match="would overwrite this input"):
        ask([numbers / "1.num"], numbers)
    assert (numbers / "1.num").read_text() == "1"
