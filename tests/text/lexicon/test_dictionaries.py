import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.text.lexicon.dictionaries import in_vocabulary, read_dictionary

DING = """# Version :: devel
Hemd {n} [textil.] | Hemden {pl} | kurzes Hemd :: shirt | shirts | short shirt
gehen {vi}; laufen :: to go; to walk (on foot)
auf Wiedersehen :: goodbye
"""


def dictd(folder, entries):
    """A database as dictd wants it: entries one after the other, an index of places in base 64."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def number(value):
        return (number(value // 64) if value >= 64 else "") + digits[value % 64]

    text, index = b"", []
    for head, body in entries.items():
        entry = f"{body}\n".encode()
        index.append(f"{head}\t{number(len(text))}\t{number(len(entry))}")
        text += entry
    (folder / "x.dict.dz").write_bytes(gzip.compress(text))
    (folder / "x.index").write_text("\n".join(index) + "\n")
    return folder / "x.index"


def test_dings_lines_pair_forms_with_forms(tmp_path):
    path = tmp_path / "de-en"
    path.write_text(DING)
    assert read_dictionary(path) == [
        ("Hemd", "shirt"), ("Hemden", "shirts"),
        ("gehen", "go"), ("gehen", "walk"), ("laufen", "go"), ("laufen", "walk"),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["x.index", "x.dict.dz"])
def test_a_database_of_dictds_is_read_by_either_file(tmp_path, ending):
    long = "\n".join(f"{n}. longue{n}" for n in range(1, 40))
    entries = {
        "00databaseinfo": "a b",
        "dog": "dog /dɔg/ <n>\nchien",
        "big": "big\n1. grand, gros\n2. fort; le plus fort",
    }
    dictd(tmp_path, {**entries, "long": f"long\n{long}", "last": "last\ndernier"})
    pairs = read_dictionary(tmp_path / ending)
    assert pairs[:4] == [("dog", "chien"), ("big", "grand"), ("big", "gros"), ("big", "fort")]
    assert pairs[-1] == ("last", "dernier")
    assert len(pairs) == 4 + 39 + 1


@pytest.mark.parametrize("apart", [" ", "\t"])
def test_lists_of_two_words_are_read_also_packed(tmp_path, apart):
    path = tmp_path / "en-fr.txt.gz"
    path.write_bytes(gzip.compress(f"dog{apart}chien\n\ncat{apart}chat\ndog{apart}chien\n".encode()))
    assert read_dictionary(path) == [("dog", "chien"), ("cat", "chat")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"one two three\n", "line 1: holds 3 words, not two"),
        ("a.txt", b"", "holds no pair of single words"),
        ("a.txt", b"\xff\xfe\n", "is not UTF-8"),
        ("a.txt.gz", b"plain", "cannot be read: Not a gzipped file"),
        ("a.index", b"dog\tA\tB\n", "cannot be read: No such file"),
        ("b.txt", None, "cannot be read: No such file"),
    ],
)
def test_what_is_none_is_one_line(tmp_path, name, content, why):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=why):
        read_dictionary(tmp_path / name)


@given(st.binary(max_size=60), st.text(alphabet="ABab01+/=\t\ndog", max_size=40))
def test_damaged_databases_never_end_in_a_traceback(tmp_path_factory, text, index):
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "x.dict").write_bytes(text)
    (folder / "x.index").write_text(index)
    try:
        found, said = read_dictionary(folder / "x.index"), str(folder)
    except ValueError as error:
        found, said = [], str(error)
    assert all(len(pair) == 2 for pair in found)
    assert str(folder) in said


def test_pairs_are_found_whichever_way_round_and_in_whatever_case():
    english, german = {"dog": 0, "red": 1}, {"Hund": 0, "rot": 1}
    pairs = [("Hund", "dog"), ("Rot", "red"), ("Katze", "cat")]
    assert in_vocabulary(pairs, english, german) == [(0, 0), (1, 1)]
    assert in_vocabulary(pairs, german, english) == [(0, 0), (1, 1)]
