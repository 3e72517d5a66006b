"""Sentences as data: sets that share nothing, rows as they were, and every mistake in one line."""

from __future__ import annotations

import pickle

import pytest
import torch

from cyclekit.core.batch import Pair, collate
from cyclekit.core.data import loader
from cyclekit.core.parts import HeldOut
from cyclekit.registry import RecipeError
from cyclekit.text.codec import END
from cyclekit.text.data import TextData
from tests.text.test_sources import LONG, SHORT, write

DOMAINS = Pair("formal", "informal")
FORMAL = [
    f"could you please {verb} the {thing} ?" for verb in ("send", "mend", "take") for thing in "abcdefghijklmnopq"
]
INFORMAL = [f"{verb} that {thing} , will ya" for verb in ("send", "mend") for thing in "abcdefghijklmnopqrstuvwxyz"]


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, {"formal.txt": FORMAL, "informal.txt": INFORMAL})


def made(folder, **options):
    return TextData(DOMAINS, **{"sources": [folder], "vocabulary": 320, **options})


def test_rows_are_the_sentences(folder):
    data = made(folder)
    pair = data.training_pair(3, 5, 7)
    assert data.codecs.a.decode(pair.a) == [data.train.a[3]]
    assert data.codecs.b.decode(pair.b) == [data.train.b[5]]
    assert pair.a.data.dtype == torch.int64
    assert pair.a.mask.all()
    assert pair.a.data[0, -1] == END
    assert data.lengths.a[3] == pair.a.data.shape[1]
    assert (len(data.lengths.a), len(data.lengths.b)) == data.sizes == (len(data.train.a), len(data.train.b))
    batch = collate([data.training_pair(i, i, 0) for i in range(4)])
    assert data.codecs.a.decode(batch.a) == data.train.a[:4]


def test_the_loader_takes_them(folder):
    data = pickle.loads(pickle.dumps(made(folder)))
    batch = next(iter(loader(data, batch_size=4, seed=1)))
    assert batch.a.size == batch.b.size == 4


def test_sets_and_their_description(folder):
    data = made(folder)
    assert data.source == folder
    assert [len(side) for side in (*data.judging, data.validation("a"), data.held_out("a"))] == [4, 4, 2, 5]
    assert data.description == (
        "formal.txt, informal.txt: training formal 40, informal 41; judging formal 4, informal 4; validation formal 2, "
        f"informal 2; held out formal 5, informal 5; {data.codecs.a.vocabulary} pieces"
    )
    item = data.held_out("b")[0]
    assert isinstance(item, HeldOut)
    assert item.name == "test-00001"
    assert item.truth is None
    assert data.codecs.b.decode(item.row)[0] in INFORMAL
    assert made(folder, held_out=2).held_out("a")[1].name == "test-00002"
    nothing = made(folder, test_share=0.0, validation=0, judging_share=0.0)
    assert nothing.sizes == (len(FORMAL), len(INFORMAL))
    assert list(nothing.held_out("a")) == list(nothing.validation("b")) == nothing.judging.a == []


def test_the_same_again(folder):
    first, second = made(folder), made(folder)
    assert first.train == second.train
    assert first.codecs.a.model == second.codecs.b.model


def test_long_sentences_are_cut_or_dropped_and_said_but_never_accepted_translations(tmp_path):
    truth = "one two three four five six seven eight nine ten " * 4
    files = {"formal.txt": [*FORMAL, "a " * 90], "informal.txt": INFORMAL,
             "test.formal.tsv": [f"hello\t{truth}\tshort"], "test.informal.tsv": ["hi\thello there"]}  # fmt: skip
    folder = write(tmp_path, files)
    data = made(folder, limit=24)
    assert max(data.lengths.a) == 24
    assert "1 training sentence cut to 24 tokens" in data.description
    assert "with 1 to 2 accepted translations each" in data.description
    accepted = data.held_out("a")[0].truth
    assert data.codecs.b.decode(accepted) == [truth.strip(), "short"]
    dropped = made(folder, limit=24, too_long="drop")
    assert dropped.sizes.a == data.sizes.a - 1
    assert "1 training sentence left out, longer than 24 tokens" in dropped.description
    with pytest.raises(RecipeError, match=r"data\.limit: every sentence of formal is longer than 2 tokens"):
        made(folder, limit=2, too_long="drop")


def test_a_parallel_source_shows_no_pair_unless_asked_to(tmp_path):
    folder = write(tmp_path, {"formal.txt": LONG, "informal.txt": SHORT})
    partner = dict(zip(LONG, SHORT))
    data = made(folder)
    assert not {partner[sentence] for sentence in data.train.a} & set(data.train.b)
    assert "parallel: the first half of its rows for a, the second for b" in data.description
    assert all(data.codecs.b.decode(item.truth)[0] in SHORT for item in data.held_out("a"))
    assert not {*data.train.a, *data.train.b} & {*data.judging.a, *data.judging.b}
    together = made(folder, aligned=True)
    assert together.aligned
    assert [partner[sentence] for sentence in together.train.a] == together.train.b


