"""How often a report is rewritten: never for more than its share of the run."""

import pytest

from cyclekit.callbacks.report import Rewriting


@pytest.mark.parametrize("took", [0.001, 0.05, 0.5, 20.0])
@pytest.mark.parametrize("step_seconds", [0.01, 0.1, 2.0])
def test_rewriting_stays_within_its_share(took, step_seconds):
    pace, writes = Rewriting(100.0), 0
    for step in range(1, 10_001):
        now = 100 + step * step_seconds
        if step % 25 == 0 and pace.allows(now, sheet=step % 500 == 0):
            pace.wrote(now, took)
            writes += 1
        if writes > 1:  # of the first nobody knows how long it will take
            assert pace.spent <= Rewriting.SHARE * step * step_seconds + 1e-9
    assert writes > 0


def test_a_new_sheet_does_not_wait_and_log_lines_do():
    pace = Rewriting(0.0)
    pace.wrote(100.0, 0.01)
    assert pace.allows(101.0, sheet=True)
    assert not pace.allows(101.0, sheet=False)
    assert pace.allows(100.0 + Rewriting.APART, sheet=False)


def test_a_slow_rewrite_waits_until_it_has_paid_for_itself():
    pace = Rewriting(0.0)
    pace.wrote(20.0, 1.0)
    assert not pace.allows(199.0, sheet=True)
    assert pace.allows(200.0, sheet=True)
