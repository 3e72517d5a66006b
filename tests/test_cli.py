"""The contract of the command line: what it prints, where it writes, how it ends. Scripts rely on it."""

import gzip
import json
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

import pytest
from PIL import Image

from cyclekit import checkpoint
from tests import sentences
from tests.commands import TINY, call, flags, mistake, process, start
from tests.pictures import picture, picture_folders

COMMANDS = ["run", "translate", "evaluate", "report", "compare", "check", "show", "list", "new", "import", "data"]
SETTINGS = flags(TINY)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Away from the checkout, so that nothing lands in it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=3)


@pytest.fixture(scope="module")
def ran(data, tmp_path_factory):
    """A run by a process of its own, and how that ended."""
    where = tmp_path_factory.mktemp("ran")
    return where, process("run", "monet2photo", "--data", data, *SETTINGS, cwd=where)


@pytest.fixture(scope="module")
def run(ran):
    where, ended = ran
    return where / ended.out.splitlines()[-1]


def below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# Answering at once


def test_help_is_quick():
    """Processor time, for the clock of a busy machine tells little; and what it costs is set by what is imported."""
    costs = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-m", "cyclekit", "--help"], capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.returncode == 0
        assert all(f"\n  {command} " in done.stdout for command in COMMANDS)
    assert statistics.median(costs) < 0.4


