"""Where a model lies: a folder, the cache, the hub; and nothing of it is unpickled."""

import json
import shutil
import threading

import pytest

from cyclekit.text import model_files
from cyclekit.text.huggingface import HuggingFaceCodec
from tests.text.test_huggingface import codec_of, refused
from tests.text.tiny_models import SENTENCES, bart


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {"bart": bart(tmp_path_factory.mktemp("bart"))}


def test_without_a_hub_a_name_fails_within_seconds(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    refused(
        model="nobody/nothing",
        says=r"model: nobody/nothing is no folder here and not in the local cache, and http://127.0.0.1:9 cannot give "
        r"it: no connection \(Connection refused\)",
    )
    monkeypatch.setattr("cyclekit.files.hub._answer", lambda *_: threading.Event().wait())  # as name resolution may
    monkeypatch.setattr(model_files, "PATIENCE", 0.3)
    refused(model="nobody/nothing", says="cannot give it: no answer in 0.3 s")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    refused(model="nobody/nothing", says="cannot give it: HF_HUB_OFFLINE is set")


def test_a_model_in_the_local_cache_needs_no_hub(folders, tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    revision = "0" * 40
    snapshot = tmp_path / "models--some--bart" / "snapshots" / revision
    shutil.copytree(folders["bart"], snapshot)
    (tmp_path / "models--some--bart" / "refs").mkdir()
    (tmp_path / "models--some--bart" / "refs" / "main").write_text(revision)
    assert HuggingFaceCodec("a", model="some/bart").decode(codec_of(folders, "bart").encode(SENTENCES)) == SENTENCES
    assert model_files.located("some/bart", weights=True) == snapshot
    (snapshot / "model.safetensors").unlink()  # the tokenizer alone was fetched
    with pytest.raises(ValueError, match="cannot give it: HF_HUB_OFFLINE is set"):
        model_files.located("some/bart", weights=True)


def test_weights_that_would_be_unpickled_are_refused(folders, tmp_path):
    shutil.copytree(folders["bart"], tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ValueError, match="has no weights as safetensors, and others would be unpickled; convert them"):
        model_files.located(str(tmp_path), weights=True)
    assert model_files.located(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("held", ["", "[]", "{", '{"weight_map": ["x"]}', '{"weight_map": {"a": 1}}'])
def test_an_index_of_weights_that_is_none_is_said(folders, tmp_path, held):
    shutil.copytree(folders["bart"], tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors.index.json").write_text(held)
    with pytest.raises(ValueError, match=r"model\.safetensors\.index\.json of .* is damaged: it names no parts; fetch"):
        model_files.located(str(tmp_path), weights=True)


def test_weights_in_parts_are_there_when_every_part_is(folders, tmp_path):
    shutil.copytree(folders["bart"], tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").rename(tmp_path / "1.safetensors")
    index = {"weight_map": {"first": "1.safetensors", "second": "2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="has no weights as safetensors"):
        model_files.located(str(tmp_path), weights=True)
    (tmp_path / "2.safetensors").touch()
    assert model_files.located(str(tmp_path), weights=True) == tmp_path


def test_transformers_is_quiet_only_while_it_loads(folders, capfd):
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    codec = codec_of(folders, "bart")
    model_files.load_network(codec.model, codec.config, with_weights=True)
    assert capfd.readouterr().err == ""
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
