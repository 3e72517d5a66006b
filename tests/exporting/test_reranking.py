"""What a noisy channel asks, as graphs: the numbers that PyTorch gives, and the choice of the run."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

import cyclekit
from cyclekit import exported
from cyclekit.assembling.assemble import modules
from cyclekit.exporting import reranking as exporting
from cyclekit.exporting.folder import export
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import build
from cyclekit.runs import checkpoint
from cyclekit.runs import folder as runs
from cyclekit.text.reranking import log_probability
from cyclekit.use.decoding import Decoding
from tests.text import parts
from tests.tiny import TINY_TEXT

SENTENCES = ["I do not know where the bank is, sir.", "Thank you.", "Could you please tell me the way?", "Goodbye."]


def test_a_noisy_channel_chooses_as_in_the_run(tmp_path):
    run = cyclekit.load("formal2informal", profile="published", overrides={**TINY_TEXT, "train.stages": []}, quiet=True)
    runs.create(run.recipe, tmp_path / "run")
    for parameter in [
        *modules(run.networks.generators).parameters(),
        *modules(run.networks.discriminators).parameters(),
    ]:
        parameter.data.mul_(2)
    generators, discriminators = (modules(each).state_dict() for each in run.networks)
    tensors = {"generators": generators, "average": generators, "discriminators": discriminators}
    checkpoint.save(tmp_path / "run", 4, tensors, {"step": 4}, run.data.codecs)
    notes = export(tmp_path / "run", tmp_path / "onnx").notes
    assert not [note for note in notes if note.startswith("reranking")]
    translators = [load(tmp_path / part) for load, part in ((cyclekit.Translator.load, "run"), (exported.load, "onnx"))]
    decoding = Decoding(beam=4, best=3)
    made = [each(SENTENCES, to="informal", decoding=decoding) for each in translators]
    assert made[0] == made[1]
    plain = [each(SENTENCES, to="informal", decoding=Decoding(beam=4, best=3, rerank=False)) for each in translators]
    assert plain[0] == plain[1] != made[0]
    # One direction alone has no way back to ask.
    said = export(tmp_path / "run", tmp_path / "one", direction="informal").notes
    assert [note for note in said if note.startswith("reranking: 'noisy_channel' asks all networks of the run")]
    alone = exported.load(tmp_path / "one")(SENTENCES, to="informal", decoding=decoding)
    assert [each[0] for each in alone] == [each[0] for each in plain[0]]


def padded(batch, width):
    """The same sentences with more padding."""
    short = width - batch.data.shape[1]
    return F.pad(batch.data, (0, short), value=7), F.pad(batch.mask, (0, short))


@pytest.mark.parametrize("more", [0, 3])
def test_a_sentence_is_as_likely_as_in_the_run_however_it_is_padded(more):
    made = parts.generator().eval()
    source, target = parts.sentences(), parts.sentences(*reversed(parts.SENTENCES))
    graph = exporting.ScoreGraph(made)
    with torch.no_grad():
        ids, mask = padded(source, min(source.data.shape[1] + more, 21))
        words, real = padded(target, min(target.data.shape[1] + more, 21))
        found = graph(ids, mask, words, real)
    torch.testing.assert_close(found, log_probability(made, source, target), rtol=1e-4, atol=1e-4)
    assert (found < 0).all()


def test_discriminators_say_their_mean():
    discriminators = torch.nn.ModuleList(
        build("discriminator", "textcnn", parts.codec("b"), None, options={"width": 8, "filters": 4}).eval()
        for _ in range(3)
    )
    batch = parts.sentences()
    with torch.no_grad():
        found = exporting.DiscriminatorGraph(discriminators)(batch.data, batch.mask)
        each = [one(batch).data.flatten() for one in discriminators]
    torch.testing.assert_close(found, sum(each) / 3)


@pytest.mark.parametrize(
    ("reranking", "weights"),
    [
        (None, None),
        (PartChoice(name="other"), None),
        (PartChoice(name="noisy_channel"), {"way_back": 0.5, "verdict": 20.0, "believed": 0.3}),
        (PartChoice(name="noisy_channel", verdict=0), {"way_back": 0.5, "verdict": 0, "believed": 0.3}),
    ],
)
def test_what_the_channel_weighs_by_are_the_recipes_options_over_the_usual_ones(reranking, weights):
    assert exporting.weights_of(SimpleNamespace(reranking=reranking)) == weights
