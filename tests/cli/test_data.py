"""`cyclekit data`: what its commands print, make and refuse, as whoever types them sees it."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from cyclekit.download import catalogue
from cyclekit.download.catalogue import SETS
from tests.commands import call, mistake
from tests.pictures import picture, picture_folders
from tests.web import web

COMMANDS = ["get", "check", "pair", "select"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Away from the checkout and from the user's caches and proxies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in (
        "http_proxy",
        "HTTP_PROXY",
        "HF_HOME",
        "HF_DATASETS_CACHE",
        "HF_HUB_OFFLINE",
        "HF_DATASETS_OFFLINE",
    ):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server():
    with web() as served:
        yield served


@pytest.fixture
def packed(tmp_path):
    """A set as the published ones are packed."""
    folder = picture_folders(tmp_path / "packed" / "horses", train=3, test=2)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder.parent))
    return memory.getvalue()


def below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# The group


def test_help_of_every_command_and_no_torch():
    code = f"""
import sys
from cyclekit.cli import main
for arguments in [["data"], ["data", "--help"], *(["data", command, "--help"] for command in {COMMANDS})]:
    sys.argv = ["cyclekit", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, arguments
assert not {{"torch", "numpy", "PIL"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(f"Usage: cyclekit data {command}" in done.stdout for command in COMMANDS)
    assert "Published sets: apple2orange," in done.stdout
    assert call("data") == call("data", "--help")


def test_wrong_usage_is_one_line():
    assert mistake(call("data", "fetch")) == "No such command 'fetch'; did you mean 'get'?; see cyclekit data --help"
    assert mistake(call("data", "get")) == "Missing argument 'NAME'; see cyclekit data get --help"


# get


def test_get_by_address(server, packed, tmp_path):
    server.files["/some/horses.zip"] = packed
    server.cuts = [1000]
    got = call("data", "get", f"{server.address}/some/horses.zip?version=2")
    assert mistake(got)  # the server knows no such address
    got = call("data", "get", f"{server.address}/some/horses.zip")
    assert got.status == 0, got.err
    assert got.out == "data/horses\n"
    folder = tmp_path / "data" / "horses"
    assert below(folder) == sorted(
        ["source.json", *(f"{name}/{i:02d}.png" for name, n in
        (("trainA", 3), ("trainB", 3), ("testA", 2), ("testB", 2)) for i in range(n))]
    )  # fmt: skip
    total = hashlib.sha256(packed).hexdigest()
    assert f"sha256: {total}" in got.err.splitlines()
    assert "pictures: testA 2, testB 2, trainA 3, trainB 3" in got.err.splitlines()
    assert json.loads((folder / "source.json").read_text()) == {
        "source": f"{server.address}/some/horses.zip", "sha256": total,
    }  # fmt: skip
    assert sorted(path.name for path in folder.parent.iterdir()) == ["horses", "horses.zip.sha256"]


def test_get_again_after_an_interruption_and_after_success(server, packed):
    server.files["/horses.zip"], server.cuts = packed, [1000, 0]
    address = f"{server.address}/horses.zip"
    assert "broke off after 1,000 bytes" in mistake(call("data", "get", address))
    got = call("data", "get", address, "--keep-archive")
    assert got.status == 0
    assert "went on from byte 1,000" in got.err.splitlines()
    asked = len(server.asked)
    again = call("data", "get", address)
    assert (again.status, again.out) == (0, "data/horses\n")
    assert f"data/horses: was there already, from {address}; to fetch it anew, remove it first" in again.err
    assert len(server.asked) == asked


def test_get_never_touches_what_is_there(server, packed, tmp_path):
    server.files["/horses.zip"] = packed
    mine = tmp_path / "data" / "horses" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert mistake(call("data", "get", f"{server.address}/horses.zip")).startswith("data/horses: exists already;")
    assert mine.read_text() == "mine"
    assert server.asked == []
    assert call("data", "get", f"{server.address}/horses.zip", "--out", "other/place").out == "other/place\n"


def test_get_takes_an_archive_that_was_brought_and_leaves_it(packed, tmp_path, monkeypatch):
    """As a machine without a network has it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/horses.zip"
    assert mistake(call("data", "get", nowhere)) == (
        f"{nowhere} cannot be fetched (no connection: Connection refused): download it elsewhere, put it at "
        "data/horses.zip, and run the same command again"
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "horses.zip").write_bytes(packed)
    assert call("data", "get", nowhere).status == 0
    assert (tmp_path / "data" / "horses.zip").is_file()
    assert call("data", "get", nowhere, "--out", "data/others", "--sha256", "0" * 64).status == 2


def test_get_holds_a_published_set_against_its_sum_and_counts(server, packed, monkeypatch, tmp_path):
    server.files["/horse2zebra.zip"] = packed
    one = SETS["horse2zebra"]._replace(address=f"{server.address}/horse2zebra.zip")
    monkeypatch.setitem(catalogue.SETS, "horse2zebra", one)
    said = mistake(call("data", "get", "horse2zebra"))
    assert f"{one.sha256} is the one it must have; the file was removed; where you trust" in said
    assert below(tmp_path / "data") == []
    got = call("data", "get", "horse2zebra", "--sha256", hashlib.sha256(packed).hexdigest())
    assert got.status == 0
    assert "published: trainA 1,067, trainB 1,334, testA 120, testB 140" in got.err.splitlines()


def test_get_offline_names_the_address_the_place_and_the_mirror(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    import urllib.request

    import cyclekit.download.connecting  # before the proxy is named: it looks for one when it is imported

    monkeypatch.setenv("http_proxy", nobody)
    monkeypatch.setattr(cyclekit.download.connecting, "_OPENER", urllib.request.build_opener())
    said = mistake(call("data", "get", "monet2photo"))
    assert said.startswith(
        "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/monet2photo.zip cannot be fetched (no connection: "
    )
    assert "put it at data/monet2photo.zip, and run the same command again; or try its mirror: " in said
    assert said.endswith("cyclekit data get hub:huggan/monet2photo --out data/monet2photo")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["monet2foto"], "data get monet2foto: no such set; did you mean 'monet2photo'?; there are: apple2orange, "),
        (["cityscapes"], "data get cityscapes: its licence forbids handing it out; register at https://www.cityscapes"),
        (["ftp://x/y.zip"], "data get ftp://x/y.zip: addresses begin with http:// or https://"),
        (["http://x/y.rar"], "data get http://x/y.rar: an archive's address ends in .zip, .tar.gz, .tgz"),
        (["horse2zebra", "--sha256", "12"], "--sha256 12: a sum has 64 hexadecimal digits"),
        (["hub:x/y", "--sha256", "12"], "--sha256: the hub checks its own files; leave it out"),
        (["hub:x"], "data.sources: hub:x is no data set's name; write hub:OWNER/NAME"),
    ],
)
def test_get_refuses(arguments, line):
    assert mistake(call("data", "get", *arguments)).startswith(line)


def test_get_refuses_a_page_under_an_archives_name(server, tmp_path):
    server.files["/horses.zip"] = b"<html>Please log in</html>"
    said = mistake(call("data", "get", f"{server.address}/horses.zip"))
    assert said == f"{server.address}/horses.zip: is no archive; it begins with b'<html>Please log in</htm'"
    assert below(tmp_path / "data") == []


def test_get_removes_what_it_fetched_and_does_not_trust(server, packed, tmp_path):
    address = f"{server.address}/horses.zip"
    server.files["/horses.zip"] = packed[:300] + bytes(200) + packed[500:]
    said = mistake(call("data", "get", address))
    assert said.startswith("data/horses.zip: the archive is broken (")
    assert said.endswith("; nothing was unpacked")
    assert below(tmp_path / "data") == []
    kept = mistake(call("data", "get", address, "--keep-archive"))
    assert kept == f"{said}; the archive stays where it is, remove it to fetch it anew"
    assert mistake(call("data", "get", address)) == kept
    (tmp_path / "data" / "horses.zip").unlink()
    server.files["/horses.zip"] = packed
    assert call("data", "get", address, "--sha256", hashlib.sha256(packed).hexdigest()).status == 0


def test_get_takes_no_more_than_it_is_allowed(server, packed, tmp_path):
    server.files["/horses.zip"] = packed
    size, most = len(packed), len(packed) - 1
    said = mistake(call("data", "get", f"{server.address}/horses.zip", "--max-size", most / 1e9))
    assert said.endswith(
        f"horses.zip: is {size:,} bytes, and at most {most:,} are fetched; where that is what you want, "
        "allow more with --max-size; nothing was kept"
    )
    assert not (tmp_path / "data").exists()
    assert call("data", "get", f"{server.address}/horses.zip", "--max-size", 1).status == 0


def test_get_leaves_no_folder_where_its_note_should_be(server, tmp_path):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        file.writestr("trainA/1.png", "x")
        file.writestr("source.json/x", "x")
    server.files["/horses.zip"] = memory.getvalue()
    address = f"{server.address}/horses.zip"
    said = mistake(call("data", "get", address))
    assert said == f"{address}: holds a folder called source.json, which is the name of a file here"
    assert below(tmp_path / "data") == []


def test_get_from_the_hub_writes_the_bytes_as_they_are_stored(tmp_path, monkeypatch):
    """A real entry of the hub's cache, as `datasets` leaves it, with no hub to reach."""
    import datasets
    from datasets.packaged_modules.parquet.parquet import Parquet

    def encoded(seed, kind):
        memory = io.BytesIO()
        picture(seed).save(memory, kind)
        return {"bytes": memory.getvalue(), "path": None}

    cells = {"imageA": [encoded(1, "PNG"), encoded(2, "JPEG"), None], "imageB": [encoded(k, "JPEG") for k in (3, 4, 5)]}
    cells["imageB"][1] = {"bytes": b"no picture", "path": None}
    features = datasets.Features({name: datasets.Image() for name in cells})
    files = {split: [str(tmp_path / f"{split}.parquet")] for split in ("train", "test")}
    for (path,) in files.values():
        datasets.Dataset.from_dict(cells, features).to_parquet(path)
    cache = tmp_path / "hub"
    Parquet(cache_dir=str(cache), dataset_name="Small", config_id="default", hash="0a", data_files=files)\
        .download_and_prepare()  # fmt: skip
    (cache / "small").rename(cache / "some___small")  # where sets with an owner lie
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(cache))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    got = call("data", "get", "hub:some/Small")
    assert got.status == 0, got.err
    assert got.out == "data/Small\n"
    folder = tmp_path / "data" / "Small"
    split = ["A/row-00000.png", "A/row-00001.jpg", "B/row-00000.jpg", "B/row-00002.jpg"]
    assert below(folder) == sorted(["source.json", *(f"{name}{one}" for name in ("train", "test") for one in split)])
    assert (folder / "trainA" / "row-00001.jpg").read_bytes() == cells["imageA"][1]["bytes"]
    assert "not written: hub:some/Small train row 1 imageB: neither PNG nor JPEG" in got.err.splitlines()
    said = mistake(call("data", "get", "hub:some/Other"))
    assert said.startswith("hub:some/Other: not in the local cache, and http://127.0.0.1:9 cannot give it: ")
    assert said.endswith(
        "; download it from https://huggingface.co/datasets/some/Other elsewhere, and put its pictures at "
        "data/Other/trainA, data/Other/trainB"
    )


def test_the_catalogue_is_sound():
    assert len(SETS) > 15
    for name, one in SETS.items():
        assert one.name == name
        assert one.address.startswith("http://efrosgans.eecs.berkeley.edu/")
        assert one.sha256 is None or (len(one.sha256) == 64 and one.size and one.counts)
    assert SETS["monet2photo"].mirror == "huggan/monet2photo"


# pair


@pytest.fixture
def two_folders(tmp_path):
    """12 photographs, one with a label map of another size."""
    for folder in ("photos", "labels/deep"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "photos" / "deep").mkdir()
    for index in range(12):
        place = "deep/" if index < 2 else ""
        picture(index, (24, 20)).save(tmp_path / "photos" / f"{place}{index:02d}.jpg")
        classes = np.full((10, 12) if index == 5 else (20, 24), index, np.uint8)
        classes[0] = 200
        Image.fromarray(classes).save(tmp_path / "labels" / f"{place}{index:02d}.png")
    return tmp_path


def test_pair_makes_a_set_that_training_reads(two_folders):
    made = call("data", "pair", "photos", "labels", "--out", "data/pairs", "--test-share", "0.25")
    assert (made.status, made.out) == (0, "data/pairs\n")
    assert made.err.splitlines() == [
        "resized: 1 label maps, to the size of their photographs",
        "9 pairs to train on, 3 held out",
    ]
    out = two_folders / "data" / "pairs"
    names = below(out)
    assert len(names) == 12
    assert {name.partition("/")[2] for name in names} == {
        f"{'deep/' if index < 2 else ''}{index:02d}.png" for index in range(12)
    }
    from cyclekit.core.batch import Pair
    from cyclekit.image.folders import open_folder

    found = open_folder(out, Pair("photo", "label"), True, "a")
    assert (len(found.train.a.names), len(found.test.b.names), found.paired) == (9, 3, True)
    for path in out.rglob("05.png"):
        both = np.asarray(Image.open(path))
        assert both.shape == (20, 48, 3)
        assert np.array_equal(both[:, :24], np.asarray(Image.open(two_folders / "photos" / "05.jpg")))
        assert set(both[:, 24:].ravel()) == {5, 200}  # the nearest pixel: no class between them


def test_pair_holds_out_the_same_names_whatever_else_there_is(two_folders):
    call("data", "pair", "photos", "labels", "--out", "first", "--test-share", "0.25", "--left", "labels")
    (two_folders / "photos" / "11.jpg").unlink()
    (two_folders / "labels" / "11.png").unlink()
    call("data", "pair", "photos", "labels", "--out", "second", "--test-share", "0.25")
    first, second = (set(below(two_folders / name / "test")) for name in ("first", "second"))
    assert len(second - first) <= 1
    assert len(first) == len(second) == 3
    left = np.asarray(Image.open(next((two_folders / "first").rglob("08.png"))))[:, :24]
    assert set(left.ravel()) == {8, 200}
    call("data", "pair", "photos", "labels", "--out", "third", "--test-share", "0")
    assert not (two_folders / "third" / "test").exists()


def test_pair_refuses_and_leaves_nothing(two_folders):
    def said(*options):
        line = mistake(call("data", "pair", "photos", "labels", "--out", "out", *options))
        assert not [path for path in two_folders.iterdir() if "out" in path.name]
        return line

    assert said("--no-resize") == (
        "labels/05.png: is 12x10, and photos/05.jpg is 24x20; bring them to one size, or leave out --no-resize"
    )
    assert said("--test-share", "1") == "--test-share 1.0: is no share; choose from 0 (hold nothing out) up to 0.5"
    assert said("--left", "both").startswith("Invalid value for '--left'")
    assert said("--test-share", "0.99").startswith("--test-share 0.99: leaves none of 12 pairs to train on")
    (two_folders / "labels" / "07.png").write_bytes(b"")
    assert said() == "labels/07.png: the file is empty; mend it, or remove it and its partner"
    (two_folders / "labels" / "07.png").unlink()
    assert said() == "1 picture has no partner in labels: photos/07.jpg; partners have the same name, the ending apart"
    picture(3).save(two_folders / "photos" / "08.png")
    assert said().startswith("photos: 08: several pictures of one name; keep one of them")


# select


@pytest.fixture
def flickr(tmp_path):
    """Five pictures, and what is known of them in every form that is read."""
    rows = [
        ("1.png", "landscape sea"),
        ("more/2.png", "Landscape;Mountains"),
        ("3", "portrait"),
        ("gone.png", "landscape"),
    ]
    for name in ("1", "more/2", "3", "4", "5"):
        path = tmp_path / "all" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(int(name[-1])).save(path)
    (tmp_path / "t.csv").write_text("\ufefffile,tags\n" + "".join(f"{f},{t}\n" for f, t in rows))
    (tmp_path / "t.tsv").write_text("file\ttags\n" + "".join(f"{f}\t{t}\n" for f, t in rows))
    objects = [{"file": f, "tags": t.replace(";", " ").split()} for f, t in rows]
    (tmp_path / "t.json").write_text(json.dumps(objects))
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(one) for one in objects) + "\n\n")
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl"])
def test_select_by_a_tag(flickr, kind):
    chosen = call("data", "select", "all", "--metadata", f"t.{kind}", "--tag", "LANDSCAPE", "--out", "data/land")
    assert (chosen.status, chosen.out) == (0, "data/land\n")
    assert below(flickr / "data" / "land") == ["1.png", "more/2.png"]
    assert (flickr / "data" / "land" / "1.png").read_bytes() == (flickr / "all" / "1.png").read_bytes()
    assert chosen.err.splitlines() == [
        "2 pictures, of 3 rows that match among 4",
        "no file: 1 matching rows: gone.png",
        "no row: 2 pictures in all",
    ]


