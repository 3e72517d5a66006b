"""The notebook runs from top to bottom, in a folder where nothing is."""

from __future__ import annotations

import ast
import json
import re

from tests.docs.pages import ROOT
from tests.docs.walking import Place, execute

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
SHORTER = {"150": 4, "200": 6, "20": 2, "50": 2}
"""Steps in the notebook, and what stands for them here."""


def shortened(cell: str) -> str:
    return re.sub(r'"train\.(steps|sample_every)": (\d+)', lambda said: f'"train.{said[1]}": {SHORTER[said[2]]}', cell)


def test_every_cell_runs_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    assert len(CODE) >= 8
    names: dict[str, object] = {}
    for cell in CODE:
        execute(shortened(cell), names, Place(tmp_path), monkeypatch)
    assert names["photo"].size == names["painting"].size
    assert set(names["result"]["directions"]) == {"monet -> photo", "photo -> monet"}
    assert (names["folder"] / "checkpoints" / "step-00000006").is_dir()


def test_it_stands_in_the_repository_as_it_was_before_it_ran():
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in CELLS)
    assert all(ast.parse(cell) for cell in CODE)


def test_its_links_lead_somewhere():
    text = "".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")
    found = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    assert len(found) >= 5
    assert all((NOTEBOOK.parent / link).exists() for link in found)
