"""Runs on the hub: pushed to a stand-in by the real client, fetched again, and refused in one line each."""

import json
import shutil
import socket

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from cyclekit import Translator
from cyclekit.files.tensor_files import file_checksum
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.runs.checkpoint import Damaged
from cyclekit.sharing.hub import fetch_run, is_name, push, shared_files
from tests.commands import TINY, call, flags, mistake
from tests.made_run import made_run, write_metrics
from tests.standin_hub import TOKEN, hub

NAME = "me/monet2photo"
PLACE = "checkpoints/step-00000004"


@pytest.fixture
def run(tmp_path):
    folder = made_run(tmp_path / "run")
    write_metrics(folder)
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, no token, no wish to be offline."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_PROGRESS_BARS", True)
    for variable in ("HF_HUB_OFFLINE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def there(cache, monkeypatch):
    """The hub, and nobody logged in."""
    with hub() as held:
        monkeypatch.setenv("HF_ENDPOINT", held.address)
        yield held


@pytest.fixture
def logged_in(there, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return there


def unreachable():
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_run_is_pushed_and_loads_by_its_name(run, logged_in, cache):
    result = call("push", run, NAME)
    assert (result.status, result.out) == (0, f"{logged_in.address}/{NAME}\n")
    assert "pushed 8 files" in result.err
    assert set(logged_in.models[NAME]) == {
        ".gitattributes", "README.md", "recipe.yaml", "metrics.json", "samples/step-00000004.png",
        f"{PLACE}/generators.safetensors", f"{PLACE}/state.json", f"{PLACE}/codec-a/codec.json",
        f"{PLACE}/codec-b/codec.json",
    }  # fmt: skip
    (commit,) = logged_in.commits  # all or nothing
    assert commit[0] == ("header", "Run of run, step 4")
    assert f'from_pretrained("{NAME}")' in logged_in.models[NAME]["README.md"].decode()
    state = json.loads(logged_in.models[NAME][f"{PLACE}/state.json"])
    shared = {file.removeprefix(f"{PLACE}/") for file in logged_in.models[NAME] if file.startswith(PLACE)}
    assert state["step"] == 4
    assert state["sha256"].keys() == shared, "what is fetched can be checked, and nothing else is told"

    for name in (NAME, f"hub:{NAME}"):
        shared, here = (Translator.from_pretrained(each, device="cpu") for each in (name, run))
        pairs = zip(shared.generators.b.state_dict().values(), here.generators.b.state_dict().values())
        assert all(torch.equal(one, other) for one, other in pairs)
    assert str(fetch_run(NAME)).startswith(str(cache))
    assert not (fetch_run(NAME) / "samples").exists()  # nothing that loading does not need


@pytest.mark.parametrize("noticed_by", ["the file", "the tensor alone"])
def test_every_tensor_of_a_pushed_run_has_its_sum_and_a_changed_one_is_named(run, logged_in, tmp_path, noticed_by):
    push(run, NAME)
    folder = shutil.copytree(fetch_run(NAME), tmp_path / "fetched")
    place = folder / PLACE
    named, state = load_file(place / "generators.safetensors"), json.loads((place / "state.json").read_text())
    assert state["tensors"]["generators.safetensors"].keys() == named.keys()
    changed = sorted(named)[3]
    named[changed].view(-1)[0] += 1e-6
    save_file(named, place / "generators.safetensors", metadata={"shared": "{}"})
    if noticed_by == "the tensor alone":
        sums = state.pop("sha256") | {"generators.safetensors": file_checksum(place / "generators.safetensors")}
        del sums["state.json"]
        (place / "state.json").write_text(checkpoint.state_with_checksums(state, sums))
    with pytest.raises(Damaged, match=rf"generators\.safetensors: the tensor {changed} is not as it was pushed"):
        Translator.load(folder, device="cpu")


def test_a_shared_run_translates_on_the_command_line(run, logged_in, tmp_path, monkeypatch):
    push(run, NAME)
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (16, 16), "teal").save("lilies.png")
    result = call("translate", f"hub:{NAME}", "lilies.png", "--to", "photo", "--device", "cpu")
    assert result.status == 0, result.err
    assert (tmp_path / "translated" / "monet2photo" / "photo" / "lilies.png").is_file()


def test_the_next_push_replaces_the_last_one(run, logged_in):
    push(run, NAME)
    logged_in.models[NAME]["mine.txt"] = b"added by hand"
    tensors, _ = checkpoint.load(history.chosen(run))
    codecs = Translator.load(run, device="cpu").codecs
    checkpoint.save(run, 6, {"generators": tensors["generators"]}, {"step": 6}, codecs)
    push(run, NAME)
    there = set(logged_in.models[NAME])
    assert {"mine.txt", "checkpoints/step-00000006/generators.safetensors"} <= there
    assert not any(file.startswith(PLACE) for file in there)
    assert history.chosen(fetch_run(NAME)).name == "step-00000006"


def test_the_best_weights_are_shared_as_they_are_used(run):
    tensors, _ = checkpoint.load(history.chosen(run))
    codecs = Translator.load(run, device="cpu").codecs
    averaged = dict.fromkeys(("generators", "average", "discriminators"), tensors["generators"])
    place = checkpoint.save(run, 2, averaged, {"step": 2}, codecs)
    history.point(run / "best", place)
    (run / "plugin.py").write_text("")
    recipe = (run / "recipe.yaml").read_text().replace("moving_average: null", "moving_average: 0.5")
    (run / "recipe.yaml").write_text(recipe)
    weights = [file for file in shared_files(run, NAME) if file.endswith(".safetensors")]
    assert weights == ["checkpoints/step-00000002/average.safetensors"]
    (run / "recipe.yaml").write_text(recipe.replace("reranking: null", "reranking: noisy_channel"))
    judges = "checkpoints/step-00000002/discriminators.safetensors"
    assert shared_files(run, NAME)[judges] == place / "discriminators.safetensors"
    (run / "recipe.yaml").write_text(recipe)
    assert shared_files(run, NAME)["plugin.py"] == run / "plugin.py"
    (run / "README.md").write_text("My words.")
    assert shared_files(run, NAME)["README.md"] == run / "README.md"


def test_a_private_run_is_private_and_a_public_one_is_not_taken_for_it(run, logged_in, monkeypatch):
    push(run, NAME, private=True)
    assert logged_in.private == {NAME}
    assert fetch_run(NAME).is_dir()
    push(run, "me/public")
    line = mistake(call("push", run, "me/public", "--private"))
    assert line == "push: me/public is there already, and public; make it private there, or choose another name"
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(run.parent / "another cache"))
    line = mistake(call("translate", f"hub:{NAME}", __file__))
    assert line.startswith(
        f"hub:{NAME}: no such model, or a private one; for a private one log in with `hf auth login`"
    )


