"""The Transformer as two files: whatever its options, they write word for word what PyTorch writes."""

import numpy as np
import pytest
import torch

import cyclekit
from cyclekit.core.batch import Batch
from cyclekit.exported.decoding import DecoderState, greedy
from cyclekit.exported.session import session_of
from cyclekit.exporting.pictures import TOLERANCE
from cyclekit.exporting.sentences import compare_sentences, export_sentences
from tests.tiny import TINY_TEXT

BOUNDED = {"generator.least_length": 0.9, "generator.calibrated_end": True, "generator.no_repeat": "pieces"}


@pytest.mark.parametrize("options", [{}, BOUNDED], ids=["plain", "bounded"])
def test_its_files_write_what_it_writes(tmp_path, options):
    run = cyclekit.load(
        "formal2informal", profile="published", overrides={**TINY_TEXT, "train.stages": [], **options}, quiet=True
    )
    generator, codec = run.networks.generators.b.eval(), run.data.codecs.a
    for parameter in generator.parameters():
        parameter.data.mul_(2)  # so that words differ in likelihood
    if generator.end_bias is not None:
        generator.end_bias.bias.fill_(4.0)  # it would end at once, were it let
    said, _ = export_sentences(generator, tmp_path / "there", "transformer")
    encoder, step = (tmp_path / said["files"][role]["name"] for role in ("encoder", "step"))
    assert compare_sentences(generator, encoder, step) <= TOLERANCE
    sentences = ["I do not know where the bank is, sir.", "Thank you.", "Could you please tell me the way?"]
    rows = [codec.prepare(sentence, 1)[0].data[0] for sentence in sentences]
    longest = max(map(len, rows))
    ids = np.stack([np.pad(row.numpy(), (0, longest - len(row)), constant_values=codec.pad) for row in rows])
    mask = np.arange(longest) < np.array([len(row) for row in rows])[:, None]
    made = greedy(DecoderState(session_of(encoder), session_of(step), ids, mask), codec.pad, codec.end)
    with torch.no_grad():
        wanted = generator(Batch(torch.from_numpy(ids), torch.from_numpy(mask)))
    for row, kept, own in zip(wanted.data, wanted.mask, made):
        assert own.tolist() == row[kept].tolist()
    if options:
        least = generator.begin(Batch(torch.from_numpy(ids), torch.from_numpy(mask))).least
        assert all(len(own) > count for own, count in zip(made, least.tolist()))