def test_select_any_or_all_and_links(flickr):
    tags = ["--tag", "landscape", "--tag", "mountains"]
    any_of_them = call("data", "select", "all", "--metadata", "t.csv", *tags, "--out", "any", "--link")
    assert any_of_them.err.startswith("2 pictures, ")
    assert (flickr / "any" / "1.png").is_symlink()
    assert Image.open(flickr / "any" / "more" / "2.png").size == (20, 20)
    call("data", "select", "all", "--metadata", "t.csv", *tags, "--all", "--out", "every")
    assert below(flickr / "every") == ["more/2.png"]


def test_select_with_other_columns_and_tags_as_a_list_in_a_cell(flickr):
    (flickr / "own.csv").write_text('photo,words\n3.png,"[""old town"", ""Sea""]"\n')
    options = ["--file-column", "photo", "--tag-column", "words", "--tag", "old town"]
    assert call("data", "select", "all", "--metadata", "own.csv", *options, "--out", "town").status == 0
    assert below(flickr / "town") == ["3.png"]


def test_select_refuses(flickr):
    def said(metadata, *options):
        line = mistake(call("data", "select", "all", "--metadata", metadata, "--out", "out", *options))
        assert not [path for path in flickr.iterdir() if "out" in path.name]
        return line

    tag = ["--tag", "sea"]
    assert said("t.csv") == "Missing option '--tag'; see cyclekit data select --help"
    assert said("t.xml", *tag) == "--metadata t.xml: its name must end in .csv, .tsv, .jsonl, .json"
    assert said("no.csv", *tag) == "--metadata no.csv: no such file"
    assert said("t.csv", "--tag", "sae") == (
        "t.csv: no row has the tag sae; the commonest are landscape, mountains, portrait, sea"
    )
    assert said("t.csv", *tag, "--tag-column", "labels") == (
        "t.csv line 2: has no column 'labels' (it has file, tags); name the right one with "
        "--file-column or --tag-column"
    )
    (flickr / "bad.jsonl").write_text('{"file": "1.png", "tags": "sea"}\n{"file": ')
    assert said("bad.jsonl", *tag).startswith("bad.jsonl: cannot be read (")
    (flickr / "bad.json").write_text("{}")
    assert said("bad.json", *tag) == "bad.json: cannot be read (it holds no list of objects); it must be UTF-8 JSON"
    (flickr / "gone.csv").write_text("file,tags\n77.png,sea\n")
    assert said("gone.csv", *tag) == (
        "all: holds none of the 1 pictures with the tag sea: 77.png; check --file-column (now file)"
    )
    picture(9).save(flickr / "all" / "more" / "1.png")
    (flickr / "twice.csv").write_text("file,tags\n1,sea\n")
    assert said("twice.csv", *tag).startswith("all: '1' of the metadata fits several pictures (")
