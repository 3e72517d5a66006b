"""The Translator: a run's generators on items of any size or length, and every way a run may not be ready for it."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image

import cyclekit
from cyclekit import Translator
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.use.decoding import Decoding
from tests import sentences
from tests.commands import TINY
from tests.pictures import picture, picture_folders


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A trained run whose two generators differ, and differ from the identity."""
    root = tmp_path_factory.mktemp("translate")
    settings = TINY | {"generator.start": "random", "train.moving_average": 0.5}
    made = cyclekit.load(
        "monet2photo", profile="published", data=picture_folders(root / "data", 3, 1), overrides=settings
    )
    return cyclekit.train(made, root / "run", device="cpu")


@pytest.fixture(scope="module")
def translator(run):
    return Translator.load(run, device="cpu")


@pytest.fixture
def copied(run, tmp_path):
    """A copy of the run, to break."""
    shutil.copytree(run, tmp_path / "run", symlinks=True)
    return tmp_path / "run"


def refusal(*arguments, **options):
    with pytest.raises(RecipeError) as refused:
        Translator.load(*arguments, **options)
    return str(refused.value)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 9), (5, 3), (17, 16), (16, 17), (40, 23), (23, 40)])
def test_every_picture_keeps_its_size(translator, size):
    (made,) = translator([picture(1, size)], "photo")
    assert (made.size, made.mode) == (size, "RGB")


def test_pictures_of_every_mode_and_files_too(translator, tmp_path):
    picture(1).save(tmp_path / "x.png")
    inputs = [picture(1).convert(mode) for mode in ("L", "RGBA", "P", "CMYK", "1")]
    assert [made.mode for made in translator([*inputs, tmp_path / "x.png", str(tmp_path / "x.png")])] == ["RGB"] * 7


def test_order_and_neighbours_change_nothing(translator):
    sizes = [(20, 20), (20, 20), (8, 20), (20, 20), (20, 20), (20, 20), (8, 20), (8, 20), (5, 5)] * 5
    items = [picture(number, size) for number, size in enumerate(sizes)]
    together = translator(items, "photo", batch_size=3)
    assert [made.size for made in together] == sizes
    for number in (0, 2, 8, 12, 44):
        (alone,) = translator([items[number]], "photo")
        # One grey level: matrix kernels differ with the number of rows.
        pairs = zip(alone.tobytes(), together[number].tobytes())
        assert max(abs(one - other) for one, other in pairs) <= 1
    assert translator([], "photo") == []


def test_a_stream_takes_a_few_items_at_a_time(translator):
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield picture(0, (8, 8))

    stream = translator.stream(endless(), "photo", batch_size=2)
    next(stream)
    assert len(taken) == 2


def test_directions_by_display_name_by_side_and_by_default(translator):
    assert translator.targets == ["photo", "monet"]
    assert {name: translator.target(name) for name in ("photo", "monet", "a", "b", None)} == {
        "photo": "b", "monet": "a", "a": "a", "b": "b", None: "b",
    }  # fmt: skip
    item = picture(1)
    photo, monet = (translator([item], name)[0].tobytes() for name in ("photo", "monet"))
    assert photo == translator([item])[0].tobytes()
    assert len({photo, monet, item.tobytes()}) == 3
    with pytest.raises(RecipeError) as refused:
        translator([item], "phto")
    assert str(refused.value) == (
        "to=phto: this run does not translate to 'phto'; did you mean 'photo'?; it translates to: photo, monet"
    )


def test_display_names_go_before_sides(copied):
    recipe = (copied / "recipe.yaml").read_text()
    (copied / "recipe.yaml").write_text(recipe.replace("a: monet", "a: b").replace("b: photo", "b: a"))
    translator = Translator.load(copied, device="cpu")
    assert translator.targets == ["a", "b"]
    assert (translator.target("a"), translator.target("b"), translator.target(None)) == ("b", "a", "b")


def test_the_moving_average_is_used_where_there_is_one(translator, run, copied):
    tensors, _ = checkpoint.load(history.latest(run))
    used = translator.generators.b.state_dict()
    assert all(torch.equal(used[key], tensors["average"][f"b.{key}"]) for key in used)
    assert any(not torch.equal(tensors["generators"][f"b.{key}"], used[key]) for key in used)
    (history.latest(copied) / "average.safetensors").unlink()
    assert "the checkpoint is damaged: it has no average.safetensors; " in refusal(copied)
    recipe = (copied / "recipe.yaml").read_text()
    (copied / "recipe.yaml").write_text(recipe.replace("moving_average: 0.5", "moving_average: null"))
    plain = Translator.load(copied, device="cpu").generators.b.state_dict()
    assert all(torch.equal(plain[key], tensors["generators"][f"b.{key}"]) for key in plain)


