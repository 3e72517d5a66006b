"""Shares of files, reruns and records."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.files.inputs import Input
from cyclekit.files.jobs import Job, Shard
from cyclekit.registry import RecipeError

NAMES = st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=9), max_size=30, unique=True)


def inputs(names):
    return [Input(Path("in") / name, Path(name)) for name in names]


@given(names=NAMES, count=st.integers(1, 9))
def test_every_file_is_in_exactly_one_share(names, count):
    files = inputs(names)
    shares = [list(Job(Shard(number, count)).share(files, Path("out"))) for number in range(1, count + 1)]
    assert sorted(map(str, [item.path for share in shares for item in share])) == sorted(str(f.path) for f in files)


@given(names=NAMES, more=NAMES)
def test_files_that_come_later_move_none_to_another_share(names, more):
    before = Job(Shard(1, 3)).share(inputs(names), Path("out"))
    assert set(before) <= set(Job(Shard(1, 3)).share(inputs({*names, *more}), Path("out")))


def test_shares_are_of_about_one_size():
    files = inputs(f"picture-{number}.jpg" for number in range(4000))
    assert all(900 < len(list(Job(Shard(number, 4)).share(files, Path("out")))) < 1100 for number in range(1, 5))


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "1/0", "a/b", "-1/4", "1/4/4", ""])
def test_what_is_no_share_is_one_line(text):
    with pytest.raises(RecipeError, match=r"is written as I/N, from 1/N to N/N, such as 2/8"):
        Shard.of(text)


def test_a_rerun_leaves_out_what_is_there(tmp_path):
    (tmp_path / "a").write_text("made")
    job = Job(skip_existing=True)
    assert list(job.share(inputs("abc"), tmp_path)) == inputs("bc")
    assert job.skipped == job.passed == 1
    assert list(Job().share(inputs("abc"), tmp_path)) == inputs("abc")


def test_a_record_is_added_to_also_after_a_worker_was_killed(tmp_path):
    (tmp_path / "a").write_text("made")
    job = Job(Shard(2, 8), recorded=True)
    job.done(Input(Path("in/a"), Path("a")), tmp_path)
    record = tmp_path / "files-2-of-8.jsonl"
    record.write_bytes(record.read_bytes() + b'{"input": "in/b", "outp')
    job.failed(Path("in/c"), tmp_path, "is empty")
    first, half, last = record.read_text().splitlines()
    sha256 = "ea0890697a77af0a2e054cccec587c8a42feb5cf38e778c6c6e2a96bfb945c0b"
    assert json.loads(first) == {"input": "in/a", "output": "a", "sha256": sha256, "status": "done"}
    assert half == '{"input": "in/b", "outp'
    assert json.loads(last) == {"input": "in/c", "why": "is empty", "status": "failed"}
