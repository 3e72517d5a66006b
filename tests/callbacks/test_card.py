"""A card is written where a run came to its end, not where it was interrupted."""

from types import SimpleNamespace

import pytest

from cyclekit.callbacks.card import Card


@pytest.mark.parametrize(("stop", "written"), [("finished", True), ("patience", True), ("interrupted", False)])
def test_a_run_that_came_to_its_end_has_a_card(stop, written, monkeypatch, tmp_path):
    folders = []
    monkeypatch.setattr("cyclekit.sharing.model_card.write_card", folders.append)
    Card().ended(SimpleNamespace(stop=stop, folder=tmp_path))
    assert folders == ([tmp_path] if written else [])
