"""The loop on sentences: through all stages, exactly resumed, at its best checkpoint; the same step as for pictures."""

import ast
import json
import random
import signal
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import grimp
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

import cyclekit
from cyclekit import registry
from cyclekit.assembling.networks import modules
from cyclekit.callbacks import Log, Saver, default_callbacks
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.measuring.metric import Measured
from cyclekit.runs import history
from cyclekit.training.loop import prepare, read_batches, set_dials, train, train_step
from cyclekit.training.resuming import restore
from tests.commands import flags, start_held, wait_for
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT, even_stages
from tests.training.test_loop import assert_same_weights, tensors_of
from tests.training.together import NOTHING_DRAWN

RECIPE = "recipes/formal2informal"
STAGES = even_stages(RECIPE)
NAMES = [stage["name"] for stage in STAGES]
SETTINGS = TINY_TEXT | {"train.stages": STAGES}


def tiny_run(**overrides):
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return cyclekit.load(RECIPE, profile="published", overrides=SETTINGS | changed)


def lines(folder, kind):
    """The log's lines of one kind."""
    found = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [line for line in found if line["kind"] == kind]


def made(run, folder):
    """The folder of a run that `training.train` goes on in."""
    folder.mkdir()
    (folder / "recipe.yaml").write_text(run.recipe.dump())
    return folder


