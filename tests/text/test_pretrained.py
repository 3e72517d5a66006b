"""Hugging Face encoder-decoders as generators: they write what transformers itself writes, and learn through words."""

from __future__ import annotations

import json
import shutil
import socket

import numpy
import pytest
import torch
from safetensors.torch import load_file, save_file

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.core.initialise import keep, normal
from cyclekit.core.recomputing import recompute_blocks
from cyclekit.core.weightless import is_weightless, without_weights
from cyclekit.registry import RecipeError
from cyclekit.text.bridge import LOWEST, draw, rescored, without_dropout
from cyclekit.text.huggingface import HuggingFaceCodec
from cyclekit.text.pretrained import PretrainedGenerator
from cyclekit.text.relax import embed
from cyclekit.text.search import search
from cyclekit.training.sizes import Held
from tests.text.tiny_models import FAMILIES, SENTENCES, WITH_LANGUAGES, languages

TARGETS = ["a red cat", "it sang and the dog ran on the mat", "the bird", "under the tree it sat"]


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    return {family: make(tmp_path_factory.mktemp(family)) for family, make in FAMILIES.items()}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def codecs_of(folder, family, **options):
    return [HuggingFaceCodec(domain, model=str(folder), **languages(family), **options) for domain in ("a", "b")]


def generator_of(folders, family, **options):
    a, b = codecs_of(folders[family], family, limit=24)
    return PretrainedGenerator(a, b, **options)


def published(folders, family):
    from transformers import AutoModelForSeq2SeqLM

    return AutoModelForSeq2SeqLM.from_pretrained(folders[family]).eval()


def tokenized(codec, sentences, **options):
    return codec.tokenizer(sentences, padding=True, return_tensors="pt", **options)


def test_teacher_forced_logits_are_those_of_transformers_own_forward(folders, family):
    generator = generator_of(folders, family).eval()
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    with torch.no_grad():
        output = generator(source, target)
        labels = tokenized(generator.target, None, text_target=TARGETS)["input_ids"]
        expected = published(folders, family)(**tokenized(generator.source, SENTENCES), labels=labels).logits
    assert torch.equal(output.data, target.data)
    assert torch.equal(output.mask, target.mask)
    assert output.logits.shape == (int(target.mask.sum()), generator.target.vocabulary)
    before = len(generator.target.prefix)  # labels hold <s> or the language code as well
    expected = expected[:, before : before + target.data.shape[1]]
    torch.testing.assert_close(output.logits, expected[target.mask], rtol=1e-4, atol=1e-4)


def test_greedy_words_are_those_of_generate(folders, family):
    """Row by row, because a row's longest length depends on its source's."""
    generator = generator_of(folders, family, no_repeat=False).eval()
    codec, model = generator.target, published(folders, family)
    start = {"mbart": {"decoder_start_token_id": codec.suffix[0] if codec.suffix else None},
             "mbart50": {"forced_bos_token_id": (codec.prefix or [None])[0]},
             "nllb": {"forced_bos_token_id": (codec.prefix or [None])[0]},
             "bart": {"forced_bos_token_id": 0}}.get(family, {})  # fmt: skip
    never = ~codec.allowed
    written = len(codec.prefix)

    def only_allowed(ids, scores):
        return scores if ids.shape[1] <= written else scores.masked_fill(never, -1e9)

    lengths = set()
    for sentence in SENTENCES:
        source = generator.source.encode([sentence])
        with torch.no_grad():
            drawn = generator(source)
        most = min(24, int(1.3 * source.data.shape[1] + 5))
        expected = model.generate(
            **tokenized(generator.source, [sentence]), num_beams=1, do_sample=False, max_new_tokens=most + written,
            logits_processor=[only_allowed], forced_eos_token_id=codec.end, **start,
        )  # fmt: skip
        assert drawn.logits is None
        assert drawn.data[0].tolist() == expected[0, 1 + written :].tolist()
        lengths.add(drawn.data.shape[1])
    assert len(lengths) > 1


