from cyclekit.registry import build
from cyclekit.text.lexicon import kept
from tests.text.lexicon.ciphers import Data


def test_a_lexicon_is_made_once_for_its_data_and_options(monkeypatch):
    made = []
    monkeypatch.setattr(kept, "induce", lambda train, **options: made.append(options) or object())
    data, other = Data(), Data()
    first = build("bootstrap", "lexicon", data, options={}).lexicon
    assert kept.lexicon_of(data) is first  # the same options, said or not
    assert kept.lexicon_of(data, window=3) is not first
    assert kept.lexicon_of(data, seeds=["identical"]) is kept.lexicon_of(data, seeds=("identical",))
    assert kept.lexicon_of(other) is not first
    assert len(made) == 4
