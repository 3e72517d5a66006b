"""The page about modalities: its commands with the plugin installed, and its excerpts against the plugin's files."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, text_of
from tests.docs.places import add_a_modality
from tests.docs.walking import follow
from tests.examples.installed import install

PAGE = ROOT / "docs" / "add-a-modality.md"
EXCERPT = re.compile(r"^`(examples/\S+)`:\n\n```(?:text|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_excerpt_stands_in_the_file_that_it_is_of():
    excerpts = EXCERPT.findall(text_of(PAGE))
    assert len(excerpts) >= 7
    for file, text in excerpts:
        assert text in (ROOT / file).read_text(encoding="utf-8"), (file, text)
    assert len(re.findall(r"^```(?:text|toml)$", text_of(PAGE), re.MULTILINE)) == len(excerpts)


@pytest.mark.usefixtures("own_parts")
def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(install(tmp_path / "site"))
    done = {step.words[0]: step.result for step in follow(PAGE, add_a_modality(tmp_path), monkeypatch)}
    assert list(done) == ["list", "check", "run", "translate", "evaluate"]
    assert re.search(r"recordings +.*\[audio\]", done["list"].out)
    assert [path.name for path in Path("runs/box2reed/translated/reed_organ").iterdir()] == ["melody.wav"]
