"""Text files where they lie: the layouts, what is known of them, and every fault by file and line."""

from __future__ import annotations

import gzip
from itertools import cycle, islice

import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError
from cyclekit.text.sources import open_source

DOMAINS = Pair("formal", "informal")
LONG = [f"this is sentence {'very ' * (i % 7)}number {i}" for i in range(40)]
SHORT = [f"sentence {'so ' * (i % 7)}{i}" for i in range(40)]


def write(root, files):
    for name, lines in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        held = lines if isinstance(lines, bytes) else "".join(line + "\n" for line in lines).encode()
        path.write_bytes(gzip.compress(held) if name.endswith(".gz") else held)
    return str(root)


def test_one_file_a_domain(tmp_path):
    found = open_source(write(tmp_path, {"formal.txt": ["a", "", "b  c "], "informal.txt.gz": ["d"]}), DOMAINS)
    assert found.train == (["a", "b c"], ["d"])
    assert found.words == "formal.txt, informal.txt.gz (1 blank line left out)"
    assert (found.validation, found.test, found.truth, found.aligned) == (None, None, None, False)


def test_a_parallel_set_gives_the_other_line_as_truth(tmp_path):
    files = {"train.formal": LONG, "train.informal": SHORT, "dev.formal": ["x", "y"], "dev.informal": ["z", "w"]}
    root = write(tmp_path, files)
    found = open_source(root, DOMAINS)
    assert found.aligned
    assert found.validation is None  # the development split measures, where there is no test split
    assert found.test == (["x", "y"], ["z", "w"])
    assert found.truth == ([["z"], ["w"]], [["x"], ["y"]])
    assert not open_source(root, DOMAINS, parallel=False).aligned
    assert open_source(root, DOMAINS, parallel=False).truth is None


def test_equally_many_lines_alone_are_not_parallel(tmp_path):
    shifted = list(islice(cycle(SHORT), 3, 43))
    assert not open_source(write(tmp_path, {"a.txt": LONG, "b.txt": shifted}), DOMAINS).aligned
    assert open_source(str(tmp_path), DOMAINS, parallel=True).aligned


def test_files_anywhere(tmp_path):
    write(tmp_path, {"x/1.txt": ["one"], "x/2.txt.gz": ["two"], "x/readme.md": ["no"], "y/all.text": ["three"]})
    write(tmp_path, {"v1": ["four"], "v2": ["five"], "t1.tsv": ["six\tseven"], "t2.txt": ["eight"]})
    both = (["one", "two"], ["three"])
    assert open_source(f"{tmp_path}/x, {tmp_path}/y/all.text", DOMAINS).train == both
    assert open_source(f"{tmp_path}/x/*.t*,{tmp_path}/y/*", DOMAINS).train == both
    named = {
        "a": f"{tmp_path}/x", "b": f"{tmp_path}/y/*", "validation": {"a": f"{tmp_path}/v1", "b": f"{tmp_path}/v2"},
        "test": {"a": f"{tmp_path}/t1.tsv", "b": f"{tmp_path}/t2.txt"},
    }  # fmt: skip
    found = open_source(named, DOMAINS)
    assert found.train == both
    assert found.words == "2 files (1.txt, ...), all.text"
    assert found.validation == (["four"], ["five"])
    assert found.test == (["six"], ["eight"])
    assert found.truth == ([["seven"]], [[]])


def test_what_other_programs_take_for_text_is_text(tmp_path):
    root = write(tmp_path, {"a.txt": "\ufeffone\u2028half\r\ntwo\x0chalf\r\n".encode(), "b.txt": b"no newline"})
    assert open_source(root, DOMAINS).train == (["one half", "two half"], ["no newline"])


@pytest.mark.parametrize(
    ("source", "reason"),
    [("{root}/nowhere", "no such folder"), ("{root}/x.txt,{root}/y.txt", "no such file"),
     ("{root}/*.txt,{root}/*.md", "no file matches"), ({"a": "{root}/x", "b": "{root}/y"}, "no such file")],
)  # fmt: skip
def test_what_is_not_there(tmp_path, source, reason):
    with pytest.raises(SourceMissing, match=reason):
        open_source(placed(source, tmp_path), DOMAINS)


ONE = {"a.txt": ["one"], "b.txt": ["two"]}


