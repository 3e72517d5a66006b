"""Where runs are made, in tests of their folders."""

import pytest


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder that a test is in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
