"""The page about plugins: its callback. The parts of one's own have pages of their own: `test_add_a_part.py`."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "write-a-plugin.md"


def test_the_pages_callback_asks_for_an_end():
    (text,) = (block.text for block in blocks(PAGE) if "(Callback)" in block.text)
    names: dict = {}
    exec(text, names)
    for value, asked in ((0.01, names["Stop"]("both ways back are exact to 0.02")), (0.03, None)):
        training = SimpleNamespace(terms={"cycle.a": torch.tensor(0.01), "cycle.b": torch.tensor(value)})
        assert names["Enough"]().stepped(training) == asked
