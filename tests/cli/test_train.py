"""`cyclekit run`: what it prints, where it writes, what it refuses, how it goes on."""

import json
import os
import re
import shlex
import shutil
import signal

import pytest

from cyclekit.runs import history
from tests.commands import PATIENCE, SETTINGS, below, call, mistake, process, start, wait_for

# What a run says and leaves


def test_a_run_ends_with_its_folder(ran, data, run):
    _, ended = ran
    assert ended.status == 0, ended.err
    assert re.fullmatch(r"runs/monet2photo/\d{4}-\d\d-\d\d-\d{6}", ended.out.splitlines()[-1])
    assert f"data: {data}: trainA and trainB: monet 3, photo 3; held out monet 3, photo 3" in ended.err.splitlines()
    assert "profile: " in ended.err
    assert "done: 4 steps in " in ended.err
    assert below(run) >= {"recipe.yaml", "environment.json", "log.jsonl", "report.html"}
    assert (run / "latest").resolve() == (run / "checkpoints" / "step-00000004").resolve()
    steps, cells = [f"step-0000000{step}" for step in (0, 4)], [f"{c}-{r}.png" for c in range(8) for r in range(2)]
    assert below(run / "samples") == {f"{step}{kind}" for step in steps for kind in (".png", "/index.json")} | {
        f"{step}/{cell}" for step in steps for cell in cells
    }
    command = json.loads((run / "environment.json").read_text())["command"]
    assert command.startswith("cyclekit run monet2photo --data ")


def test_what_a_run_says_about_its_sources(data, tmp_path):
    sources = f"data.sources=[{tmp_path / 'nowhere'}, {data}]"
    ended = call("run", "monet2photo", *SETTINGS, "--set", sources, "--set", "train.steps=1")
    assert ended.status == 0
    assert f"not used: {tmp_path / 'nowhere'} (no such folder)" in ended.err.splitlines()
    assert f"data: {data}: " in ended.err
    assert "profile: published (as asked for)" in ended.err.splitlines()


def test_a_run_on_sentences_shows_tables(speaking):
    names = [f"step-{step:08d}" for step in (0, 2, 4)]
    found = sorted(path.name for path in (speaking / "samples").iterdir())
    assert found == sorted([*names, *(f"{name}.tsv" for name in names)])
    sheets = [speaking / "samples" / f"{name}.tsv" for name in names]
    _, headings, *rows = sheets[-1].read_text().splitlines()
    assert headings.split("\t") == [
        "formal", "to informal", "and back to formal", "formal as itself",
        "informal", "to formal", "and back to informal", "informal as itself",
    ]  # fmt: skip
    assert [line.count("\t") for line in rows] == [7] * 3
    assert (speaking / "report.html").read_text().count('class="sentences"') == 6
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(speaking / "tensorboard"))
    board.Reload()
    (shown,) = board.Tags()["tensors"]
    texts = [event.tensor_proto.string_val[0].decode() for event in board.Tensors(shown)]
    assert len(texts) == 3
    assert all(text.startswith("| formal | to informal |") for text in texts)


