"""A run folder that somebody made to do harm: its page is written all the same, soon, what cannot be read is said."""

import pytest

from cyclekit.report import write_report
from tests.made_run import made_run

DEEP_LIST, DEEP_MAP = "[" * 100_000 + "]" * 100_000, '{"a":' * 900 + "1" + "}" * 900

ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi")
)
"""A billion values of nine lines."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made_run(tmp_path_factory.mktemp("run") / "run")


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("recipe.yaml", ALIASES, "recipe.yaml cannot be read: "),
        ("recipe.yaml", f"x: {DEEP_LIST}", "recipe.yaml cannot be read: "),
        ("metrics.json", DEEP_LIST, "metrics.json cannot be read: "),
        ("metrics.json", f'{{"directions": {DEEP_MAP}}}', None),
        ("environment.json", DEEP_LIST, "environment.json cannot be read: "),
        ("environment.json", DEEP_MAP, None),
        ("log.jsonl", DEEP_LIST + "\n", "log.jsonl: 1 line cannot be read"),
        ("log.jsonl", '{"kind": "sample", "step": 4, "file": "../../../../../../etc/passwd"}\n', None),
    ],
)
def test_a_page_is_written_all_the_same(folder, file, content, complaint):
    before = (folder / file).read_bytes() if (folder / file).exists() else None
    (folder / file).write_text(content)
    page = write_report(folder).read_text()
    assert complaint is None or complaint in page
    assert "root:" not in page
    (folder / file).unlink() if before is None else (folder / file).write_bytes(before)
