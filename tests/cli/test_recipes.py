"""Recipes and parts on the command line: shown, checked, listed, begun."""

import re
import shutil
import socket
from pathlib import Path

import pytest

from tests.commands import SETTINGS, call, mistake
from tests.text.tiny_models import bart, gpt2


def test_show_prints_what_can_be_run():
    shown = call("show", "monet2photo", "--profile", "cpu", "--set", "train.steps=7")
    assert (shown.status, shown.err) == (0, "")
    assert "  steps: 7\n" in shown.out
    assert "profile: cpu\n" in shown.out


def test_check_tells_parameters_and_data_and_goes_on_after_a_mistake(data):
    checked = call("check", "nowhere", "monet2photo", "--data", data, *SETTINGS)
    assert checked.status == 2
    assert checked.err.splitlines()[0].startswith("nowhere: ")
    assert f"# data: {data}: " in checked.out
    assert re.search(r"^# parameters: [\d,]+ generators, [\d,]+ discriminators$", checked.out, re.MULTILINE)
    assert re.search(r"^# memory before activations: [\d,]+ MiB$", checked.out, re.MULTILINE)


def test_check_says_what_fits_and_how_long_an_epoch_takes(data):
    checked = call("check", "monet2photo", "--data", data, *SETTINGS, "--fit", "8GB", "--time")
    assert (checked.status, checked.err) == (0, "")
    told = r"^# memory: [\d,]+ MiB at the worst moment.* \(on a processor, in (float32|bf16), batch 1, 16 px\)$"
    assert re.search(told, checked.out, re.MULTILINE)
    assert re.search(r"^# fits in 8GB: yes, up to a batch of [\d,]+$", checked.out, re.MULTILINE)
    assert re.search(r"^# time: .+ s a step here; an epoch of 3 steps takes .+ s$", checked.out, re.MULTILINE)
    refused = call("check", "monet2photo", "--data", data, *SETTINGS, "--set", "train.batch_size=512", "--fit", "3MB")
    assert refused.status == 2
    assert re.fullmatch(
        r"monet2photo: a step takes [\d,]+ MiB, and 3MB is 3; what fits: --set train.batch_size=\d+.*\n", refused.err
    )
    for written in ("8 sheep", "0GB", "-1GB"):
        complaint = mistake(call("check", "monet2photo", "--fit", written))
        assert complaint == f"--fit {written}: no amount of memory; write 8GB, 16GiB or 500MB"


def refused(checked):
    """The one line in which `check` refuses a recipe."""
    assert checked.status == 2
    (line,) = checked.err.splitlines()
    return line


def test_check_needs_no_weights_of_a_pretrained_model_to_say_what_fits(tmp_path):
    model = bart(tmp_path / "model")
    with (model / "model.safetensors").open("rb+") as weights:
        weights.truncate(100)
    settings = [
        *("--set", f"data.tokenizer=huggingface:{model}", "--set", "train.batch_size=2", "--set", "data.limit=24"),
        *("--set", "data.sources=[{builtin: formality, sentences: 60, held_out: 12, validation: 12}]"),
        *("--set", "objective.replay=4"),
    ]
    checked = call("check", "formal2informal_pretrained", *settings, "--fit", "8GB")
    assert (checked.status, checked.err) == (0, "")
    assert re.search(
        r"^# memory: [\d,]+ MiB at the worst moment.*, most in stage 'cycle-gan'", checked.out, re.MULTILINE
    )
    assert re.search(r"^# not trained: [\d,]+ more weights of the generators$", checked.out, re.MULTILINE)
    assert "# pretrained weights: not loaded" in checked.out
    complaint = refused(call("check", "formal2informal_pretrained", *settings))
    assert f"model: the weights of {model} cannot be loaded" in complaint


def test_without_a_network_a_recipe_says_which_model_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    for name in ("formal2informal_pretrained", "negative2positive_pretrained"):
        made = {"formal2informal_pretrained": "formality"}.get(name, "reviews")
        complaint = refused(call("check", name, "--data", f"builtin:{made}"))
        assert "model: facebook/bart-base is no folder here and not in the local cache" in complaint
        assert complaint.endswith("or fetch it where there is a network: hf download facebook/bart-base")


def test_a_model_that_only_goes_on_with_a_text_is_refused(tmp_path):
    model = gpt2(tmp_path / "model")
    complaint = refused(
        call("check", "formal2informal_pretrained", "--data", "builtin:formality",
             "--set", f"data.tokenizer=huggingface:{model}")
    )  # fmt: skip
    assert "is a gpt2, no encoder-decoder; take a T5, BART, mBART, NLLB or Marian" in complaint


