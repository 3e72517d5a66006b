"""The rows of a table of metrics, and its cells: each that can be had, and why others cannot."""

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.core.parts import HeldOut
from cyclekit.image import metrics
from cyclekit.measuring.metric import HUMAN, Measured, Translated
from cyclekit.use.table import TRANSLATED, measured_by, rows_of


def test_a_run_in_one_direction_says_that_it_has_no_way_back():
    rows = {TRANSLATED: [Translated(*3 * [Batch(torch.zeros(2, 3, 8, 8))])]}
    measured = measured_by([metrics.CycleError()], rows, "made up")
    assert measured["not measured"] == {"cycle error": "needs a way back, and this run learnt one direction only"}


class Nearest:
    """Whether a row is among its accepted ones, in percent."""

    name, better, needs_truth, protocol = "among the accepted", "higher", True, {}

    def __call__(self, translated):
        fakes = translated.fake.data.tolist()
        return Measured(100 * sum(fake in one.data.tolist() for fake, one in zip(fakes, translated.truth)) / len(fakes))


@pytest.mark.parametrize("references", [1, 3])
def test_a_person_is_measured_by_what_other_people_wrote(references):
    def ids(*rows):
        return Batch(torch.tensor(rows), torch.ones(len(rows), 1, dtype=torch.bool))

    items = [
        HeldOut(str(place), ids([place]), ids(*([place + 10 * k] for k in range(1, 1 + references))))
        for place in range(4)
    ]

    class Data:
        def baselines(self, target, items):
            return {HUMAN: ids(*([place + 10] for place in range(4)))}

    rows = rows_of(Data(), "b", items, [ids([place + 10]) for place in range(4)], items)
    measured = measured_by([Nearest()], rows, "made up")
    assert measured["rows"]["translated"]["among the accepted"]["value"] == 100
    human = measured["rows"][HUMAN]
    assert human == (
        {} if references == 1 else {"among the accepted": {"value": 0.0, "spread": None, "interval": None}}
    )
    assert "against the other accepted translations" in measured["protocol"]["among the accepted"][HUMAN]