# Mistakes before training: nothing is left behind


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["monet2phto"], "monet2phto: no such recipe; did you mean 'monet2photo'?; carried with cyclekit: "),
        (
            ["monet2photo", "--profile", "cpuu"],
            "PATH: no profile is called 'cpuu'; did you mean 'cpu'?; there are: cpu, cpu-long, gpu, made, repaint, "
            "small, student, published",
        ),
        (["monet2photo", "--set", "trian.steps=3"], "--set trian.steps=3: trian: no such key; did you mean 'train'?"),
        (["monet2photo", "--set", "train.steps"], "--set train.steps: write it as key=value, for example --set train."),
        (
            ["monet2photo", "--set", "generator=rsnet"],
            "generator: no generator is called 'rsnet'; did you mean 'resnet'?",
        ),
        (
            ["monet2photo", "--set", "generator.wdth=3"],
            "generator.wdth: generator 'resnet' has no option 'wdth'; did you ",
        ),
        (
            ["monet2photo", "--set", "generator.width=big"],
            "generator.width: 'big' (str) does not fit; generator 'resnet' w",
        ),
        (
            ["monet2photo", "--profile", "published", "--set", "generator.width=0"],
            "generator: generator 'resnet' refuses its options: width >= 1",
        ),
        (
            ["monet2photo", "--set", "data.cropsize=8"],
            "data.cropsize: data 'images' has no option 'cropsize'; did you mean",
        ),
        (
            ["monet2photo", "--set", "train.schedule.rate=8"],
            "train.schedule.rate: schedule 'linear' has no option 'rate'",
        ),
        (
            ["monet2photo", "--set", "objective.cycle=-1"],
            "objective: objective 'cyclegan' refuses its options: cycle is -1",
        ),
        (["monet2photo", "--set", "metrics=[kidd]"], "metrics: no metric is called 'kidd'; did you mean 'kid'?; there"),
        (
            ["monet2photo", "--set", "metrics=[{name: kid, x: 3}]"],
            "metrics.x: metric 'kid' has no option 'x'; it has: ",
        ),
        (
            ["monet2photo", "--data", "nowhere"],
            "--data nowhere: no such file or folder",
        ),
        (
            ["monet2photo", "--data", "builtin:moon"],
            "data.sources: no builtin is called 'moon'; there are: aerial, bible, bowls, ",
        ),
        (
            ["monet2photo", "--data", "empty"],
            "data.sources: empty holds no pictures",
        ),
        (["monet2photo", "--device", "quantum"], "--device quantum: no such device; choose auto, "),
        (["monet2photo", "--device", "cuda:1"], "--device cuda:1: this machine has none; use --device cpu"),
        (["monet2photo", "--resume"], "runs/monet2photo: no run to resume here; start one without --resume"),
        (["monet2photo", "--out", "file/run"], "file/run: cannot be made: Not a directory; choose another --out"),
        (
            ["monet2photo", "--out", "file"],
            "file: is not an empty folder, and a run overwrites nothing; choose another --o",
        ),
        (["monet2photo", "--without", "nobody"], "--without nobody: no installed plugin is called so; installed: none"),
    ],
)
def test_mistakes_in_a_run(data, tmp_path, arguments, line):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    given = [] if "--data" in arguments else ["--data", data]
    said = mistake(call("run", *arguments, *given))
    assert re.sub(r"^\S*recipe.yaml:", "PATH:", said).startswith(line)
    assert below(tmp_path) == {"file"}
    assert not (tmp_path / "runs").exists()


def test_a_device_this_machine_has_not():
    import torch

    missing = [
        device
        for device, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
        if not there
    ]
    assert missing
    line = mistake(call("run", "monet2photo", "--device", missing[0]))
    assert line == f"--device {missing[0]}: this machine has none; use --device cpu"


def test_unreadable_training_pictures_are_all_named(data, tmp_path):
    broken = shutil.copytree(data, tmp_path / "broken")
    for name in ("trainA/00.png", "testB/01.png"):
        (broken / name).write_text("")
    line = mistake(call("run", "monet2photo", "--data", broken, *SETTINGS))
    assert line.startswith("data: 2 unreadable pictures: ")
    assert all(str(broken / name) in line for name in ("trainA/00.png", "testB/01.png"))
    assert line.endswith("--set data.skip_broken=true")
    checked = call("check", "monet2photo", "--data", broken, *SETTINGS, "--set", "data.skip_broken=true")
    assert "2 broken files left out" in checked.out


def test_broken_pictures_may_be_left_out_and_are_counted(data, tmp_path):
    broken = shutil.copytree(data, tmp_path / "broken")
    (broken / "trainA" / "00.png").write_text("")
    skip = ["--set", "data.skip_broken=true", "--set", "train.steps=1"]
    ended = call("run", "monet2photo", "--data", broken, *SETTINGS, *skip, "--out", "run")
    assert ended.status == 0, ended.err
    assert re.search(r"^data: .*monet 2, photo 3; .*; 1 broken file left out$", ended.err, re.MULTILINE)