def test_translating_by_the_batchs_statistics_takes_one_picture_at_a_time(copied):
    recipe = (copied / "recipe.yaml").read_text()
    (copied / "recipe.yaml").write_text(recipe.replace("test_time: eval", "test_time: train"))
    translator, sizes = Translator.load(copied, device="cpu"), []
    translator.generators.b.register_forward_pre_hook(lambda module, given: sizes.append(given[0].size))
    translator([picture(number) for number in range(5)], batch_size=4)
    assert sizes == [1] * 5


def test_what_is_no_run(tmp_path, run):
    mend = "is not a run folder (no recipe.yaml); `cyclekit run` makes one under runs/"
    assert refusal(tmp_path) == f"{tmp_path}: {mend}"
    assert refusal(tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: {mend}"
    assert refusal(run, device="quantum") == (
        "device=quantum: no such device; choose auto, cpu, cuda, cuda:1 (a card of several) or mps"
    )
    assert refusal(run, without=["nobody"]).startswith("without=nobody: no installed plugin is called so")


def test_a_run_without_a_checkpoint(copied):
    shutil.rmtree(copied / "checkpoints")
    assert refusal(copied) == f"{copied}: has no checkpoint; a run writes its first after train.save_every steps"


@pytest.mark.parametrize("file", ["state.json", "average.safetensors", "codec-a/codec.json", "codec-b/codec.json"])
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_damaged_checkpoint_is_named(copied, file, damage):
    place = history.latest(copied)
    content = (place / file).read_bytes()
    (place / file).unlink()
    if damage == "cut":
        (place / file).write_bytes(content[: len(content) // 2])
    text = refusal(copied)
    assert text.startswith(f"{place}")
    assert "the checkpoint is damaged" in text


def test_weights_that_do_not_fit_the_recipe(copied):
    recipe = (copied / "recipe.yaml").read_text()
    (copied / "recipe.yaml").write_text(recipe.replace("blocks: 1", "blocks: 2"))
    text = refusal(copied)
    assert text.startswith(f"{history.latest(copied)}: the weights do not fit the recipe beside them: ")
    assert "blocks.1" in text


def test_an_unknown_codec(copied):
    """As of a run whose plugin is not installed here."""
    place = history.latest(copied)
    (place / "codec-a" / "codec.json").write_text(json.dumps({"name": "smell"}))
    (place / "state.json").write_text(json.dumps({"step": history.step_of(place)}))
    assert refusal(copied).startswith("codec: no codec is called 'smell'; there are: ")


def test_a_picture_that_is_none(translator, tmp_path):
    (tmp_path / "x.png").write_text("nothing")
    with pytest.raises(Exception, match=r"x\.png: not a picture in any known format"):
        translator([Image.new("RGB", (4, 4)), tmp_path / "x.png"])


# Sentences

LINES = ["I do not know.", "", "You cannot find the invoice.", "Ünï 漢", "They", "We are happy today.", "  "] * 4


@pytest.fixture(scope="module")
def speaker_run(tmp_path_factory):
    """A run on sentences; hardly trained, so that it has little to say twice."""
    root = tmp_path_factory.mktemp("sentences")
    paths = sentences.formal_and_informal(root)
    made = cyclekit.load(
        "negative2positive", profile="published", data=",".join(map(str, paths)), overrides=sentences.TINY
    )
    return cyclekit.train(made, root / "run", device="cpu")


@pytest.fixture(scope="module")
def speaker(speaker_run):
    """Its Translator, without a beam."""
    return Translator.load(speaker_run, device="cpu", overrides=["beam=null", "reranking=null"])


DECODINGS = {
    "greedy": Decoding(),
    "beam": Decoding(beam=3),
    "best": Decoding(best=3),
    "drawn": Decoding(temperature=0.8, top_p=0.9, seed=5),
    "drawn thrice": Decoding(temperature=0.8, best=3),
}


@pytest.mark.parametrize("decoding", DECODINGS.values(), ids=DECODINGS)
def test_sentences_keep_their_order_and_neighbours_change_nothing(speaker, decoding):
    together = speaker(LINES, "informal", decoding=decoding)
    assert len(together) == len(LINES)
    assert speaker(LINES, "informal", decoding=decoding, batch_size=1) == together
    assert speaker(LINES, "informal", decoding=decoding, batch_size=5) == together
    if decoding.temperature is None:
        assert together == together[:7] * 4
    if decoding.best is None:
        assert all(isinstance(made, str) for made in together)
        assert together[1] == together[6] == ""
    else:
        assert all(1 <= len(set(made)) == len(made) <= 3 for made in together)
        assert together[1] == [""]


def test_the_first_of_the_best_is_the_beams(speaker):
    best = speaker(LINES, "formal", decoding=Decoding(beam=4, best=4))
    assert [made[0] for made in best] == speaker(LINES, "formal", decoding=Decoding(beam=4))
    assert any(len(made) > 1 for made in best)


def test_a_recipe_may_ask_for_a_beam(speaker, monkeypatch):
    greedy, searched = speaker(LINES, "formal"), speaker(LINES, "formal", decoding=Decoding(beam=3))
    assert greedy != searched
    monkeypatch.setattr(speaker.recipe, "beam", 3)
    assert speaker(LINES, "formal") == searched
    assert speaker(LINES, "formal", decoding=Decoding(beam=1)) == greedy
    drawn = Decoding(temperature=0.8, seed=1)
    assert drawn.or_beam(3) == drawn
    assert Decoding(best=2).or_beam(3) == Decoding(best=2, beam=3)
    assert Decoding(best=4).or_beam(3) == Decoding(best=4, beam=4)


@pytest.fixture(scope="module")
def chooser(speaker_run):
    """The same run, choosing among four candidates by a judge that is loud enough to be heard in so young a run."""
    overrides = {"beam": 4, "reranking": {"name": "noisy_channel", "verdict": 300}}
    return Translator.load(speaker_run, device="cpu", overrides=overrides)


def test_reranking_takes_another_of_the_same_candidates(speaker, chooser):
    candidates = speaker(LINES, "formal", decoding=Decoding(beam=4, best=4))
    chosen = chooser(LINES, "formal", decoding=Decoding(best=4))
    assert [sorted(each) for each in chosen] == [sorted(each) for each in candidates]
    assert chosen != candidates
    assert chooser(LINES, "formal") == [best for best, *_ in chosen]
    assert chooser(LINES, "formal", decoding=Decoding(best=2)) == [each[:2] for each in chosen]
    assert chooser(LINES, "formal", batch_size=3) == [best for best, *_ in chosen]
    assert chooser(LINES, "formal", decoding=Decoding(rerank=False, best=4)) == candidates
    assert chooser(LINES, "formal", decoding=Decoding(beam=1)) == speaker(LINES, "formal")
    drawn = Decoding(temperature=0.8, seed=1)
    assert chooser(LINES, "formal", decoding=drawn) == speaker(LINES, "formal", decoding=drawn)


def test_reranking_needs_the_discriminators(speaker_run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(speaker_run, copy, symlinks=True)
    place = history.chosen(copy)
    (place / "discriminators.safetensors").unlink()
    Translator.load(copy, device="cpu", overrides=["reranking=null"])
    with pytest.raises(RecipeError) as refused:
        Translator.load(copy, device="cpu")
    assert str(refused.value).startswith(f"{place}: the checkpoint is damaged: it has no discriminators.safetensors; ")


def test_reranking_needs_a_beam(speaker_run):
    with pytest.raises(RecipeError) as refused:
        Translator.load(speaker_run, device="cpu", overrides=["beam=null", "reranking=noisy_channel"])
    assert str(refused.value) == ("reranking: chooses among a beam's candidates, and there is no beam; set beam: 16")


def test_seeds_decide_draws(speaker):
    def drawn(seed):
        return speaker(LINES, decoding=Decoding(temperature=1.5, seed=seed))

    assert drawn(1) == drawn(1) != drawn(2)
    # One source of numbers goes on where it stopped: items that come one by one are drawn like those that come at once.
    source = numpy.random.default_rng(1)
    assert [made for line in LINES for made in speaker([line], decoding=Decoding(temperature=1.5, seed=source))] == (
        drawn(1)
    )


def test_one_sentence_is_one_item(speaker):
    (one,) = speaker(["ok."])
    assert isinstance(one, str)
    assert speaker("ok.") == one
    assert speaker("ok.", decoding=Decoding(best=2)) == speaker(["ok."], decoding=Decoding(best=2))[0]
    assert speaker(line for line in ["ok.", "ok."]) == [one, one]
    for other in (Path("sentences.txt"), 3, None, [None], b"ok.", numpy.zeros((2, 2))):
        with pytest.raises(RecipeError, match=r"^a sentence is text, not \w+; give str, or have `cyclekit translate`"):
            speaker(other)


def test_a_stream_of_sentences_is_taken_in_chunks(speaker):
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield "I do not know."

    stream = speaker.stream(endless(), batch_size=2)
    next(stream)
    assert len(taken) == 64


def test_sentences_that_are_cut_are_counted(speaker):
    before = speaker.cut
    limit = speaker.codecs.a.limit
    fits = next(
        line for line in ("today " * n for n in range(40, 0, -1)) if speaker.codecs.a.encode([line]).mask.sum() < limit
    )
    speaker(["I", fits, "word after word " * 20])
    assert speaker.cut - before == 1
    exact = next(
        text for text in ("q" * n for n in range(1, 40)) if speaker.codecs.a.encode([text]).data.shape[1] == limit
    )
    speaker([exact])
    assert speaker.cut - before == 1


def test_pictures_have_no_words_to_choose(translator):
    with pytest.raises(RecipeError) as refused:
        translator([picture(1)], decoding=Decoding(beam=4))
    assert str(refused.value) == (
        "temperature, beam, best: generator 'resnet' makes one translation of an item and chooses no words; "
        "leave them out, and set beam: null"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"temperature": 0.0}, "temperature=0: a temperature is above 0; try 0.7"),
        ({"temperature": float("nan")}, "temperature=nan: a temperature is above 0; try 0.7"),
        ({"temperature": 1.0, "beam": 2}, "temperature and beam: choose one, draws or the likeliest"),
        ({"top_p": 0.5}, "top_p=0.5: is about draws; set temperature too, or leave it out"),
        ({"temperature": 1.0, "top_p": 0.0}, "top_p=0: a probability is above 0 and at most 1; try 0.9"),
        ({"beam": 0}, "beam=0: must be 1 or more"),
        ({"best": -1}, "best=-1: must be 1 or more"),
        ({"beam": 2, "best": 3}, "best=3: a beam of 2 finds no more; set beam to 3"),
    ],
)
def test_ways_to_decode_that_make_no_sense(options, words):
    with pytest.raises(RecipeError) as refused:
        Decoding(**options)
    assert str(refused.value) == words


@pytest.fixture
def short_of_memory(translator, monkeypatch):
    """The translator, on a machine whose memory suffices for 1000 pixels at once."""
    generator = translator.generators.b

    def refusing(source, target=None):
        if source.data.numel() > 3 * 1000:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: 9 GB")
        return type(generator).forward(generator, source)

    monkeypatch.setattr(generator, "forward", refusing)
    return translator


def test_a_picture_too_large_for_memory_leaves_the_others(short_of_memory):
    sizes = [(20, 20), (20, 20), (20, 20), (40, 40), (8, 8), (40, 40)]
    items = [picture(number, size) for number, size in enumerate(sizes)]
    made = list(short_of_memory.stream(items, "photo", keep_going=True))
    assert [getattr(each, "size", None) for each in made] == [*sizes[:3], None, (8, 8), None]
    assert "tile=512" in made[3].why
    with pytest.raises(RecipeError, match="memory does not suffice"):
        short_of_memory(items, "photo")


def test_tiles_take_less_memory_than_the_whole(short_of_memory, monkeypatch):
    item = picture(0, (50, 40))
    tiles = short_of_memory(item, "photo", tile=30)
    assert tiles.size == (50, 40)
    assert short_of_memory.tiles.done == 1
    with pytest.raises(RecipeError, match="tile=2: this network needs tiles of at least"):
        short_of_memory(item, "photo", tile=2)


def test_an_item_that_cannot_be_prepared_for_want_of_memory(translator, monkeypatch):
    def prepare(item, multiple, smallest):
        if item == "large":
            raise MemoryError
        return type(translator.codecs.a).prepare(translator.codecs.a, item, multiple, smallest)

    monkeypatch.setattr(translator.codecs.a, "prepare", prepare)
    made = list(translator.stream([picture(0), "large", picture(1)], "photo", keep_going=True))
    assert [hasattr(each, "why") for each in made] == [False, True, False]
