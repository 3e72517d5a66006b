"""A recipe of a given text, for every test of what recipes may say."""

import pytest


@pytest.fixture
def folder(tmp_path):
    """A recipe of the given text: `folder("base: ...")`."""

    def write(text, name="mine"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "recipe.yaml").write_text(text)
        return tmp_path / name

    return write
