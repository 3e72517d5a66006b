"""Stand-ins for the trackers' packages."""

import pytest

from tests.callbacks.standins import forget_packages, install_standins, read_lines


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """What the stand-ins were told, as (package, what, with what)."""
    install_standins(monkeypatch, tmp_path / "calls")
    yield lambda: read_lines(tmp_path / "calls")
    forget_packages()