def test_rescored_logits_are_the_drawn_ones(folders, family):
    generator = generator_of(folders, family, noise=1.0)
    source = generator.source.encode(SENTENCES)
    torch.manual_seed(3)
    with without_dropout(generator), torch.no_grad():
        drawn = draw(generator, source, 1.0)
        scored = generator.score(source, Batch(drawn.ids, drawn.mask))
        logits = rescored(generator, source, drawn)
        reading, words, seen = generator.begin(source), None, []
        for column in drawn.ids.T:
            seen.append(generator.advance(reading, words))
            words = column
    assert (drawn.mask.sum(1) < drawn.ids.shape[1]).any()  # some rows ended before others
    word_by_word = torch.stack(seen, 1)[drawn.mask]
    may_be = word_by_word > LOWEST / 2
    free = may_be & (may_be.sum(1, keepdim=True) > 1)  # neither forbidden nor the end that had to be
    torch.testing.assert_close(word_by_word[free], scored[free], rtol=1e-4, atol=1e-4)
    assert torch.equal(logits, drawn.logits)
    assert torch.equal(logits.argmax(1), drawn.ids[drawn.mask])


def test_what_is_drawn_ends_and_holds_only_what_may_be_drawn(folders, family):
    generator = generator_of(folders, family, noise=2.0)
    source = generator.source.encode(SENTENCES)
    torch.manual_seed(0)
    for _ in range(4):
        drawn = generator(source)
        lengths = drawn.mask.sum(1)
        assert (lengths <= (1.3 * source.mask.sum(1) + 5).long().clamp(max=24)).all()
        assert (drawn.data.gather(1, lengths[:, None] - 1) == generator.target.end).all()
        assert (drawn.data[~drawn.mask] == generator.target.pad).all()
        assert generator.target.allowed[drawn.data[drawn.mask]].all()
        same = (drawn.data[:, 1:] == drawn.data[:, :-1]) & drawn.mask[:, 1:]
        assert not generator.target.begins_word[drawn.data[:, 1:][same]].any()


def test_training_draws_and_eval_does_not(folders, family):
    generator = generator_of(folders, family, noise=2.0)
    source = generator.source.encode(SENTENCES)
    assert all(module.training for module in generator.modules())
    with torch.no_grad():
        drawn = {tuple(generator(source).data.flatten().tolist()) for _ in range(4)}
        assert len(drawn) > 1
        generator.eval()
        assert torch.equal(generator(source).data, generator(source).data)
        assert generator(source).logits is None


@pytest.mark.parametrize("bridge", ["draw_then_rescore", "step_by_step", "soft"])
def test_a_gradient_flows_through_words_into_the_generator_that_wrote_them(folders, family, bridge):
    generator = generator_of(folders, family, bridge=bridge)
    source, real = generator.source.encode(SENTENCES), generator.source.encode(SENTENCES)
    back = generator_of(folders, family).way_back()  # weights of its own
    torch.manual_seed(1)
    reconstructed = back(generator(source), real)
    torch.nn.functional.cross_entropy(reconstructed.logits, real.data[real.mask]).backward()
    for network in (generator.network, back.network):
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert sum(float(gradient.abs().sum()) for gradient in gradients) > 0


def test_the_gradient_of_a_judge_reaches_every_layer(folders, family):
    generator = generator_of(folders, family)
    fake = generator(generator.source.encode(SENTENCES))
    judge = torch.randn(generator.target.vocabulary, 4, generator=torch.Generator().manual_seed(0))
    embed(fake, judge).pow(2)[fake.mask].sum().backward()
    idle = [name for name, p in generator.network.named_parameters() if p.requires_grad and p.grad is None]
    assert idle == []
    assert generator.network.model.get_input_embeddings().weight.grad.abs().sum() > 0