@pytest.mark.parametrize(
    ("files", "source", "message"),
    [
        ({"a.txt": b"", "b.txt": ["x"]}, "{root}", r"a\.txt is empty; it should hold one sentence per line"),
        ({"a.txt": ["", " "], "b.txt": ["x"]}, "{root}", r"a\.txt holds blank lines only; it should"),
        ({"a.txt": b"fine\nna\xefve\n", "b.txt": ["x"]}, "{root}", r"a\.txt, line 2: is not UTF-8 \(byte 0xef\)"),
        ({"a.txt.gz": ["x"], "b.txt": ["x"]}, "{root}", ""),
        ({"train.formal.txt": ["x"]}, "{root}", r"train\.formal\.txt is there, but no such file for informal"),
        ({"train.x.txt": ["x"], "train.y.txt": ["x"]}, "{root}",
         "holds sentences of x and y, but the domains are formal and informal; overrides=domains.a=x over"),
        ({"some.md": ["x"]}, "{root}", r"has no known layout \(it holds some\.md\); it may be train\.DOMAIN\.txt"),
        ({"a.txt": ["x"], "a.txt.gz": ["x"], "b.txt": ["x"]}, "{root}", r"a\.txt and .*a\.txt\.gz are the same by"),
        (ONE | {"dev.a.txt": ["x"]}, "{root}", r"dev\.a\.txt is there, but no such file for b; add or remove one"),
        (ONE, "{root}/a.txt", r"a\.txt is one file; two domains need two, written PATH_A,PATH_B"),
        (ONE, "{root}/a.txt,{root}/c.txt", r"data\.sources\.b: .*c\.txt: no such file; both domains need sentences"),
        (ONE, {"a": "{root}/a.txt", "b": "{root}/b.txt", "test": {"a": "{root}/a.txt", "b": "{root}/c"}},
         r"data\.sources\.test\.b: .*c: no such file"),
        (ONE, {"a": "{root}/a.txt", "b": "{root}/b.txt", "tset": "x"}, r"wants \{a: PATH, b: PATH\}, got"),
        (ONE, {"c": "{root}/a.txt"}, r"is no source; a mapping is \{a: PATH, b: PATH\}"),
        ({"empty/x.md": ["x"]} | ONE, "{root}/empty,{root}/a.txt", r"empty holds no text files \(\.txt, \.csv, "),
        ({"train.a": LONG, "train.b": SHORT, "test.a.txt": ["x", ""], "test.b.txt": ["y", "z"]}, "{root}",
         r"test\.a\.txt, line 2: is blank, but it is the translation of the other file's line"),
        ({"train.a": LONG, "train.b": SHORT, "test.a.txt": ["x"], "test.b.txt": ["y", "z"]}, "{root}",
         r"test\.a\.txt has 1 lines, .*test\.b\.txt has 2; the training files are parallel"),
        ({"train.a": [*LONG, ""], "train.b": [*SHORT, "x"]}, "{root}",
         r"train\.a, line 41: is blank, but line k of one file translates line k of the other \(data\.parallel\)"),
        (ONE | {"test.a.tsv": ["x\ty", "z"], "test.b.txt": ["w"]}, "{root}",
         r"test\.a\.tsv, line 2: has no translation in a second column"),
        (ONE | {"test/a": ["x", "y"], "test/b": ["z"], "test/b.ref0": ["w"]}, "{root}",
         r"test/a has 2 lines, .*test/b\.ref0 has 1; the second holds translations of the first"),
        ({}, "builtin:landscapes", "builtin:landscapes holds no sentences; data.name=sentences wants text"),
        ({}, "builtin:formalty", "no builtin is called 'formalty'; did you mean 'formality'"),
    ],
)  # fmt: skip
def test_faults_are_named(tmp_path, files, source, message):
    write(tmp_path, files)
    if "a.txt.gz" in files and not message:
        (tmp_path / "a.txt.gz").write_bytes(b"\x1f\x8b\x08 broken")
        message = r"a\.txt\.gz is not wholly a gzip file: it was cut off or damaged"
    with pytest.raises(RecipeError, match=message):
        open_source(placed(source, tmp_path), DOMAINS)


def test_parallel_files_are_equally_long(tmp_path):
    with pytest.raises(RecipeError, match=r"a\.txt has 2 lines, .*b\.txt has 1; data\.parallel=true says that line k"):
        open_source(write(tmp_path, {"a.txt": ["x", "y"], "b.txt": ["z"]}), DOMAINS, parallel=True)


def placed(source, root):
    if isinstance(source, dict):
        return {key: placed(one, root) for key, one in source.items()}
    return source.format(root=root)
