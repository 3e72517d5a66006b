"""The model card: what the hub reads, what people read, and that nobody's own words are overwritten."""

import ast
import json
import re

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

import cyclekit
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.sharing.model_card import HERE, MARK, card_text, sheet_of, write_card
from tests.commands import TINY, call
from tests.made_run import DATA, METRICS, made_run, write_log, write_metrics
from tests.pictures import picture_folders
from tests.tiny import TINY_TEXT


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody changes, with metrics."""
    folder = made_run(tmp_path_factory.mktemp("run") / "monet")
    write_metrics(folder)
    return folder


def test_the_hub_reads_what_it_needs(whole):
    data = ModelCard(card_text(whole)).data
    assert (data.library_name, data.pipeline_tag, data.license) == ("cyclekit", "image-to-image", "unknown")
    assert data.tags == ["cyclekit", "cyclegan", "gan"]
    assert data.datasets is None
    assert data.model_name == "monet2photo"
    (result,) = data.eval_results  # what is no number is no result
    assert (result.task_type, result.dataset_type, result.dataset_name, result.dataset_split) == (
        "image-to-image", "builtin-landscapes", "builtin:landscapes", "held out"
    )  # fmt: skip
    assert (result.metric_type, result.metric_name, result.metric_value) == (
        "kid-lite-0", "KID (Lite|0), monet -> photo", 0.19052
    )  # fmt: skip
    assert result.metric_args == {"features": "Lite0"}


def test_people_read_what_it_is_how_it_was_measured_and_what_it_cannot(whole):
    text = card_text(whole)
    for words in (
        MARK,
        "# Paintings to photographs and back",
        "Translates monet to photo and photo to monet.",
        "![Held-out items after step 4](samples/step-00000004.png)",
        f'Translator.from_pretrained("{HERE}")',
        f"- learned from: {DATA}",
        "- looked for first, not used: hub:some/monets (no connection)",
        "On held-out items of the same data: of step 4, last step.",
        "| KID (Lite\\|0), lower is better | 0.1905 (0.171 to 0.210) | 0.4454 |",
        "- **KID (Lite\\|0)** features: Lite0\n",
        "- **LPIPS** is not measured: no weights here",
        "- Learned from data that a program made, no real pictures: of real ones it knows nothing.",
    ):
        assert words in text
    assert "Not the weights" not in text
    assert sheet_of(whole) == "samples/step-00000004.png"
    assert 'from_pretrained("me/monet")' in card_text(whole, "me/monet")
    assert "cyclekit translate hub:me/monet picture.png --to photo" in card_text(whole, "me/monet")


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("My Own, v2", {"license": "other", "license_name": "my-own-v2"}),
        ("https://a.b/L", {"license": "other", "license_name": "as-linked", "license_link": "https://a.b/L"}),
    ],
)
def test_licenses(tmp_path, given, fields):
    folder = made_run(tmp_path / "run", license=given)
    data = ModelCard(card_text(folder)).data.to_dict()
    assert {key: value for key, value in data.items() if key.startswith("license")} == fields


def test_a_run_on_a_data_set_of_the_hub_names_it(tmp_path):
    folder = made_run(tmp_path / "run")
    write_log(folder, [{"kind": "resume", "step": 4, "data": "hub:huggan/monet2photo: photographs"}])
    data = ModelCard(card_text(folder)).data
    assert data.datasets == ["huggan/monet2photo"]
    assert "of real ones" not in card_text(folder)


def test_what_was_not_as_planned_is_said(tmp_path):
    folder = made_run(tmp_path / "run", **{"health.checks": []})
    write_metrics(folder, step=2, data="/home/me/pictures/monet: 5 pictures")
    finding = "monet -> photo, since step 2: all <alike>"
    write_log(folder, [{"kind": "health", "step": 3, "check": "collapse", "finding": finding},
                       {"kind": "interrupted", "step": 3}])  # fmt: skip
    text = card_text(folder)
    assert "**Not the weights that are here, which are of step 4.**" in text
    assert "On held-out items of monet: 5 pictures: of step 2" in text
    assert "/home/me" not in text
    assert "health found (step 3, collapse): monet -\\> photo, since step 2: all \\<alike\\>" in text
    assert "Training did not end as planned: interrupted at step 4." in text


def test_before_an_evaluation_the_card_tells_what_chose_the_weights(tmp_path):
    folder = made_run(tmp_path / "run")
    assert "Not measured on held-out data yet" in card_text(folder)
    looks = [{"kind": "metrics", "step": 4, "values": {"monet -> photo": {"KID": 0.2}}, "criterion": 0.2, "best": True}]
    write_log(folder, looks)
    assert "chose these weights (step 4), so rather too good:\n\n- **monet -\\> photo**: KID 0.2" in card_text(folder)
    assert ModelCard(card_text(folder)).data.eval_results is None


def test_what_somebody_wrote_stays(tmp_path):
    folder = made_run(tmp_path / "run")
    card = write_card(folder)
    assert card == folder / "README.md"
    first = card.read_text()
    write_metrics(folder)
    assert write_card(folder).read_text() != first  # anew after an evaluation
    card.write_text(card.read_text().replace(MARK, "") + "My words.")
    kept = card.read_text()
    write_metrics(folder, step=2)
    assert write_card(folder).read_text() == kept
    card.unlink()
    (folder / "samples" / "step-00000004.png").unlink()
    assert "No examples were drawn." in write_card(folder).read_text()


def test_a_run_without_a_checkpoint_or_with_half_of_one_is_a_mistake(tmp_path):
    folder = made_run(tmp_path / "run")
    place = history.chosen(folder)
    (place / "codec-b" / "codec.json").write_text("{}")
    with pytest.raises(RecipeError, match=r"damaged: codec-b/codec\.json cannot be read"):
        write_card(folder)
    (place / "generators.safetensors").unlink()
    with pytest.raises(RecipeError, match="damaged: it has no generators"):
        write_card(folder)
    with pytest.raises(RecipeError, match="is no run folder"):
        write_card(tmp_path)


def test_a_finished_run_has_a_card_and_an_evaluation_writes_it_anew(tmp_path):
    data = picture_folders(tmp_path / "data", train=3, test=2)
    settings = TINY | {"metrics": ["structure"], "health.checks": [], "train.steps": 2}
    settings |= {"validation.metrics": [], "validation.criterion": None}
    folder = cyclekit.train(
        cyclekit.load("monet2photo", profile="published", data=data, overrides=settings), tmp_path / "run", device="cpu"
    )
    assert "Not measured on held-out data yet" in (folder / "README.md").read_text()
    assert call("evaluate", folder, "--device", "cpu").status == 0
    measured = json.loads((folder / "metrics.json").read_text())["directions"]["photo -> monet"]["rows"]["translated"]
    ((name, content),) = measured.items()
    results = ModelCard.load(folder / "README.md").data.eval_results
    values = {result.metric_name: result.metric_value for result in results}
    assert values[f"{name}, photo -> monet"] == pytest.approx(content["value"], abs=1e-6)


def test_sentences_are_shown_as_a_table(tmp_path):
    plain = {"train.stages": [], "train.moving_average": None}
    run = cyclekit.load("recipes/formal2informal", profile="published", overrides=TINY_TEXT | plain)
    folder = tmp_path / "run"
    cyclekit.runs.folder.create(run.recipe, folder)
    weights = cyclekit.assembling.assemble.modules(run.networks.generators).state_dict()
    checkpoint.save(folder, 4, {"generators": weights}, {"step": 4}, run.data.codecs)
    (folder / "samples").mkdir()
    rows = ["formal\tto informal", *(f"Line {number} <b>.\tlol" for number in range(9))]
    (folder / "samples" / "step-00000004.tsv").write_text("# step 4\n" + "\n".join(rows) + "\n")
    write_log(folder, [{"kind": "sample", "step": 4, "file": "samples/step-00000004.tsv"}])
    text, data = card_text(folder), ModelCard(card_text(folder)).data
    assert (data.pipeline_tag, data.tags[-1]) == ("text-generation", "text2text-generation")
    assert "| formal | to informal |\n| --- | --- |\n| Line 0 &#60;b&#62;. | lol |" in text
    assert "Line 5" in text
    assert "Line 6" not in text
    assert sheet_of(folder) is None
    assert "translate path/to/this/folder sentences.txt --to informal" in text


HOSTILE = (
    "<script>alert(1)</script>", "<b>", "\\<b>", "&lt;img src=x onerror=y&gt;<img src=x>", "`<i>`", "``` <i>", "a`b``c",
    "[x](javascript:y)", "![x](http://y)", "*x*", "~~x~~", '"); import os  # ', "'; rm -rf ~; '", "x | y | z",
    "<!-- x -->", "$(reboot)", "# x", "- x", "</p><p>",
)  # fmt: skip


def spoken(text):
    """What markdown makes of a card: the kinds of its pieces that are more than words, and its words."""
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    kinds, words = [], []
    for block in page.parse(text.split("\n---\n", 1)[1]):  # behind the YAML, which nobody renders
        for piece in [block, *(block.children or [])]:
            if piece.type in ("text", "code_inline", "fence"):
                words.append(piece.content)
            if piece.type not in ("text", "softbreak"):
                kinds.append(piece.type)
    return kinds, "\n".join(words)


def with_names(folder, a, b, other):
    """The card of a run whose domains are called so, and which says something else wherever it may say anything."""
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text())
    recipe |= {"title": other, "profile": other, "domains": {"a": a, "b": b}}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    direction = f"{a} -> {b}"
    table = {
        **METRICS["directions"]["monet -> photo"],
        "not measured": {other: other},
        "protocol": {"PSNR": {other: other}},
    }
    table["rows"] = {"translated": {"PSNR": {"value": 1.0, "spread": None}}, other: {}}
    write_metrics(folder, directions={direction: table}, weights=other, data=other)
    looks = {"kind": "metrics", "step": 4, "values": {direction: {other: 0.2}}, "criterion": 0.2, "best": True}
    write_log(folder, [{"kind": "health", "step": 3, "check": "x", "finding": other}, looks])
    measured = card_text(folder)
    (folder / "metrics.json").unlink()
    return measured, card_text(folder)


def test_no_name_means_anything_in_a_card(tmp_path):
    made_run(tmp_path / "run")
    usual = [spoken(text)[0] for text in with_names(tmp_path / "run", "monet", "photo", "words")]
    for number, name in enumerate(HOSTILE):
        other = HOSTILE[number - 1]
        for text, pieces in zip(with_names(tmp_path / "run", name, f"{name} 2", other), usual, strict=True):
            kinds, words = spoken(text)
            assert kinds == pieces, name
            assert " ".join(name.split()) in words
            code = ast.parse(re.search(r"```python\n(.*?)\n```", text, re.DOTALL)[1])
            assert len(code.body) == 4
            assert code.body[-1].value.keywords[0].value.value == f"{name} 2"