@pytest.mark.parametrize("family", ["bart", "mbart"])
def test_it_learns_translations_by_heart(folders, family):
    generator = generator_of(folders, family)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(0.3 if parameter.dim() > 1 else 1.0)  # the tiny models' weights are large
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    optimizer = torch.optim.Adam(generator.parameters(), 1e-2)
    torch.manual_seed(0)
    for _ in range(120):
        output = generator(source, target)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(output.logits, target.data[target.mask]).backward()
        optimizer.step()
    with torch.no_grad():
        assert generator.target.decode(generator.eval()(source)) == TARGETS


@pytest.mark.parametrize("soft", [False, True])
def test_ids_and_their_one_hots_are_read_alike(folders, family, soft):
    generator = generator_of(folders, family).eval()
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    hots = torch.nn.functional.one_hot(source.data, generator.source.vocabulary).float()
    other = Batch(hots, source.mask) if soft else Batch(source.data, source.mask, hots[source.mask].requires_grad_())
    torch.testing.assert_close(generator(other, target).logits, generator(source, target).logits, rtol=1e-4, atol=1e-4)


def test_words_written_as_ids_or_as_one_hots_are_written_alike(folders, family):
    generator = generator_of(folders, family).eval()
    source = generator.source.encode(SENTENCES)
    words = generator.target.encode(TARGETS).data[:, 0]
    hots = torch.nn.functional.one_hot(words[:, None], generator.target.vocabulary).float()
    nexts = []
    for written in (words, Batch(words[:, None], None, hots), Batch(hots)):
        reading = generator.begin(source)
        generator.advance(reading)
        nexts.append(generator.advance(reading, written))
    torch.testing.assert_close(nexts[1], nexts[0])
    torch.testing.assert_close(nexts[2], nexts[0])


def test_rows_do_not_depend_on_the_rows_beside_them(folders, family):
    generator = generator_of(folders, family).eval()
    with torch.no_grad():
        together = generator(generator.source.encode(SENTENCES))
        alone = [generator(generator.source.encode([sentence])) for sentence in SENTENCES]
    rows = [row.data[0].tolist() for row in together.rows()]
    assert rows == [row.data[0].tolist() for row in alone]


def test_beam_search_may_take_rows_again(folders, family):
    generator = generator_of(folders, family).eval()
    source = generator.source.encode(SENTENCES)
    words = torch.tensor([generator.target.encode([target]).data[0, 0] for target in TARGETS])
    rows = torch.tensor([2, 2, 0, 1, 3, 0])
    with torch.no_grad():
        kept = generator.begin(source)
        generator.advance(kept)
        kept.select(rows)
        again = generator.begin(Batch(source.data[rows], source.mask[rows]))
        generator.advance(again)
        torch.testing.assert_close(generator.advance(kept, words[rows]), generator.advance(again, words[rows]))
    assert torch.equal(kept.most, again.most)


def test_every_way_of_decoding_is_open_to_it(folders, family):
    generator = generator_of(folders, family).eval()
    source = generator.source.encode(SENTENCES)
    with torch.no_grad():
        greedy = [row.data for row in generator(source).rows()]
    assert all(torch.equal(found[0].row.data, row) for found, row in zip(search(generator, source), greedy))
    searched = search(generator, source, beams=4, best=2)
    for found, first in zip(searched, search(generator, source)):
        assert found[0].score >= first[0].score - 1e-4
    random = [numpy.random.default_rng(row) for row in range(len(SENTENCES))]
    drawn = search(generator, source, temperature=3.0, best=3, random=random)
    assert all(len(found) == 3 for found in drawn)
    written = [piece for found in (*searched, *drawn) for one in found for piece in one.row.data[0].tolist()]
    assert generator.target.allowed[written].all()
    forbidden = {*generator.target.tokenizer.all_special_ids, generator.target.unknown} - {generator.target.end}
    assert not forbidden & set(written)