def test_a_plugin_of_a_shared_run_never_runs_unasked(run, logged_in, tmp_path):
    ran = tmp_path / "ran"
    (run / "plugin.py").write_text(f"from pathlib import Path\nPath({str(ran)!r}).touch()\n")
    push(run, NAME)
    (run / "plugin.py").unlink()
    line = mistake(call("translate", f"hub:{NAME}", __file__))
    assert "plugin.py: came with this run, and would run on this machine; read it, and if you trust it" in line
    with pytest.raises(RecipeError, match="came with this run"):
        Translator.from_pretrained(NAME, device="cpu")
    assert not ran.exists()
    Translator.from_pretrained(NAME, device="cpu", trust_plugin=True)
    assert ran.exists()


def test_without_a_network_the_cache_is_used(run, logged_in, monkeypatch):
    push(run, NAME)
    first = fetch_run(NAME)
    for variable, value in (("HF_ENDPOINT", unreachable()), ("HF_HUB_OFFLINE", "1")):
        monkeypatch.setenv(variable, value)
        assert fetch_run(NAME) == first


def test_without_a_network_and_cache_it_is_one_line(run, cache, monkeypatch):
    address = unreachable()
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    line = mistake(call("translate", f"hub:{NAME}", __file__))
    assert line == (
        f"hub:{NAME}: no run folder is called so, it is not in the local cache, and {address} cannot give it: "
        "no connection (Connection refused)"
    )
    assert mistake(call("push", run, NAME)) == (
        f"push: {address} cannot be reached: no connection (Connection refused); nothing was uploaded"
    )
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(RecipeError, match="cannot give it: HF_HUB_OFFLINE is set"):
        Translator.from_pretrained(NAME)
    with pytest.raises(RecipeError, match="cannot be reached: HF_HUB_OFFLINE is set"):
        push(run, NAME)


