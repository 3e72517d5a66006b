"""Looking sentences over: what would mislead a run is found, and what is sound is called sound."""

from pathlib import Path

import pytest

from cyclekit.registry import RecipeError
from cyclekit.text.checking import look_at_sentences, sentences_at
from tests.text.test_sources import write
from tests.text.test_tables import ROWS, table

FORMAL = [f"I should like to see room {i}." for i in range(20)]
INFORMAL = [f"can i see house {i}?" for i in range(20)]


def found(root, files):
    looked = look_at_sentences([Path(write(root, {"formal.txt": FORMAL, "informal.txt": INFORMAL} | files))])
    return {one.what: one.names for one in looked.findings}


def test_groups_are_counted_in_words_of_their_script(tmp_path):
    chinese = ["我不知道。", "你好吗？", "你好吗？"]
    root = write(tmp_path, {"train.zh.txt": chinese, "train.en.txt": ["I do not know .", "yes"], "test.zh.txt": ["好"],
                            "test.en.txt": ["good"]})  # fmt: skip
    looked = look_at_sentences([Path(root)])
    assert [tuple(one) for one in looked.groups] == [
        ("train en", 2, 2, 3.0, 5, "spaced"), ("train zh", 3, 2, 4, 5, "chinese"),
        ("test en", 1, 1, 1, 1, "spaced"), ("test zh", 1, 1, 1, 1, "chinese"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("extra", "what", "names"),
    [
        ({"dev.formal.txt": [FORMAL[3]], "dev.informal.txt": ["new"]},
         "held out, and in training too (left out there)", [f"test formal: {FORMAL[3]}"]),
        ({"dev.formal.txt": ["new"], "dev.informal.txt": ["CAN I see - house 4"]},
         "held out, and but for case and punctuation in training", ["test informal: CAN I see - house 4"]),
        ({"informal.txt": [*INFORMAL, FORMAL[0]]}, "in both domains", [FORMAL[0]]),
        ({"informal.txt": [*INFORMAL, FORMAL[0].upper()]}, "in both domains, but for case and punctuation",
         [FORMAL[0]]),
        ({"formal.txt": FORMAL * 2}, "more than a tenth of train formal are duplicates", FORMAL),
        ({"formal.txt": [*FORMAL, "very " * 30 + "long."]}, "longer than 30 words in train formal",
         ["very " * 30 + "long."]),
        ({"formal.txt": [*FORMAL, "Fish &amp; chips."]}, "with HTML in train formal", ["Fish &amp; chips."]),
        ({"formal.txt": [*FORMAL, "A cafÃ©."]}, "read in a wrong encoding once in train formal", ["A cafÃ©."]),
        ({"informal.txt": [*INFORMAL, "see www.x.org?"]}, "with addresses in train informal", ["see www.x.org?"]),
        ({"informal.txt": [one.rstrip("?") for one in INFORMAL]},
         "a mark that tells the domains apart by itself: ends in punctuation (formal 100%, informal 0%)", FORMAL),
        ({"informal.txt": INFORMAL[:3]}, "domains of very different size", ["formal 20", "informal 3"]),
    ],
)  # fmt: skip
def test_what_would_mislead_a_run(tmp_path, extra, what, names):
    assert found(tmp_path, extra)[what] == names
    sound = found(tmp_path / "sound", {})
    assert what not in sound


def test_sound_sentences_have_one_finding_at_most(tmp_path):
    capitals = "a mark that tells the domains apart by itself: begins with a capital (formal 100%, informal 0%)"
    assert list(found(tmp_path, {})) == [capitals]


def test_tables_and_pairs_of_files(tmp_path):
    path = Path(table(tmp_path / "x.csv", ["review", "stars"], ROWS))
    with pytest.raises(RecipeError, match=r"say which: set data\.columns"):
        look_at_sentences([path])
    looked = look_at_sentences([path], {"text": "review", "label": "stars"})
    assert [one.group for one in looked.groups] == ["train 0", "train 1"]
    write(tmp_path, {"formal.txt": FORMAL, "informal.txt": INFORMAL})
    both = [tmp_path / "formal.txt", tmp_path / "informal.txt"]
    names = ["train formal", "train informal"]
    assert [one.group for one in look_at_sentences(both).groups] == names
    assert [one.group for one in look_at_sentences([Path(",".join(map(str, both)))]).groups] == names
    with pytest.raises(RecipeError, match="sentences have two domains; name one data set, or two files"):
        look_at_sentences([*both, path])
    with pytest.raises(RecipeError, match="nowhere: no such folder"):
        look_at_sentences([tmp_path / "nowhere"])


def test_files_of_sentences_are_counted_and_none_beside_pictures(tmp_path):
    write(tmp_path, {"text/formal.txt": FORMAL, "yelp/train.0": ["x"], "yelp/train.1": ["y"],
                     "pictures/trainA/1.png": b"", "pictures/notes.txt": ["about"], "empty/x.md": ["x"]})  # fmt: skip
    folders = ("text", "yelp", "pictures", "empty")
    assert [sentences_at([tmp_path / name]) for name in folders] == [1, 2, 0, 0]
    assert sentences_at([tmp_path / "text" / "formal.txt", tmp_path / "pictures" / "trainA" / "1.png"]) == 1
    assert sentences_at([Path("a.txt,b.txt")]) == 2