def test_a_piece_that_it_may_never_write_is_read_and_not_asked_for(folders, family):
    """Marian's and T5's unknown stands for what their tokenizers cannot spell."""
    generator = generator_of(folders, family).eval()
    codec = generator.target
    source, target = generator.source.encode(SENTENCES), codec.encode(TARGETS)
    unknown = target.data.clone()
    unknown[:, 0] = codec.unknown
    with_unknown = target._replace(data=unknown)
    output = generator(source, with_unknown)
    assert torch.equal(output.data, unknown)
    assert torch.equal(output.mask, target.mask & (unknown != codec.unknown))
    asked = int(output.mask.sum())
    assert asked == int(target.mask.sum()) - len(TARGETS)
    assert output.logits.shape == (asked, codec.vocabulary)
    loss = registry.build("reconstruction", "token_nll", options={})
    expected = torch.nn.functional.cross_entropy(output.logits, unknown[output.mask])
    torch.testing.assert_close(loss(output, with_unknown), expected)


def test_blocks_are_computed_again_for_the_same_gradients_in_less_memory(folders, family):
    def learned(spare):
        generator = generator_of(folders, family)
        if spare:
            assert recompute_blocks(generator) >= 2  # both layers of the encoder
            assert recompute_blocks(generator.way_back()) == 0  # they are the same
        source, target = generator.source.encode(SENTENCES * 8), generator.target.encode(TARGETS * 8)
        torch.manual_seed(2)
        with Held() as held:
            generator(source, target).logits.logsumexp(1).sum().backward()
        fake = generator(source)  # drawn on a cache, scored in blocks that forget
        fake.logits.logsumexp(1).sum().backward()
        return [p.grad for p in generator.parameters() if p.grad is not None], held.peak

    (plain, most), (again, less) = learned(False), learned(True)
    assert len(plain) == len(again)
    for one, other in zip(plain, again):
        torch.testing.assert_close(one, other)
    assert less < most


def test_a_long_graph_cannot_be_computed_again(folders):
    generator = generator_of(folders, "bart", bridge="step_by_step")
    recompute_blocks(generator)
    with pytest.raises(ValueError, match=r"bridge step_by_step needs what each word .*: set train.checkpointing=false"):
        generator(generator.source.encode(SENTENCES))


@pytest.mark.parametrize("weights", ["float32", "bf16"])
def test_additions_learn_and_the_models_weights_stay(folders, family, weights):
    generator = generator_of(folders, family, lora=4, weights=weights)
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    plain = generator_of(folders, family).eval()
    with torch.no_grad():
        begun, expected = generator.eval()(source, target).logits, plain(source, target).logits
    if weights == "float32":
        torch.testing.assert_close(begun, expected, rtol=1e-5, atol=1e-4)
    else:  # of the tiny models' large weights little is left below 8 bits
        assert torch.nn.functional.cosine_similarity(begun.flatten(), expected.flatten(), 0) > 0.9
    learning = {name: p for name, p in generator.named_parameters() if p.requires_grad}
    assert all("lora_" in name or name == "network.domains" for name in learning)
    assert {p.dtype for p in learning.values()} == {torch.float32}
    kept = {name: p.clone() for name, p in generator.named_parameters() if not p.requires_grad}
    numbers = torch.float32 if weights == "float32" else torch.bfloat16
    assert {p.dtype for p in kept.values()} == {numbers}
    optimizer = torch.optim.Adam(learning.values(), 2e-3)
    losses = []
    for _ in range(12):
        output = generator(source, target)
        judged = embed(generator(source), torch.eye(generator.target.vocabulary)[:, :4]).sum()
        losses.append(float(torch.nn.functional.cross_entropy(output.logits, target.data[target.mask])))
        optimizer.zero_grad()
        (torch.nn.functional.cross_entropy(output.logits, target.data[target.mask]) + 0 * judged).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in learning.values())
        optimizer.step()
    assert min(losses) < losses[0] - 0.05
    assert all(torch.equal(p, kept[name]) for name, p in generator.named_parameters() if name in kept)