def test_padding_to_a_few_lengths_changes_no_loss(tmp_path):
    settings = {"train.stages": [], "generator.dropout": 0.0, "objective.preservation": 1.0} | NOTHING_DRAWN
    seen = []
    for pad_to in (None, [9, 40]):  # the second is longer than any sentence may be
        run = cyclekit.load(
            RECIPE, profile="published", overrides=TINY_TEXT | settings | {"data.pad_to": pad_to}, quiet=True
        )
        training, terms = prepare(run, tmp_path, "cpu"), []
        training.precision = "float32"
        with closing(read_batches(training)) as batches:
            for real in islice(batches, 5):
                set_dials(training)
                terms.append(torch.stack(list(train_step(training, real).values())))
                training.step += 1
                assert pad_to is None or {batch.data.shape[1] for batch in real} <= {9, 40}
        seen.append(torch.stack(terms))
    assert seen[0].shape[1] > 8, "terms of all kinds"
    torch.testing.assert_close(*seen, rtol=1e-3, atol=1e-5)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A run that went through in one go."""
    return cyclekit.train(tiny_run(), tmp_path_factory.mktemp("straight") / "run")


@pytest.mark.parametrize("stop_at", [1, 2, 3, 5, 6, 7])
def test_a_resumed_run_equals_one_that_went_through(straight, tmp_path, stop_at):
    """Stopped within each stage and at borders; the controller and the replayed sentences are part of it."""
    run = tiny_run()
    stopped = train(run, made(run, tmp_path / "run"), default_callbacks(), until=stop_at)
    assert (stopped.step, stopped.stop) == (stop_at, "interrupted")
    assert stopped.stage == NAMES[(stop_at - 1) // 2]
    torch.rand(17)  # the resume must bring its own random state
    cyclekit.train(tiny_run(), tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", straight)
    assert [line["name"] for line in lines(tmp_path / "run", "stage")] == NAMES


def test_callbacks_do_not_change_the_weights(straight, tmp_path):
    run = tiny_run(train__save_every=8)
    log = Log()
    train(run, made(run, tmp_path / "run"), [log, Saver(log)])
    assert_same_weights(tmp_path / "run", straight)


def test_a_run_killed_at_random_instants_ends_with_the_same_weights(tmp_path):
    steps = {"train.steps": 24, "train.save_every": 1}
    through = cyclekit.train(
        cyclekit.load(RECIPE, profile="published", overrides=SETTINGS | steps), tmp_path / "through"
    )
    killed, chance = tmp_path / "killed", random.Random(0)
    # Once early, once while sentences are drawn and replayed.
    for number, reached in enumerate((2, 14)):
        running = start_held(20, "run", RECIPE, "--profile", "published", "--out", killed, *flags(SETTINGS | steps),
                        *(["--resume"] if number else []))  # fmt: skip
        wait_for(lambda least=reached: history.steps(killed)[-1:] >= [least], running)
        time.sleep(chance.random() * 0.1)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    cyclekit.train(cyclekit.load(RECIPE, profile="published", overrides=SETTINGS | steps), killed, resume=True)
    assert_same_weights(killed, through)
    told = [json.loads(line)["step"] for line in (killed / "log.jsonl").read_text().splitlines()]
    assert told == sorted(told), "the log tells each step once"


def test_what_a_run_folder_holds(straight):
    assert [(line["name"], line["step"]) for line in lines(straight, "stage")] == list(zip(NAMES, (1, 3, 5, 7)))
    terms = {line["step"]: set(line["terms"]) for line in lines(straight, "terms")}

    def both(*kinds):
        return {f"{kind}.{domain}" for kind in kinds for domain in ("formal", "informal")}

    assert terms[2] == both("identity")
    assert terms[4] == both("discriminator")
    assert terms[6] == both("cycle", "identity", "discriminator")
    assert terms[8] == both("cycle", "identity", "preservation", "discriminator", "adversarial") | {
        "adversarial weight"
    }
    assert [line["step"] for line in lines(straight, "sample")] == [0, 4, 8]
    for line in lines(straight, "sample"):
        assert line["file"].endswith(".tsv")
        title, header, *rows = (straight / line["file"]).read_text().splitlines()
        assert title.startswith("#")
        assert header.split("\t")[:3] == ["formal", "to informal", "and back to formal"]
        assert len(rows) == TINY_TEXT["sample.rows"]
    assert "<html" in (straight / "report.html").read_text()
    assert list((straight / "tensorboard").glob("events.*"))


class Falling:
    """A metric that is best the first time it is asked for, and then worse each time."""

    name = "falling"
    better = "higher"
    needs_truth = False
    protocol: dict[str, object] = {}  # noqa: RUF012

    def __init__(self):
        self.asked = 0

    def __call__(self, translated):
        self.asked += 1
        return Measured(-float(self.asked))


@pytest.fixture
def falling(monkeypatch):
    """`Falling` as a metric of that name, for one test."""
    monkeypatch.setitem(registry._parts["metric"], "falling", registry.Part(Falling, __name__))
    return {"validation": {"metrics": ["falling"], "criterion": "falling"}, "train__sample_every": 2}


def test_the_best_checkpoint_is_kept_and_used(falling, tmp_path):
    folder = cyclekit.train(tiny_run(**falling, train__keep=1, train__stages=[]), tmp_path / "run")
    assert history.steps(folder) == [2, 8]
    assert (folder / "best").resolve() == history.folder_of(folder, 2).resolve()
    assert (folder / "latest").resolve() == history.folder_of(folder, 8).resolve()
    assert [line["best"] for line in lines(folder, "metrics")] == [True, False, False, False]
    used = modules(cyclekit.Translator.load(folder).generators).state_dict()
    best, latest = (load_file(folder / name / "average.safetensors") for name in ("best", "latest"))
    assert all(torch.equal(used[key], best[key]) for key in best)
    assert not all(torch.equal(latest[key], best[key]) for key in best)


@pytest.mark.parametrize("share", [True, False])
def test_what_directions_share_is_stored_once_and_shared_again(share, tmp_path):
    run = tiny_run(generator__share=share)
    folder = made(run, tmp_path / "run")
    trained = train(run, folder, default_callbacks(), until=6)
    of_a, of_b = ({name for name, _ in generator.named_parameters()} for generator in trained.run.networks.generators)
    for stem in ("generators", "average"):
        with safe_open(history.latest(folder) / f"{stem}.safetensors", "pt") as file:
            stored, told = set(file.keys()), json.loads(file.metadata()["shared"])
        assert stored == {f"a.{name}" for name in of_a} | (set() if share else {f"b.{name}" for name in of_b})
        assert told == ({f"b.{name}": f"a.{name}" for name in of_b} if share else {})
    again = prepare(tiny_run(generator__share=share), folder)
    restore(again)
    for generators in (again.run.networks.generators, again.run.generators):
        assert (generators.a.network is generators.b.network) is share
    assert len(again.optimizers["generators"].param_groups[0]["params"]) == len(of_a) * (1 if share else 2)
    for name, tensor in trained.run.networks.generators.b.state_dict().items():
        assert torch.equal(again.run.networks.generators.b.state_dict()[name], tensor)
    users = cyclekit.Translator.load(folder).generators
    assert (users.a.network is users.b.network) is share


def test_directions_that_share_nothing_are_resumed_exactly(tmp_path):
    through = cyclekit.train(tiny_run(generator__share=False), tmp_path / "through")
    run = tiny_run(generator__share=False)
    train(run, made(run, tmp_path / "run"), default_callbacks(), until=7)
    cyclekit.train(tiny_run(generator__share=False), tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", through)
    tensors = tensors_of(through)
    assert not torch.equal(tensors["generators.a.network.embedding"], tensors["generators.b.network.embedding"])


def definitions(name):
    """The files of the package that define a function or class of this name."""
    package = Path(cyclekit.__file__).parent
    files = sorted(package.rglob("*.py"))
    assert files
    return [
        str(path.relative_to(package))
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
    ]


def test_one_step_and_one_cyclegan_serve_both_modalities(tmp_path, monkeypatch):
    assert definitions("train_step") == ["training/loop.py"]
    assert definitions("CycleGAN") == ["core/cyclegan.py"]
    for method in ("generator_loss", "discriminator_loss"):
        # CUT's are of pictures alone, and what adds a player to CycleGAN of sentences, each in its one file.
        found = set(definitions(method)) - {"image/cut.py", "text/latent.py"}
        assert {path.split("/")[0] for path in found} == {"core"}
    steps = []
    step = cyclekit.training.loop.train_step
    monkeypatch.setattr("cyclekit.training.loop.train_step", lambda *given: steps.append(step) or step(*given))
    pictures = cyclekit.load(
        "recipes/monet2photo",
        profile="published",
        data=str(picture_folders(tmp_path / "data")),
        overrides=TINY | {"train.steps": 2},
    )
    for number, run in enumerate((pictures, tiny_run(train__steps=4))):
        assert type(run.objective) is CycleGAN
        train(run, tmp_path / str(number))
    assert len(steps) == 2 + 4


def test_modalities_reach_neither_the_loop_nor_each_other():
    graph = grimp.build_graph("cyclekit")
    # An objective that is CycleGAN with one more player begins from it.
    graph.remove_import(importer="cyclekit.text.latent", imported="cyclekit.core.cyclegan")
    for modality, other in (("cyclekit.text", "cyclekit.image"), ("cyclekit.image", "cyclekit.text")):
        for module in (other, "cyclekit.training", "cyclekit.core.cyclegan", "cyclekit.core.pix2pix"):
            assert not graph.chain_exists(modality, module, as_packages=True)
    # The loop reaches the step's parts by name, through the registry alone.
    for module in ("cyclekit.training", "cyclekit.assembling.assemble", "cyclekit.core.cyclegan"):
        for modality in ("cyclekit.text", "cyclekit.image"):
            assert not graph.direct_import_exists(importer=module, imported=modality, as_packages=True)
