"""Files of one item each, of a modality that gives a reader and a writer and nothing else."""

import json
from pathlib import Path
from threading import get_ident

import pytest

from cyclekit.core.written import NotTranslated
from cyclekit.files.inputs import Input
from cyclekit.files.jobs import Job
from cyclekit.files.one_by_one import NotAhead, Unreadable, one_each, translate_each
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


class Steps:
    """A translation in three steps, which notes in which threads each is taken."""

    def __init__(self):
        self.threads, self.begun = {"prepare": set(), "translate": set(), "finish": set()}, set()

    def __call__(self, items):
        return map(self.finish, self.translate(map(self.prepare, items)))

    def thread_begins(self):
        self.begun.add(get_ident())

    def prepare(self, item):
        self.threads["prepare"].add(get_ident())
        return ("prepared", item)

    def translate(self, prepared):
        for word, item in prepared:
            assert word == "prepared"
            self.threads["translate"].add(get_ident())
            yield NotTranslated("is unlucky") if item == 13 else ("made", item)

    def finish(self, made):
        self.threads["finish"].add(get_ident())
        return made if isinstance(made, NotTranslated) or made[1] != 17 else NotTranslated("too large to finish")


def in_threads(numbers, out, steps, write=lambda made, place, beside: place.write_text(f"{made[1]} {beside}")):
    """Translate files of numbers named by them; those above 100 are too large to be read ahead."""
    folder = out.parent / "in"
    folder.mkdir()
    out.mkdir()
    files = [Input(folder / str(number), Path(str(number))) for number in numbers]
    for file, number in zip(files, numbers):
        file.path.write_text(str(number))
    told, turns = [], []

    def read(file):
        turns.append(get_ident())
        return int(file.path.read_text()), "in its turn"

    def ahead(file):
        number = int(file.path.read_text())
        if number > 100:
            raise NotAhead
        if number == 7:
            raise Unreadable("is a seven")
        if number == 8:
            raise MemoryError
        return number, "ahead"

    return (
        *translate_each(steps, files, out, told.append, Job(), read=read, write=write, read_ahead=ahead), told, turns
    )  # fmt: skip


def test_what_is_read_ahead_is_prepared_and_finished_in_other_threads_and_large_ones_here(tmp_path):
    steps, here = Steps(), get_ident()
    numbers = [*range(40), 200, 41, 201, 202, *range(50, 60)]
    done, failures, told, turns = in_threads(numbers, tmp_path / "out", steps)
    lost = {7: "is a seven", 8: "memory does not suffice for it", 13: "is unlucky", 17: "too large to finish"}
    assert [(Path(path).name, why) for path, why in failures] == [(str(number), why) for number, why in lost.items()]
    made = {int(path.name): path.read_text() for path in (tmp_path / "out").iterdir()}
    assert made == {
        number: f"{number} {'in its turn' if number > 100 else 'ahead'}" for number in numbers if number not in lost
    }
    assert (done, told) == (len(made), list(range(1, len(numbers) + 1)))
    assert turns == [here] * 3
    assert steps.threads["translate"] == {here}
    for step in ("prepare", "finish"):
        assert here in steps.threads[step], "large ones"
        assert steps.threads[step] - {here}
        assert steps.threads[step] - {here} <= steps.begun


def test_a_file_that_is_given_twice_is_written_once_after_the_other(tmp_path):
    writing = set()

    def write(made, place, beside):
        assert place not in writing
        writing.add(place)
        place.write_text(f"{made[1]}")
        writing.remove(place)

    numbers = [number // 2 for number in range(40, 80)]
    assert in_threads(numbers, tmp_path / "out", Steps(), write)[0] == len(numbers)


def test_after_ctrl_c_what_was_made_is_written(tmp_path):
    class Interrupted(Steps):
        def translate(self, prepared):
            for number, made in enumerate(super().translate(prepared)):
                if number == 20:
                    raise KeyboardInterrupt
                yield made

    with pytest.raises(KeyboardInterrupt):
        in_threads([*range(20, 60)], tmp_path / "out", Interrupted())
    assert {int(path.name) for path in (tmp_path / "out").iterdir()} == set(range(20, 40))


def test_what_cannot_be_written_ends_it(tmp_path):
    def write(made, place, beside):
        if made[1] == 25:
            raise RecipeError("the disk is full")
        place.write_text("")

    with pytest.raises(RecipeError, match="the disk is full"):
        in_threads([*range(20, 60)], tmp_path / "out", Steps(), write)
    written = {int(path.name) for path in (tmp_path / "out").iterdir()}
    assert {*range(20, 25)} <= written
    assert 25 not in written
