"""Every command and every line of Python that a page does not mark is executed, in a place that has what it names."""

from __future__ import annotations

import pytest

from tests.docs.pages import EXECUTED, ROOT, blocks, pages
from tests.docs.places import PLACES
from tests.docs.walking import Place, follow

ELSEWHERE = {
    *(
        f"docs/add-{part}.md"
        for part in ("a-data-source", "a-generator", "a-loss-term", "a-metric", "a-modality", "an-objective")
    ),
    "docs/fine-tune.md",
    "docs/own-sentences.md",
}
"""Pages of which more is asked than that their commands succeed: by tests of their own."""


def followed() -> list[str]:
    """Pages with something to run."""
    found = [
        str(page.relative_to(ROOT))
        for page in pages()
        if any(block.language in EXECUTED and block.not_run is None for block in blocks(page))
    ]
    assert set(PLACES) | ELSEWHERE <= set(found), "a place for a page that runs nothing"
    return [name for name in found if name not in ELSEWHERE]


@pytest.mark.parametrize("name", followed())
def test_a_page_does_what_it_says(name, tmp_path, monkeypatch):
    place = PLACES.get(name, Place)(tmp_path)
    for _ in follow(ROOT / name, place, monkeypatch):
        pass