def test_networks_too_deep_for_the_pictures_are_found_before_a_folder_is_made(data, tmp_path):
    deep = ["--set", "generator.name=unet", "--set", "generator.depth=7"]
    mistake(call("run", "monet2photo", "--data", data, *SETTINGS, *deep, "--out", "run"))
    assert not (tmp_path / "run").exists()


# Never twice the same folder; resuming


def test_a_run_is_never_overwritten(run, data):
    before = {name: (run / name).read_bytes() for name in below(run)}
    line = mistake(call("run", "monet2photo", "--data", data, *SETTINGS, "--out", run))
    again = f"cyclekit run --resume {shlex.quote(str(run))}"
    assert line == (f"{run}: is a run already; go on with it: {again}; or choose another --out")
    assert {name: (run / name).read_bytes() for name in below(run)} == before


def test_a_resume_with_other_settings_names_them(run, data):
    other = ["--set", "train.batch_size=2", "--set", "domains.a=sketch"]
    line = mistake(call("run", "monet2photo", "--data", data, *SETTINGS, *other, "--resume", "--out", run))
    assert line == (
        f"{run}: was made from a recipe that differs in domains.a ('monet' there, 'sketch' now); "
        "train.batch_size (1 there, 2 now); resume with the same settings, or start a new run"
    )


def test_a_resume_of_what_is_done_is_done(ran, run, data, monkeypatch):
    where, _ = ran
    monkeypatch.chdir(where)
    weights = (run / "latest" / "generators.safetensors").read_bytes()
    for how in (["monet2photo", "--data", data, *SETTINGS], [run]):  # the newest run of the recipe; this very run
        ended = call("run", *how, "--resume")
        assert (ended.status, where / ended.out.splitlines()[-1]) == (0, run)
        assert re.search(r"^was done already: 4 steps; train it longer with: cyclekit run --resume ", ended.err, re.M)
    assert (run / "latest" / "generators.safetensors").read_bytes() == weights


def test_a_resume_from_an_earlier_step(data, tmp_path):
    command = [
        "run",
        "monet2photo",
        "--data",
        data,
        *SETTINGS,
        "--set",
        "train.save_every=2",
        "--out",
        tmp_path / "run",
    ]
    assert call(*command).status == 0
    weights = (tmp_path / "run" / "latest" / "generators.safetensors").read_bytes()
    assert mistake(call(*command, "--from-step", 2)).startswith("--from-step 2: goes on with a run from an earlier ")
    assert mistake(call(*command, "--resume", "--from-step", 3)).endswith("has no such checkpoint; it has: 2, 4")
    assert call(*command, "--resume", "--from-step", 2).status == 0
    steps = [json.loads(line)["step"] for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)
    assert (tmp_path / "run" / "latest" / "generators.safetensors").read_bytes() == weights


def test_an_interrupted_run_saves_and_says_how_to_go_on(data, tmp_path):
    settings = [*SETTINGS, "--set", "train.steps=100000"]
    started = start("run", "monet2photo", "--data", data, *settings, "--out", "my run", cwd=tmp_path)
    log = tmp_path / "my run" / "log.jsonl"
    wait_for(lambda: log.is_file() and '"terms"' in log.read_text(), started)
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: every process of the group gets it
    _, err = started.communicate(timeout=PATIENCE)
    assert started.returncode == 130, err
    assert "Traceback" not in err
    (saved,) = history.steps(tmp_path / "my run")
    assert saved > 0
    said = re.search(r"^interrupted at step (\d+); saved\. Go on with: (.*)$", err, re.MULTILINE)
    assert said is not None
    assert int(said[1]) == saved

    program, *arguments = shlex.split(said[2])
    assert (program, *arguments) == ("cyclekit", "run", "--resume", "my run")
    resumed = process(*arguments, "--set", f"train.steps={saved + 3}", cwd=tmp_path)
    assert (resumed.status, resumed.out.splitlines()[-1]) == (0, "my run"), resumed.err
    assert history.steps(tmp_path / "my run")[-1] == saved + 3
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert [kind for kind in kinds if kind in ("start", "interrupted", "resume", "end")] == [
        "start", "interrupted", "resume", "end",
    ]  # fmt: skip