def test_check_predicts_for_a_card_that_is_not_here(data):
    asked = ["--profile", "published", "--device", "cuda:0", "--fit", "8GB"]
    checked = call("check", "monet2photo", "--data", data, *SETTINGS, *asked)
    assert checked.status == 0, checked.err
    assert "(on a CUDA card, in bf16, batch 1, 16 px)" in checked.out


@pytest.mark.parametrize("hub", ["refuses", "never answers"])
def test_with_no_network_the_data_is_chosen_and_the_choice_is_said(hub, tmp_path, monkeypatch):
    for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "nothing fetched before"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if hub == "never answers" else 9
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        checked = call("check", "monet2photo", *SETTINGS)
    assert (checked.status, checked.err) == (0, "")
    local, fetched, made = [line for line in checked.out.splitlines() if line.startswith(("# not used", "# data"))]
    assert local == "# not used: data/monet2photo (no such folder)"
    assert re.fullmatch(r"# not used: hub:huggan/monet2photo \(.+\)", fetched)
    assert made.startswith("# data: builtin:landscapes: ")


def test_list_shows_kinds_parts_and_options():
    listed = call("list")
    assert listed.status == 0
    for kind in ("recipe", "generator", "discriminator", "objective", "gan_loss", "metric", "schedule"):
        assert kind in listed.out.splitlines()
    assert re.search(r"^  resnet +`c7s1-64, .+\n +width=64, blocks=9, ", listed.out, re.MULTILINE)
    only = call("list", "recipe").out
    assert only.splitlines()[0] == "recipe"
    assert "monet2photo" in only
    assert "generator" not in only.splitlines()
    line = mistake(call("list", "generatr"))
    assert line.startswith("list generatr: no such kind; did you mean 'generator'?; there are: recipe, ")


def test_new_makes_a_recipe_that_runs(data, tmp_path):
    made = call("new", "mine/first", "--from", "monet2photo")
    assert (made.status, made.err) == (0, "")
    assert made.out == "mine/first/recipe.yaml: edit it, then: cyclekit run mine/first\n"
    assert "base: image_cyclegan" in (tmp_path / "mine/first/recipe.yaml").read_text()
    assert (tmp_path / "mine/first/README.md").read_text().startswith("# first\n")
    checked = call("check", "mine/first", "--data", data, *SETTINGS)
    assert checked.status == 0
    assert checked.out.startswith("name: first\n")
    line = mistake(call("new", "mine/first", "--from", "monet2photo"))
    assert line == "mine/first: exists already; choose another name"
    line = mistake(call("new", "mine/second", "--from", "monet2phto"))
    assert line.startswith("monet2phto: no such recipe; did you mean 'monet2photo'?")
    assert not (tmp_path / "mine/second").exists()
    line = mistake(call("new", "mine/first/README.md/x", "--from", "monet2photo"))
    assert line.startswith("mine/first/README.md/x: cannot be made: ")


@pytest.mark.parametrize("full_at", ["plugin.py", "README.md", "recipe.yaml"])
def test_new_on_a_full_disk_leaves_nothing(full_at, tmp_path, monkeypatch):
    source = tmp_path / "first"
    source.mkdir()
    (source / "recipe.yaml").write_text("base: image_cyclegan\ndata: {sources: [builtin:landscapes]}\n")
    (source / "plugin.py").write_text("")

    def write(path, *given, **said):
        if Path(path).name == full_at:
            Path(path).touch()
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", write)
    monkeypatch.setattr(shutil, "copyfile", lambda one, other: write(other))
    assert mistake(call("new", "mine", "--from", "first")) == (
        "mine: cannot be made: No space left on device; choose another name"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "\udcff"])
def test_new_takes_no_name_that_cannot_be_shown(name, tmp_path):
    assert "names a folder too; write a name without control characters" in mistake(
        call("new", name, "--from", "monet2photo")
    )
    assert [*tmp_path.iterdir()] == []


def test_new_from_a_run_takes_its_settings_and_its_own_name(run, data):
    assert call("new", "again", "--from", run).status == 0
    checked = call("check", "again", "--data", data)
    assert checked.status == 0, checked.err
    assert checked.out.startswith("name: again\n")
    assert "  width: 4\n" in checked.out