def test_training_sentences_that_are_also_held_out_are_left_out(tmp_path):
    files = {"formal.txt": [*FORMAL, "hello", "good day"], "informal.txt": [*INFORMAL, "hello", "hi"],
             "test.formal.tsv": ["hello\thi"], "test.informal.tsv": ["yo\tgood day"]}  # fmt: skip
    data = made(write(tmp_path, files), judging_share=0.0, validation=0)
    assert data.train == (FORMAL, INFORMAL)
    assert "4 training sentences left out, because also in another set" in data.description


def test_lower_case_reaches_everything(tmp_path):
    files = {"formal.txt": ["HELLO Sir"] * 9, "informal.txt": ["Hi"] * 9, "test.formal.tsv": ["Yes\tYEP"],
             "test.informal.tsv": ["Yep\tYES"]}  # fmt: skip
    data = made(write(tmp_path, files), lowercase=True)
    assert set(data.train.a) == {"hello sir"}
    assert data.codecs.b.decode(data.held_out("a")[0].truth) == ["yep"]


def test_own_words_are_the_pieces_of_a_domain(folder):
    data = made(folder, own_words=True)
    seen = {i for row in range(data.sizes.b) for i in data.training_pair(0, row, 0).b.data[0].tolist()}
    assert set(data.codecs.b.allowed.nonzero().flatten().tolist()) == seen
    assert END in seen
    assert made(folder).codecs.b.allowed is None


def test_own_words_may_need_a_share_of_how_frequent_they_are_elsewhere(tmp_path):
    french = [f"{'the' if number < 4 else 'le'} chien {number} ." for number in range(100)]
    files = {"formal.txt": [f"the dog {number} ." for number in range(100)], "informal.txt": french}
    folder = write(tmp_path, files)
    all_learned = {"test_share": 0, "validation": 0, "parallel": False}
    the = made(folder, **all_learned).codecs.a.encode(["the"]).data[0, 0]
    allowed = [made(folder, own_words=least, **all_learned).codecs.b.allowed for least in (True, 0.001, 0.1)]
    assert [bool(each[the]) for each in allowed] == [True, True, False]
    assert made(folder, own_words=0.1, **all_learned).codecs.a.allowed[the]
    with pytest.raises(RecipeError, match=r"data\.own_words: 2 is no share"):
        made(folder, own_words=2)


def test_saliency_is_what_tells_the_domains_apart(folder):
    data = made(folder)
    please, ya = (data.codecs.a.encode([word]).data[0, 0] for word in ("please", "ya"))
    assert data.saliency[please] > 1
    assert data.saliency[ya] < -1
    assert (data.saliency[:4] == 0).all()
    counts = torch.zeros(2, data.codecs.a.vocabulary)
    for side, rows in enumerate(data.sizes):
        for row in range(rows):
            ids = data.training_pair(row if side == 0 else 0, row if side == 1 else 0, 0)[side].data[0]
            counts[side].index_add_(0, ids, torch.ones(len(ids)))
    shares = ((counts + 1) / (counts + 1).sum(1, keepdim=True)).log()
    torch.testing.assert_close(data.saliency[4:], (shares[0] - shares[1])[4:])


def test_codecs_of_a_finished_run_take_over(folder, tmp_path):
    data, other = made(folder), made(folder, vocabulary=300)
    (tmp_path / "codec").mkdir()
    data.use(other.codecs)
    assert data.codecs.a.vocabulary == 300
    assert data.codecs.a.decode(data.training_pair(0, 0, 0).a) == [data.train.a[0]]
    assert data.codecs.a.decode(data.held_out("a")[0].row)[0] in FORMAL
    assert data.description.endswith("300 pieces")


def test_progress_is_told(folder):
    told = []
    made_data = TextData(DOMAINS, lambda done, total: told.append((done, total)), sources=[folder], vocabulary=320)
    assert told[-1] == (sum(made_data.sizes), sum(made_data.sizes))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "bpee"}, r"data\.tokenizer: 'bpee' is none; did you mean 'bpe'\?; choose bpe, unigram, a"),
        ({"tokenizer": "no.model"}, r"data\.tokenizer: no\.model cannot be read: No such file"),
        ({"tokenizer": {"model": "x"}}, r"data\.tokenizer: a mapping is \{huggingface: NAME, option: value\}"),
        ({"vocabulary": 200}, r"data\.tokenizer: a vocabulary of 200 is too small"),
        ({"limit": 1}, r"data\.tokenizer: limit is 1"),
        ({"judging_share": 1.0}, r"data\.judging_share: 1\.0 is no share"),
        ({"test_share": -0.1}, r"data\.test_share: -0\.1 is no share"),
        ({"validation": -1}, r"data\.validation: -1 sentences; choose 0 or more"),
        ({"held_out": 0}, r"data\.held_out: 0 sentences; choose 1 or more, or null for all"),
        ({"aligned": True}, r"data\.aligned: .* is not parallel, so there are no pairs to train on; set data\.aligned"),
    ],
)
def test_mistakes(folder, options, message):
    with pytest.raises(RecipeError, match=message):
        made(folder, **options)


def test_too_few_sentences_to_set_any_aside(tmp_path):
    folder = write(tmp_path, {"formal.txt": ["one"], "informal.txt": ["two"]})
    with pytest.raises(RecipeError, match="formal has no sentence left to train on; add some, or set less aside"):
        made(folder)
