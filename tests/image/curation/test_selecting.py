"""Pictures by their tags: the right ones, whatever the metadata is written in, and every mistake in one line."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.curation.selecting import Selected, _Finder, read_metadata, select
from cyclekit.registry import RecipeError

ROWS = [("a.png", ["Landscape", "sea"]), ("sub/b.png", ["city"]), ("c", ["landscape", "city"]), ("gone.png", ["sea"])]


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("a.png", "sub/b.png", "sub/c.jpg", "unlisted.png")):
        path = tmp_path / "all" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    return tmp_path / "all"


def metadata(path, rows=ROWS, names=("file", "tags")):
    kind = path.suffix
    if kind in (".csv", ".tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="\t" if kind == ".tsv" else ",")
            writer.writerows([names, *((name, " ".join(tags)) for name, tags in rows)])
    else:
        objects = [json.dumps(dict(zip(names, row)), ensure_ascii=False) for row in rows]
        path.write_text("\n".join(objects) if kind == ".jsonl" else f"[{','.join(objects)}]", encoding="utf-8")
    return path


def taken(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json"])
def test_any_or_all_of_the_tags_in_every_kind_of_file(folder, tmp_path, kind):
    table = metadata(tmp_path / f"t.{kind}")
    told = []
    found = select(folder, table, ["LANDSCAPE ", "sea"], tmp_path / "any", progress=lambda *done: told.append(done))
    assert found == Selected(folder, written=2, matching=3, rows=4, missing=["gone.png"], unlisted=1)
    assert taken(tmp_path / "any") == ["a.png", "sub/c.jpg"]
    assert (tmp_path / "any/a.png").read_bytes() == (folder / "a.png").read_bytes()
    assert told == [(1, 2), (2, 2)]
    assert select(folder, table, ["landscape", "city"], tmp_path / "both", every=True, link=True).written == 1
    (link,) = (tmp_path / "both" / "sub").iterdir()
    assert link.is_symlink()
    assert link.resolve() == (folder / "sub/c.jpg").resolve()


words = st.text(
    st.characters(codec="utf-8", exclude_characters="[\0,;", exclude_categories=["Cc", "Cs", "Z"]), min_size=1
)


@given(st.lists(st.lists(words, max_size=4), min_size=1, max_size=5), st.sampled_from([" ", ",", "; ", " ,, "]))
def test_tags_are_the_same_however_they_are_written(tmp_path_factory, tags, between):
    folder = tmp_path_factory.mktemp("tags")
    rows = [(f"{number}.png", own) for number, own in enumerate(tags)]
    listed = read_metadata(metadata(folder / "t.jsonl", rows), "file", "tags")
    texts = [json.dumps({"file": name, "tags": between.join(own)}) for name, own in rows]
    (folder / "u.jsonl").write_text("\n".join(texts))
    quoted = [json.dumps({"file": name, "tags": json.dumps(own)}) for name, own in rows]
    (folder / "v.jsonl").write_text("\n".join(quoted))
    assert (
        listed == read_metadata(folder / "u.jsonl", "file", "tags") == read_metadata(folder / "v.jsonl", "file", "tags")
    )
    assert [row.tags for row in listed] == [{tag.lower() for tag in own} for own in tags]


def test_columns_of_other_names_numbers_and_empty_cells(tmp_path):
    rows = [{"id": 0, "labels": ["x"]}, {"id": None, "labels": None}, {"id": "7", "labels": 3}]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    found = read_metadata(tmp_path / "t.json", "id", "labels")
    assert [(row.file, row.tags) for row in found] == [("0", {"x"}), ("", set()), ("7", {"3"})]


def test_a_line_ends_where_json_says(tmp_path):
    """A title may hold what Unicode calls the end of a line."""
    rows = [{"file": f"{number}", "tags": "x", "title": "one\u2028two\x85three\x0c"} for number in range(2)]
    lines = [json.dumps(row, ensure_ascii=False).replace("\\f", "\u2029") for row in rows]
    (tmp_path / "t.jsonl").write_bytes("\r\n".join(["\ufeff" + lines[0], "", lines[1], ""]).encode())
    assert [row.file for row in read_metadata(tmp_path / "t.jsonl", "file", "tags")] == ["0", "1"]


def test_a_row_may_name_a_picture_in_three_ways_and_the_exact_path_is_best(folder):
    Image.new("RGB", (4, 4)).save(folder / "b.png")
    find = _Finder(folder)
    for name in ("sub/c.jpg", "sub/c", "c.jpg", "c", "./sub/../sub/c.jpg"):
        assert find.only(name).as_posix() == "sub/c.jpg"
    assert find.only("b.png").as_posix() == "b.png"  # and not sub/b.png
    with pytest.raises(RecipeError, match=r"'b' of the metadata fits several pictures \(b\.png; sub/b\.png\); write"):
        find.only("b")
    assert find("../all/a.png") == find("") == find("d") == []


@pytest.mark.parametrize(
    ("name", "held", "message"),
    [
        ("t.txt", "", r"t\.txt: its name must end in \.csv, \.tsv, \.jsonl, \.json$"),
        ("t.csv", None, r"t\.csv: no such file$"),
        (
            "t.csv",
            "picture,tags\na,b\n",
            r"t\.csv line 2: has no column 'file' \(it has picture, tags\); name the right",
        ),
        ("t.json", "{}", r"t\.json: cannot be read \(it holds no list of objects\); it must be UTF-8 JSON$"),
        ("t.json", "[1]", r"t\.json: cannot be read \(entry 1 is no object\)"),
        ("t.jsonl", '{"file": 1, "tags": 2}\n[', r"t\.jsonl: cannot be read \(.*; it must be UTF-8 JSONL$"),
        ("t.jsonl", "[" * 99999, r"t\.jsonl: cannot be read \(.*recursion"),
        ("t.csv", b"file,tags\n\xff,x\n", r"t\.csv: cannot be read \(.*; it must be UTF-8 CSV$"),
        ("t.csv", 'file,tags\na,"[x"\n', r"t\.csv: cannot be read \("),
    ],
)
def test_metadata_that_cannot_be_read(tmp_path, name, held, message):
    if held is not None:
        (tmp_path / name).write_bytes(held if isinstance(held, bytes) else held.encode())
    with pytest.raises(RecipeError, match=message) as error:
        read_metadata(tmp_path / name, "file", "tags")
    assert "\n" not in str(error.value)


def test_mistakes_are_one_line_and_leave_nothing(folder, tmp_path):
    table, out = metadata(tmp_path / "t.csv"), tmp_path / "out"
    for message, given_ in {
        r"tag: is missing; name at least one tag, as in tag=landscape$": (folder, table, [" "]),
        r"nowhere: no such folder; name a folder of pictures$": (tmp_path / "nowhere", table, ["sea"]),
        r"no row has the tag see; the commonest are city, landscape, sea$": (folder, table, ["see"]),
        r"no row has the tags see or sky; ": (folder, table, ["see", "sky"]),
        r"no row has the tag x; it has no tags at all; check": (
            folder, metadata(tmp_path / "u.csv", [("a", [])]), ["x"],
        ),
        r"holds none of the 1 pictures with the tag x: nope; check": (
            folder, metadata(tmp_path / "v.csv", [("nope", ["x"])]), ["x"],
        ),
    }.items():  # fmt: skip
        with pytest.raises(RecipeError, match=message):
            select(*given_, out)
        assert not out.exists()
    out.mkdir()
    (out / "x").touch()
    with pytest.raises(RecipeError, match="out"):
        select(folder, table, ["sea"], out)
