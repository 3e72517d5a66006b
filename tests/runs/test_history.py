"""The checkpoints of a run: which there are, which to use, and which are deleted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.registry import RecipeError
from cyclekit.runs import history

STEPS = st.sets(st.integers(1, 10**8), min_size=1, max_size=8)


def made(folder, steps):
    """A run folder with checkpoints of these steps, each of one file."""
    for step in steps:
        history.folder_of(folder, step).mkdir(parents=True)
        (history.folder_of(folder, step) / "state.json").write_text(str(step))
    history.point(folder / "latest", history.folder_of(folder, max(steps)))
    return folder


@pytest.fixture
def new(tmp_path_factory):
    return lambda steps: made(tmp_path_factory.mktemp("run"), steps)


@given(steps=STEPS)
@settings(max_examples=20)
def test_all_whole_ones_are_found_in_their_order(tmp_path_factory, steps):
    folder = made(tmp_path_factory.mktemp("run"), steps)
    (folder / "checkpoints" / ".step-00000001.partial").mkdir()
    (folder / "checkpoints" / "step-mine").mkdir()
    assert history.steps(folder) == sorted(steps)
    assert history.step_of(history.latest(folder)) == max(steps)
    assert history.chosen(folder) == history.latest(folder)
    best = min(steps)
    history.point(folder / "best", history.folder_of(folder, best))
    assert history.step_of(history.chosen(folder)) == best


def test_a_run_without_any_is_told_when_it_will_have_one(tmp_path):
    for asked in (history.latest, history.chosen, lambda folder: history.read_chosen(folder, lambda place: place)):
        with pytest.raises(
            RecipeError, match=r"has no checkpoint; a run writes its first after train.save_every steps"
        ):
            asked(tmp_path)


@given(steps=STEPS, keep=st.integers(1, 4), data=st.data())
@settings(max_examples=40)
def test_the_newest_the_best_and_the_last_healthy_one_stay(tmp_path_factory, steps, keep, data):
    folder = made(tmp_path_factory.mktemp("run"), steps)
    best = data.draw(st.none() | st.sampled_from(sorted(steps)))
    healthy_until = data.draw(st.none() | st.integers(0, max(steps)))
    if best is not None:
        history.point(folder / "best", history.folder_of(folder, best))
    history.prune(folder, keep, healthy_until)
    stays = set(sorted(steps)[-keep:]) | ({best} - {None})
    if healthy_until is not None:
        stays |= set(sorted(step for step in steps if step <= healthy_until)[-1:])
    assert set(history.steps(folder)) == stays
    assert not list((folder / "checkpoints").glob(".*"))


@given(steps=STEPS, data=st.data())
@settings(max_examples=20)
def test_what_comes_after_a_step_is_forgotten_with_a_best_among_it(tmp_path_factory, steps, data):
    folder = made(tmp_path_factory.mktemp("run"), steps)
    until, best = data.draw(st.sampled_from(sorted(steps))), data.draw(st.sampled_from(sorted(steps)))
    history.point(folder / "best", history.folder_of(folder, best))
    history.discard_after(folder, until)
    assert history.steps(folder) == [step for step in sorted(steps) if step <= until]
    assert history.step_of((folder / "latest").resolve()) == until
    assert (folder / "best").is_symlink() == (best <= until)


def test_a_reader_of_a_run_that_trains_takes_the_next_one(new):
    folder, seen = new([6]), []

    def read(place):
        seen.append(place.name)
        if len(seen) <= deleted:  # as if the run made another meanwhile, and deleted this one
            place.rename(place.with_name(f"step-{6 + 2 * len(seen):08d}"))
        (place / "state.json").read_text()
        return place

    deleted = 1
    assert history.read_chosen(folder, read).name == "step-00000008"
    assert seen == ["step-00000006", "step-00000008"]
    deleted = 1000
    with pytest.raises(RecipeError, match=r"deletes its checkpoints faster than they can be read; set a larger"):
        history.read_chosen(folder, read)


def test_what_a_reader_says_of_one_that_is_there_is_said(new):
    def read(place):
        raise RecipeError("damaged")

    with pytest.raises(RecipeError, match=r"^damaged$"):
        history.read_chosen(new([2]), read)


def test_a_best_that_is_none_of_the_runs_is_refused(new):
    folder = new([2, 4])
    (folder / "best").mkdir()
    with pytest.raises(RecipeError, match=r"best: is no link to a checkpoint of this run; remove it to use the newest"):
        history.chosen(folder)


def test_what_a_killed_process_left_is_swept(new):
    folder = new([2])
    for left in (".step-00000001.deleted", ".step-00000003.partial"):
        (folder / "checkpoints" / left / "codec-a").mkdir(parents=True)
    (folder / ".best.partial").symlink_to("checkpoints/step-00000001")
    history.sweep(folder)
    assert not list(folder.rglob(".*"))
    assert history.steps(folder) == [2]