def test_a_hub_that_never_answers_is_given_up_in_time(run, cache, monkeypatch):
    monkeypatch.setattr("cyclekit.sharing.hub.PATIENCE", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(RecipeError, match=r"cannot give it: no (answer in 0\.2 s|connection \(timed out\))"):
            fetch_run(NAME)


def test_a_push_without_a_token_says_how_to_log_in(run, there):
    line = mistake(call("push", run, NAME))
    assert line.startswith(
        f"push: there is no token that may write to {NAME}; log in with `hf auth login`, or set HF_TOKEN"
    )
    assert there.asked == []


def test_training_starts_from_a_run_of_the_hub_and_goes_on_without_it(run, logged_in, cache, tmp_path):
    place = history.latest(run)
    stranger = {name: tensor + 1 for name, tensor in load_file(place / "generators.safetensors").items()}
    save_file(stranger, place / "generators.safetensors")  # no other run has these
    (place / "state.json").write_text(json.dumps({"step": 4}))
    push(run, NAME)
    sources = "[{builtin: landscapes, scenes: 2, held_out: 2}]"
    settings = {**TINY, "data.sources": sources, "train.steps": 1, "train.learning_rate": 1e-9}
    folder = tmp_path / "started"
    start = ["run", "recipes/monet2photo", "--profile", "published", "--from", f"hub:{NAME}", *flags(settings)]
    ended = call(*start, "--out", folder)
    assert ended.status == 0, ended.err
    assert f"start: the generator that makes photo: from hub:{NAME}, step 4: all " in ended.err
    assert "the discriminator that judges photo starts fresh" in ended.err  # which are not shared
    weights = load_file(history.latest(folder) / "generators.safetensors")
    assert weights.keys() == stranger.keys()
    assert all(torch.allclose(weights[name], tensor, atol=1e-6) for name, tensor in stranger.items())
    recipe = load_recipe(folder)
    assert recipe.train.start_from == f"hub:{NAME}"
    assert list(recipe.started["sha256"]) == [f"hub:{NAME}/generators.safetensors"]

    shutil.rmtree(cache)
    logged_in.models.clear()
    assert call("run", "--resume", folder, "--set", "train.steps=2").status == 0
    line = mistake(call(*start, "--out", tmp_path / "no"))
    assert line.startswith(f"hub:{NAME}: ")
    assert not (tmp_path / "no").exists()


def test_what_the_hub_refuses_is_one_line(run, logged_in, monkeypatch):
    logged_in.forbidden = True
    assert mistake(call("push", run, NAME)).endswith("refuses: the token may not do this; it needs write access")
    logged_in.forbidden = False
    logged_in.complaint = "license: is none"
    line = mistake(call("push", run, NAME))
    assert line == f"hub:{NAME}: broke off (Invalid metadata in README.md. - license: is none); run again to go on"
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    assert mistake(call("push", run, "me/another")).endswith("refuses: the token is not valid")
    assert logged_in.commits == []


def test_what_is_no_run_is_not_pushed_and_not_loaded(run, logged_in, tmp_path):
    assert "is not a run folder" in mistake(call("push", tmp_path, NAME))
    assert mistake(call("push", run, "monet2photo")) == (
        "push: 'monet2photo' is no model's name on the hub; write OWNER/NAME"
    )
    (history.chosen(run) / "generators.safetensors").unlink()
    assert "damaged: it has no generators.safetensors" in mistake(call("push", run, NAME))
    logged_in.models["some/bert"] = {"config.json": b"{}", "README.md": b""}
    with pytest.raises(RecipeError, match="hub:some/bert: is no run of cyclekit's: it has no recipe"):
        fetch_run("some/bert")
    with pytest.raises(RecipeError, match=r"hub:bert: is no model's name; write hub:OWNER/NAME"):
        Translator.from_pretrained("hub:bert")
    with pytest.raises(RecipeError, match="is not a run folder"):
        Translator.from_pretrained(tmp_path)
    with pytest.raises(RecipeError, match="no such model"):
        Translator.from_pretrained("runs/gone")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("me/x", True),
        ("a-b/c.d_e", True),
        ("x", False),
        ("a/b/c", False),
        ("./x", False),
        ("../x", False),
        ("~/x", False),
    ],
)
def test_names(words, name):
    assert is_name(words) == name