def test_a_run_with_additions_is_loaded_from_its_checkpoint(folders, family, tmp_path):
    generator = generator_of(folders, family, lora=4, weights="bf16").eval()
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.5) if parameter.requires_grad else None
    save_file({key: value.clone() for key, value in generator.state_dict().items()}, tmp_path / "g.safetensors")
    (tmp_path / "b").mkdir()
    generator.target.save(tmp_path / "b")
    again = HuggingFaceCodec.load(tmp_path / "b")
    loaded = PretrainedGenerator(generator.source, again, **generator.options).eval()
    loaded.load_state_dict(load_file(tmp_path / "g.safetensors"))
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    assert torch.equal(loaded(source, target).logits, generator(source, target).logits)


@pytest.mark.parametrize("lora", [None, 4])
def test_without_weights_it_is_a_network_of_sizes(folders, family, lora, tmp_path):
    shutil.copytree(folders[family], tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").unlink()
    codecs = codecs_of(tmp_path, family, limit=24)
    with without_weights():
        bare = PretrainedGenerator(*codecs, lora=lora)
    assert is_weightless([bare])
    full = generator_of(folders, family, lora=lora)
    assert [(n, p.shape, p.requires_grad) for n, p in bare.named_parameters()] == [
        (n, p.shape, p.requires_grad) for n, p in full.named_parameters()
    ]
    with pytest.raises(ValueError, match="has no weights as safetensors"):
        PretrainedGenerator(*codecs, lora=lora)


def test_both_directions_are_one_network_or_two(folders, family):
    generator = generator_of(folders, family)
    back = generator.way_back()
    assert back.network is generator.network
    assert (back.source, back.target) == (generator.target, generator.source)
    assert [id(p) for p in back.parameters()] == [id(p) for p in generator.parameters()]
    assert (back.options, back.noise) == (generator.options, generator.noise)
    assert generator_of(folders, family, share=False).way_back() is None


def test_a_shared_network_knows_the_wanted_domain(folders, family):
    generator = generator_of(folders, family)
    back = generator.way_back()
    told_by_language = family in WITH_LANGUAGES
    assert (generator.network.domains is None) == told_by_language
    assert generator_of(folders, family, share=False).network.domains is None
    if told_by_language:
        assert generator.prompt != back.prompt
        return
    generator.eval(), back.eval()
    assert not generator.network.domains.any()  # it begins as it was trained
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    as_trained = generator(source, target).logits
    assert torch.equal(as_trained, back(source, target).logits)
    torch.nn.init.normal_(generator.network.domains)
    assert not torch.allclose(generator(source, target).logits, back(source, target).logits, atol=0.1)


def test_one_language_in_both_domains_is_told_apart_by_the_embedding(folders):
    a, b = (HuggingFaceCodec(d, model=str(folders["mbart"]), language="de_DE", limit=24) for d in ("a", "b"))
    assert PretrainedGenerator(a, b).network.domains is not None


def test_a_run_is_loaded_from_its_checkpoint_alone(folders, family, tmp_path, monkeypatch):
    shutil.copytree(folders[family], tmp_path / "model")
    a, b = codecs_of(tmp_path / "model", family, limit=24)
    generator = PretrainedGenerator(a, b, model=str(tmp_path / "model")).eval()
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.5) if parameter.requires_grad else None
    for codec in (a, b):
        (tmp_path / codec.domain).mkdir()
        codec.save(tmp_path / codec.domain)
    weights = {key: value.clone() for key, value in generator.state_dict().items()}
    save_file(weights, tmp_path / "generators.safetensors")
    source, target = a.encode(SENTENCES), b.encode(TARGETS)
    shutil.rmtree(tmp_path / "model")
    monkeypatch.setattr(socket, "socket", None)

    loaded_a, loaded_b = (HuggingFaceCodec.load(tmp_path / domain) for domain in ("a", "b"))
    loaded = PretrainedGenerator(loaded_a, loaded_b, model=str(tmp_path / "model")).eval()
    loaded.load_state_dict(load_file(tmp_path / "generators.safetensors"))
    assert torch.equal(loaded(source, target).logits, generator(source, target).logits)
    with torch.no_grad():
        assert b.decode(generator(source)) == loaded_b.decode(loaded(source))


