import pytest
import torch

from cyclekit.core.batch import Batch, Pair
from cyclekit.registry import RecipeError, build
from cyclekit.text.bridge import draw
from cyclekit.text.codec import SentencePieceCodec, train_pieces
from cyclekit.text.lengths import LARGEST, EndBias, closing_pieces, expected_ratio
from cyclekit.text.token_rows import tokenised

SIZES = {"width": 8, "layers": 1, "heads": 2, "hidden": 16}


def made():
    model = train_pieces(["the soup was cold and the waiter was slow today .", "a waiter was cold ."] * 5, "bpe", 330)
    return Pair(*(SentencePieceCodec(domain, model=model) for domain in ("a", "b")))


@pytest.fixture(scope="module")
def codecs():
    found = made()
    found.a.typical, found.b.typical = 6.0, 9.0
    return found


@pytest.fixture
def source(codecs):
    return codecs.a.encode(["the soup was cold and the waiter was slow today"] * 8)


def generator(codecs, **options):
    torch.manual_seed(0)
    return build("generator", "transformer", codecs.a, codecs.b, options={**SIZES, **options})


def test_the_expected_ratio_is_that_of_the_domains(codecs):
    assert expected_ratio(codecs.a, codecs.b) == 1.5
    assert expected_ratio(codecs.b, codecs.a) == pytest.approx(2 / 3)
    assert expected_ratio(made().a, codecs.b) == 1.0


@pytest.mark.parametrize("start", [-4.0, 0.0, 4.0])
def test_what_is_drawn_comes_to_the_expected_length(codecs, source, start):
    network = generator(codecs, calibrated_end=True)
    network.end_bias.wanted = 8 / source.data.shape[1]
    network.end_bias.bias.fill_(start)
    network.train()
    lengths = []
    for _ in range(150):
        with torch.no_grad():
            lengths.append(network(source).mask.sum() / 8)
    assert torch.stack(lengths[-40:]).mean() == pytest.approx(8, rel=0.2)
    network.eval()
    before = network.end_bias.bias.clone()
    network(source)
    assert torch.equal(network.end_bias.bias, before)  # only training moves it


def test_the_bias_stays_within_bounds_and_travels_with_the_weights(codecs, source):
    bias = EndBias(codecs.a, codecs.b)
    nothing = torch.zeros(8, 3, dtype=torch.bool)
    nothing[:, 0] = True
    for _ in range(200):
        bias.follow(source, nothing)
    assert float(bias.bias) == -LARGEST
    one, other = (generator(codecs, calibrated_end=True) for _ in range(2))
    one.end_bias.bias.fill_(1.5)
    other.load_state_dict(one.state_dict())
    assert float(other.end_bias.bias) == 1.5
    assert not any("end_bias" in name for name in generator(codecs).state_dict())  # older runs have none


@pytest.mark.parametrize("least", [0.3, 0.8])
def test_no_row_ends_before_its_least_length(codecs, source, least):
    network = generator(codecs, least_length=least, calibrated_end=True)
    network.end_bias.bias.fill_(LARGEST * 100)
    lengths = draw(network, Batch(source.data, source.mask), 0.5).mask.sum(1)
    assert lengths.tolist() == [int(least * 1.5 * source.data.shape[1]) + 1] * 8


def test_a_least_length_is_a_share(codecs):
    with pytest.raises(RecipeError, match="least_length is 2"):
        generator(codecs, least_length=2.0)


def test_what_mostly_ends_a_sentence_ends_one_as_much_as_its_end_token(codecs):
    codec = codecs.a
    rows = tokenised(codec, ["the soup was cold .", "a waiter was slow .", "slow . the soup was cold .", "cold soup"])
    stop = int(codec.encode(["."]).data[0, -2])
    assert closing_pieces(rows, codec) == [stop]
    bias = EndBias(codec, codec)
    assert bias.enders == [codec.end]
    codec.closing = [stop]
    try:
        bias = EndBias(codec, codec)
        bias.bias.fill_(2.0)
        logits = torch.zeros(3, codec.vocabulary)
        bias.applied(logits)
        assert logits.sum(0).nonzero()[:, 0].tolist() == sorted([codec.end, stop])
    finally:
        codec.closing = []