def test_no_help_and_no_usage_error_imports_torch():
    code = f"""
import sys
from cyclekit.cli import main
for arguments in [["--help"], ["nonsense"], *([command, "--help"] for command in {COMMANDS})]:
    sys.argv = ["cyclekit", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == (2 if arguments == ["nonsense"] else 0), arguments
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert f"Usage: cyclekit {command}" in done.stdout or f"{command} [OPTIONS]" in done.stdout


def test_no_command_shows_the_help():
    assert call() == call("--help")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["trainn"], "No such command 'trainn'"),
        (["run"], "Missing argument 'RECIPE'"),
        (["run", "monet2photo", "--steps", "3"], "No such option: --steps"),
        (["run", "monet2photo", "--seed", "x"], "Invalid value for '--seed'"),
        (["new", "mine"], "Missing option '--from'"),
    ],
)
def test_wrong_usage_is_one_line_that_shows_where_to_look(arguments, line):
    said = mistake(call(*arguments))
    assert said.startswith(line)
    command = "cyclekit" if arguments == ["trainn"] else f"cyclekit {arguments[0]}"
    assert said.endswith(f"; see {command} --help")


# From pictures to a page: one run that most tests share


def test_a_run_ends_with_its_folder(ran, data, run):
    _, ended = ran
    assert ended.status == 0, ended.err
    assert re.fullmatch(r"runs/monet2photo/\d{4}-\d\d-\d\d-\d{6}", ended.out.splitlines()[-1])
    assert f"data: {data}: trainA and trainB: monet 3, photo 3; held out monet 3, photo 3" in ended.err.splitlines()
    assert "profile: " in ended.err
    assert "done: 4 steps in " in ended.err
    assert below(run) >= {"recipe.yaml", "environment.json", "log.jsonl", "report.html"}
    assert (run / "latest").resolve() == (run / "checkpoints" / "step-00000004").resolve()
    assert below(run / "samples") == {f"step-0000000{step}.{kind}" for step in (0, 4) for kind in ("png", "json")}
    command = json.loads((run / "environment.json").read_text())["command"]
    assert command.startswith("cyclekit run monet2photo --data ")


def test_what_a_run_says_about_its_sources(data, tmp_path):
    sources = f"data.sources=[{tmp_path / 'nowhere'}, {data}]"
    ended = call("run", "monet2photo", *SETTINGS, "--set", sources, "--set", "train.steps=1", "--profile", "published")
    assert ended.status == 0
    assert f"not used: {tmp_path / 'nowhere'} (no such folder)" in ended.err.splitlines()
    assert f"data: {data}: " in ended.err
    assert "profile: published (as asked for)" in ended.err.splitlines()


def test_translate_evaluate_report(run, data, tmp_path):
    shutil.copytree(run, tmp_path / "run", symlinks=True)
    translated = process("translate", "run", data / "testA", "--to", "photo", "--out", "out", cwd=tmp_path)
    assert (translated.status, translated.out) == (0, "")
    assert translated.err == "3 translated to photo, in out\n"
    assert below(tmp_path / "out") == {"00.png", "01.png", "02.png"}

    evaluated = process("evaluate", "run", cwd=tmp_path)
    assert evaluated.status == 0, evaluated.err
    assert "copy the input" in evaluated.out
    assert "monet -> photo: 3 held-out items against 3" in evaluated.out
    text = (tmp_path / "run" / "metrics.json").read_text()
    measured = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert measured["step"] == 4
    assert measured["data"].startswith(f"{data}: ")
    for direction in measured["directions"].values():
        assert direction["rows"].keys() == {"translated", "copy the input"}
        for name in direction["better"]:
            # Whole, wherever the table is printed: which metric it is must never be guessed.
            assert name.split()[0] in evaluated.out

    reported = process("report", "run", cwd=tmp_path)
    assert (reported.status, reported.out) == (0, "run/report.html\n")
    assert "copy the input" in (tmp_path / "run" / "report.html").read_text()


def test_evaluate_on_other_data(run, tmp_path):
    other = picture_folders(tmp_path / "other", train=2, test=2)
    evaluated = call("evaluate", run, "--data", f"{other / 'trainA'},{other / 'trainB'}")
    assert evaluated.status == 0, evaluated.err
    assert "two folders" in evaluated.out
    line = mistake(call("evaluate", run, "--data", tmp_path / "nowhere"))
    assert line.startswith(f"data.sources: none is there: {tmp_path / 'nowhere'} (no such folder); name one that is")


@pytest.mark.parametrize("command", ["translate", "evaluate"])
def test_a_folder_that_is_no_run(command, data):
    inputs = [data / "testA"] if command == "translate" else []
    line = mistake(call(command, data, *inputs))
    assert line == f"{data}: is not a run folder (no recipe.yaml); `cyclekit run` makes one under runs/"


def test_a_report_of_no_run(data):
    assert mistake(call("report", data)).startswith(f"{data}: is no run folder")


def test_a_run_with_nothing_held_out_trains_and_cannot_be_measured(data, tmp_path):
    two = ["--data", f"{data / 'trainA'},{data / 'trainB'}"]
    ended = call("run", "monet2photo", *two, *SETTINGS, "--set", "data.test_share=0", "--out", "run")
    assert ended.status == 0, ended.err
    assert not (tmp_path / "run" / "samples").exists()
    assert "holds nothing out" in mistake(call("evaluate", "run"))


# Translating


def test_outputs_have_the_inputs_sizes_and_names(run, tmp_path):
    sizes = {"odd.png": (33, 21), "dot.png": (1, 1), "deep/er/Portrait.JPG": (13, 40), "wide.bmp": (50, 3)}
    for number, (name, size) in enumerate(sizes.items()):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        picture(number, size).save(tmp_path / "in" / name)
    picture(9).convert("RGBA").save(tmp_path / "in" / "clear.png")
    assert call("translate", run, "in", "--out", "out", "--to", "monet").status == 0
    assert below(tmp_path / "out") == {*sizes, "clear.png"}
    for name, size in sizes.items():
        assert Image.open(tmp_path / "out" / name).size == size


def test_all_of_many_are_translated_into_the_run_by_default(run, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(60):
        picture(number, (6, 5)).save(tmp_path / "in" / f"{number}.png")
    translated = call("translate", run, "in", "in/0.png", "--batch-size", "7")
    assert (translated.status, translated.err) == (0, f"61 translated to photo, in {run / 'translated' / 'photo'}\n")
    assert len(below(run / "translated" / "photo")) == 60
    shutil.rmtree(run / "translated")


def test_unreadable_inputs_come_last_and_the_others_are_done(run, tmp_path):
    for number in range(3):
        picture(number).save(tmp_path / f"{number}.png")
    (tmp_path / "0.png").write_bytes(b"")
    (tmp_path / "2.png").write_text("words")
    translated = call("translate", run, "0.png", "1.png", "2.png", "--out", "out")
    assert translated.status == 2
    assert translated.err.splitlines() == [
        "1 translated to photo, in out",
        "not translated: 0.png: the file is empty",
        "not translated: 2.png: not a picture in any known format",
    ]
    assert below(tmp_path / "out") == {"1.png"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["x.png", "--to", "phto"],
            "--to phto: this run does not translate to 'phto'; did you mean 'photo'?; it transl",
        ),
        (["nowhere.png"], "nowhere.png: no such file or folder"),
        (["empty"], "empty: no pictures in this folder or below (jpg, png, ppm, bmp, tif, webp)"),
        (["x.png", "sub"], "x.png and sub/x.png would both be written as x.png; translate them apart"),
        (["x.png", "--out", "."], "x.png: a translation would overwrite this input; choose another --out"),
        (["x.png", "--out", "x.png/below"], "x.png/below: cannot be written: Not a directory; choose another --out"),
        (["x.png", "--device", "quantum"], "--device quantum: no such device; choose auto, cpu, cuda or mps"),
        (["x.png", "--batch-size", "0"], "Invalid value for '--batch-size'"),
    ],
)
def test_translations_that_cannot_be(run, tmp_path, arguments, line):
    (tmp_path / "empty").mkdir()
    (tmp_path / "sub").mkdir()
    picture(1).save(tmp_path / "x.png")
    picture(2).save(tmp_path / "sub" / "x.png")
    before = {name: (tmp_path / name).read_bytes() for name in below(tmp_path)}
    assert mistake(call("translate", run, *arguments)).startswith(line)
    assert {name: (tmp_path / name).read_bytes() for name in below(tmp_path)} == before


# Translating sentences


@pytest.fixture(scope="module")
def speaking(tmp_path_factory):
    """A run on sentences."""
    root = tmp_path_factory.mktemp("speaking")
    paths = ",".join(map(str, sentences.formal_and_informal(root)))
    settings = flags(sentences.TINY | {"validation.criterion": "null"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        ended = call("run", "negative2positive", "--data", paths, *settings, "--out", root / "run")
    assert ended.status == 0, ended.err
    return root / "run"


def test_text_files_are_translated_line_by_line(speaking, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "formal").write_text("I do not know.\n\nYou cannot find the invoice.\n")
    (tmp_path / "in" / "more.txt.gz").write_bytes(gzip.compress(("word " * 99).encode()))
    translated = call("translate", speaking, "in", "--to", "informal", "--out", "out")
    assert (translated.status, translated.out) == (0, "")
    assert translated.err.splitlines() == [
        "4 translated to informal, in out",
        "cut: 1 were longer than the 20 tokens that a sentence of this run may have",
    ]
    lines = (tmp_path / "out" / "formal").read_text().split("\n")
    assert (len(lines), lines[1], lines[3]) == (4, "", "")
    assert gzip.decompress((tmp_path / "out" / "more.txt.gz").read_bytes()).count(b"\n") == 1
    best = call("translate", speaking, "in/formal", "--to", "informal", "--out", "best", "--beam", "4", "--n-best", "3")
    assert best.status == 0, best.err
    found = (tmp_path / "best" / "formal").read_text().split("\n")
    assert [len(found), found[1]] == [4, ""]
    assert all(1 <= len(set(line.split("\t"))) == len(line.split("\t")) <= 3 for line in found)


def test_standard_input_is_answered_as_it_comes_and_nothing_else_is_said(speaking):
    translating = subprocess.Popen(
        [sys.executable, "-m", "cyclekit", "translate", str(speaking), "-", "--to", "informal"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    with translating:
        answers = []
        for line in (b"I do not know.\n", b"\n", b"You know.\n"):
            translating.stdin.write(line)
            translating.stdin.flush()
            answers.append(translating.stdout.readline())
        rest, err = translating.communicate(b"I do not know.\n" * 200 + b"You know.")
    assert (translating.returncode, err) == (0, b"")
    assert answers[1] == b"\n"
    assert rest == answers[0] * 200 + answers[2]


def test_what_is_no_utf8_is_one_line(speaking):
    translated = subprocess.run(
        [sys.executable, "-m", "cyclekit", "translate", str(speaking), "-"],
        input=b"I do not know.\n\xff\n", capture_output=True,
    )  # fmt: skip
    assert translated.returncode == 2
    assert translated.stdout.count(b"\n") == 1
    assert translated.stderr == b"cyclekit: standard input: line 2 is not UTF-8; try: iconv -f latin1 -t utf-8\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-", "--out", "out"], "--out: with - translations go to standard output; leave it out, and redirect that"),
        (["-", "x"], "-: standard input is translated alone; name the files in a call of their own"),
        (["x", "--n-best", "3", "--beam", "2"], "--n-best 3: a beam of 2 finds no more; set --beam to 3"),
        (["x", "--sample", "0"], "--sample 0: a temperature is above 0; try 0.7"),
        (["x", "--beam", "0"], "--beam 0: must be 1 or more"),
        (["nowhere"], "nowhere: no such file or folder"),
        (["x", "--out", "."], "x: a translation would overwrite this input; choose another --out"),
        (["x", "--to", "formall"], "--to formall: this run does not translate to 'formall'; did you mean 'formal'?"),
    ],
)
def test_sentences_that_cannot_be_translated(speaking, tmp_path, arguments, line):
    (tmp_path / "x").write_text("I know.\n")
    assert mistake(call("translate", speaking, *arguments)).startswith(line)
    assert below(tmp_path) == {"x"}


def test_pictures_are_not_searched_for(run, tmp_path):
    picture(1).save(tmp_path / "x.png")
    line = mistake(call("translate", run, "x.png", "--beam", "4"))
    assert line.startswith("--sample, --beam, --n-best: generator 'resnet' makes one translation")


def test_a_run_on_sentences_shows_tables(speaking):
    sheets = sorted((speaking / "samples").iterdir())
    assert [sheet.name for sheet in sheets] == [f"step-{step:08d}.tsv" for step in (0, 2, 4)]
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
            "PATH: no profile is called 'cpuu'; did you mean 'cpu'?; there are: cpu, published",
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
            ["monet2photo", "--set", "generator.width=0"],
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
            "data.sources: none is there: nowhere (no such folder); name one that is, ",
        ),
        (
            ["monet2photo", "--data", "builtin:moon"],
            "data.sources: no builtin is called 'moon'; there are: aerial, bible, bowls, ",
        ),
        (
            ["monet2photo", "--data", "empty"],
            "data.sources: empty has no known layout (it holds no folders); it may be ",
        ),
        (["monet2photo", "--device", "quantum"], "--device quantum: no such device; choose auto, cpu, cuda or mps"),
        (["monet2photo", "--device", "cuda:1"], "--device cuda:1: choose one of several GPUs by CUDA_VISIBLE_DEVICES"),
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


@pytest.mark.parametrize("hub", ["refuses", "never answers"])
def test_with_no_network_the_data_is_chosen_within_seconds_and_the_choice_is_said(hub, tmp_path, monkeypatch):
    for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "nothing fetched before"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if hub == "never answers" else 9
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        began = time.monotonic()
        checked = call("check", "monet2photo", *SETTINGS)
        seconds = time.monotonic() - began
    assert (checked.status, checked.err) == (0, "")
    local, fetched, made = [line for line in checked.out.splitlines() if line.startswith(("# not used", "# data"))]
    assert local == "# not used: data/monet2photo (no such folder)"
    assert re.fullmatch(r"# not used: hub:huggan/monet2photo \(.+\)", fetched)
    assert made.startswith("# data: builtin:landscapes: ")
    assert seconds < 5


def test_networks_too_deep_for_the_pictures_are_found_before_a_folder_is_made(data, tmp_path):
    deep = ["--set", "generator.name=unet", "--set", "generator.depth=7"]
    mistake(call("run", "monet2photo", "--data", data, *SETTINGS, *deep, "--out", "run"))
    assert not (tmp_path / "run").exists()


# Never twice the same folder; resuming


def test_a_run_is_never_overwritten(run, data):
    before = {name: (run / name).read_bytes() for name in below(run)}
    line = mistake(call("run", "monet2photo", "--data", data, *SETTINGS, "--out", run))
    assert line == f"{run}: is a run already; go on with it by --resume, or choose another --out"
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
    ended = call("run", "monet2photo", "--data", data, *SETTINGS, "--resume")  # the newest run of the recipe
    assert (ended.status, where / ended.out.splitlines()[-1]) == (0, run)
    assert (run / "latest" / "generators.safetensors").read_bytes() == weights


def test_an_interrupted_run_saves_and_says_how_to_go_on(data, tmp_path):
    settings = flags(TINY | {"train.steps": 150})
    started = start("run", "monet2photo", "--data", data, *settings, "--out", "my run", cwd=tmp_path)
    log = tmp_path / "my run" / "log.jsonl"
    deadline = time.monotonic() + 120
    while not (log.is_file() and '"terms"' in log.read_text()):
        assert started.poll() is None, started.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: every process of the group gets it
    _, err = started.communicate(timeout=120)
    assert started.returncode == 130, err
    assert "Traceback" not in err
    (saved,) = checkpoint.steps(tmp_path / "my run")
    assert 0 < saved < 150
    said = re.search(r"^interrupted at step (\d+); saved\. Go on with: (.*)$", err, re.MULTILINE)
    assert said is not None
    assert int(said[1]) == saved

    program, *arguments = shlex.split(said[2])
    assert program == "cyclekit"
    resumed = process(*arguments, cwd=tmp_path)
    assert (resumed.status, resumed.out.splitlines()[-1]) == (0, "my run"), resumed.err
    assert checkpoint.steps(tmp_path / "my run")[-1] == 150
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert [kind for kind in kinds if kind in ("start", "interrupted", "resume", "end")] == [
        "start", "interrupted", "resume", "end",
    ]  # fmt: skip


# Looking at recipes


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


def test_list_shows_kinds_parts_and_options():
    listed = call("list")
    assert listed.status == 0
    for kind in ("recipe", "generator", "discriminator", "objective", "gan_loss", "metric", "schedule"):
        assert kind in listed.out.splitlines()
    assert re.search(r"^  resnet +width=64, blocks=9, ", listed.out, re.MULTILINE)
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
    assert line == "mine/first/README.md/x: cannot be made: Not a directory; choose another name"


def test_new_from_a_run_takes_its_settings_and_its_own_name(run, data):
    assert call("new", "again", "--from", run).status == 0
    checked = call("check", "again", "--data", data)
    assert checked.status == 0, checked.err
    assert checked.out.startswith("name: again\n")
    assert "  width: 4\n" in checked.out


# How it ends


def test_a_bug_keeps_its_traceback(monkeypatch):
    def broken(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("cyclekit.recipe.find_recipe", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        call("show", "monet2photo")


def test_a_full_disk_is_one_line_wherever_it_shows(monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("cyclekit.recipe.find_recipe", full)
    assert mistake(call("show", "monet2photo")) == "somewhere: No space left on device"


def test_interrupted_before_the_first_step(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("cyclekit.recipe.find_recipe", interrupted)
    ended = call("show", "monet2photo")
    assert (ended.status, ended.out, ended.err) == (130, "", "")


def test_a_reader_that_goes_away_is_no_bug():
    started = start("list", "recipe")
    started.stdout.close()
    assert started.wait(60) == 0
    with started.stderr as said:
        assert said.read() == ""