def test_half_precision_weights_are_trained_in_float32(folders, tmp_path):
    model = published(folders, "t5").to(torch.bfloat16)
    shutil.copytree(folders["t5"], tmp_path, dirs_exist_ok=True)
    model.save_pretrained(tmp_path)
    generator = PretrainedGenerator(*codecs_of(tmp_path, "t5"))
    assert {parameter.dtype for parameter in generator.parameters()} == {torch.float32}


def test_autocast_leaves_logits_in_float32(folders, family):
    generator = generator_of(folders, family)
    source, target = generator.source.encode(SENTENCES), generator.target.encode(TARGETS)
    with torch.autocast("cpu", torch.bfloat16):
        forced, drawn = generator(source, target), generator(source)
    assert forced.logits.dtype == drawn.logits.dtype == torch.float32
    drawn.logits.logsumexp(1).sum().backward()


def test_an_initialisation_that_would_draw_the_weights_anew_is_refused(folders):
    generator = generator_of(folders, "t5")
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    keep()(generator)
    assert all(torch.equal(value, before[key]) for key, value in generator.state_dict().items())
    with pytest.raises(RecipeError, match="initialisation: generator 'pretrained' brings its weights; set initialisat"):
        normal()(generator)


def refused(a, b, says, **options):
    with pytest.raises(RecipeError, match=says) as caught:
        registry.build("generator", "pretrained", a, b, options=options)
    assert len(str(caught.value).splitlines()) == 1


def edited(folders, family, folder, **changes):
    shutil.copytree(folders[family], folder, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    return codecs_of(folder, family)


def test_mistakes_are_one_clear_line(folders):
    a, b = codecs_of(folders["bart"], "bart", limit=24)
    refused(a, b, "temperature is 0; it must be above 0", temperature=0)
    refused(a, b, "noise is -1; it is 0 or more", noise=-1)
    refused(a, b, "lora is 0; it is a rank, 1 or more, or null for none", lora=0)
    refused(a, b, "weights is bf16, in which a step .* is rounded away; set lora=16 as well, or weights=float32",
            weights="bf16")  # fmt: skip
    refused(a, b, "model is t5-small, but the codec's is .*bart.*; leave it out here", model="t5-small")
    refused(a, codecs_of(folders["t5"], "t5")[1], "the codec's is .*bart.* and .*t5.*; leave it out here")
    refused(a, object(), "set data.tokenizer=huggingface:NAME")
    refused(*codecs_of(folders["bart"], "bart", limit=48), "has 48 positions, and rows of 48 tokens need 49: "
            "set data.limit to 47 at most")  # fmt: skip


def test_models_that_do_not_fit_are_one_clear_line(folders, tmp_path):
    for number, (family, changes, says) in enumerate(
        [
            ("bart", {"encoder_layers": 3}, r"are not those of its config.json: model.encoder.layers.2\S* is missing"),
            ("bart", {"d_model": 32}, "model: the weights of .* cannot be loaded"),
            ("t5", {"model_type": "gpt2"}, "is a gpt2, no encoder-decoder; take a T5, BART, mBART, NLLB or Marian"),
            ("t5", {"decoder_start_token_id": None}, "says no decoder_start_token_id"),
            ("marian", {"share_encoder_decoder_embeddings": False}, "a vocabulary for each side; both domains must"),
        ]
    ):
        refused(*edited(folders, family, tmp_path / str(number), **changes), says)
    codecs = edited(folders, "bart", tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    refused(*codecs, "has no weights as safetensors, and others would be unpickled; convert them")
    codecs = edited(folders, "bart", tmp_path / "half")
    (tmp_path / "half" / "model.safetensors").write_bytes(b"half a file")
    refused(*codecs, "the weights of .* cannot be loaded")
    shutil.copytree(folders["bart"], tmp_path / "tokenizer", ignore=shutil.ignore_patterns("config.json"))
    refused(*codecs_of(tmp_path / "tokenizer", "bart"), "has no config.json: it is a tokenizer without a model")
