"""manifest.json: read as it was written, and whatever is changed in it or beside it is one line."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.exported.manifest import MANIFEST, checksum, file_entry, is_exported, read_manifest
from cyclekit.registry import RecipeError
from tests.exported.folders import exported, said_of


def test_a_manifest_is_read_b_first(tmp_path):
    folder = exported(tmp_path)
    read = read_manifest(str(folder))
    assert (read.folder, read.kind, read.domains) == (folder, "pictures", {"a": "monet", "b": "photo"})
    assert list(read.directions) == ["b", "a"]
    assert read.directions["b"].files == {"generator": folder / "monet-to-photo.onnx"}
    assert read.directions["b"].settings["multiple"] == 4
    assert read.settings == json.loads((folder / MANIFEST).read_text())


def test_a_role_of_an_older_export_is_read_as_it_is_called_now(tmp_path):
    said = said_of(tmp_path)
    said["directions"][0]["files"]["judge"] = said["directions"][0]["files"]["generator"]
    (tmp_path / MANIFEST).write_text(json.dumps(said))
    made = said["directions"][0]["makes"]
    assert read_manifest(tmp_path).directions[made].files.keys() == {"generator", "discriminator"}


def test_domains_go_by_their_names_and_letters(tmp_path):
    read = read_manifest(exported(tmp_path))
    assert [read.target(name) for name in (None, "photo", "monet", "a", "b")] == ["b", "b", "a", "a", "b"]
    with pytest.raises(
        RecipeError, match=r"^to=foto: .* does not translate to 'foto'; did you mean 'photo'\?; it transl"
    ):
        read.target("foto")


def test_one_direction_alone_is_the_first_there_is(tmp_path):
    said = said_of(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps(said | {"directions": said["directions"][:1]}))
    read = read_manifest(tmp_path)
    assert read.target(None) == "a"
    with pytest.raises(RecipeError, match=r"does not translate to 'photo'.*; it translates to: monet$"):
        read.target("photo")


def test_a_run_is_no_exported_folder(tmp_path):
    assert not is_exported(tmp_path)
    assert is_exported(exported(tmp_path))
    (tmp_path / "recipe.yaml").touch()
    assert not is_exported(tmp_path)


@given(st.binary(max_size=200))
def test_what_is_said_of_a_file_is_its_name_size_and_sum(tmp_path_factory, held):
    path = tmp_path_factory.mktemp("entry") / "x.onnx"
    path.write_bytes(held)
    assert file_entry(path) == {"name": "x.onnx", "bytes": len(held), "sha256": hashlib.sha256(held).hexdigest()}
    assert checksum(path) == hashlib.sha256(held).hexdigest()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), r"monet-to-photo\.onnx: is missing; export the run anew$"),
        (lambda path: path.write_bytes(b"x" * path.stat().st_size), r"onnx: is not as it was written \(its SHA-256 is"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), r"onnx: is not as it was written"),
    ],
)
def test_files_are_as_they_were_written(tmp_path, change, message):
    folder = exported(tmp_path)
    change(folder / "monet-to-photo.onnx")
    with pytest.raises(RecipeError, match=message):
        read_manifest(folder)


def test_a_file_elsewhere_is_never_read(tmp_path):
    folder = exported(tmp_path / "folder")
    said = said_of(folder)
    (tmp_path / "outside.onnx").write_bytes(b"monet-to-photo")
    said["directions"][1]["files"]["generator"]["name"] = "../outside.onnx"
    (folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(RecipeError, match=r"folder/outside\.onnx: is missing"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (None, r"\(No such file or directory\)"), ("", r"\(JSONDecodeError: "), ("[1]", r"\(TypeError: "),
        (b"\xff", r"\(Unicode"), ("{}", r"\(KeyError: 'format'\)"), ('{"format": "x"}', r"its format is 'x'"),
        ("[" * 99999, r"\(RecursionError: "),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_said(tmp_path, held, why):
    if held is not None:
        (tmp_path / MANIFEST).write_bytes(held if isinstance(held, bytes) else held.encode())
    with pytest.raises(RecipeError, match=rf"{MANIFEST}: is no manifest of an exported run .*{why}.*; export it anew$"):
        read_manifest(tmp_path)


def test_a_later_version_is_told_as_one(tmp_path):
    with pytest.raises(RecipeError, match=r"is of version 2, and this cyclekit reads version 1; export the run anew$"):
        read_manifest(exported(tmp_path, version=2))


values = st.sampled_from([None, 0, "", "x", [], {}, [None], {"a": None, "b": 1}, {"a": {}}, True])


@given(
    st.sampled_from(["kind", "domains", "codecs", "directions", "makes", "files", "name", "bytes", "sha256"]), values
)
@settings(max_examples=80)
def test_whatever_stands_in_it_is_one_line_or_can_be_used(tmp_path_factory, key, value):
    folder = exported(tmp_path_factory.mktemp("changed"))
    said = said_of(folder)
    direction = said["directions"][1]
    entry = direction["files"]["generator"]
    next(place for place in (said, direction, entry) if key in place)[key] = value
    (folder / MANIFEST).write_text(json.dumps(said))
    try:
        read = read_manifest(folder)
    except RecipeError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    assert read.target(None) in ("a", "b")
    assert {type(name) for name in read.domains.values()} == {str}
    assert all(isinstance(read.codecs[side], dict) for side in "ab")
    assert isinstance(read.kind, str)
    with pytest.raises(RecipeError, match="does not translate to 'nowhere'"):
        read.target("nowhere")
