import pytest
import torch

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, build
from cyclekit.text.codec import SentencePieceCodec, train_pieces

SIZES = {"width": 8, "layers": 1, "heads": 2, "hidden": 16, "dropout": 0.0, "word_dropout": 0.0}


@pytest.fixture
def codecs():
    model = train_pieces(["the soup was cold today .", "la soupe est froide ."] * 5, "bpe", 330)
    found = Pair(*(SentencePieceCodec(domain, model=model) for domain in ("a", "b")))
    for codec, sentence in zip(found, ("the soup was cold today .", "la soupe est froide .")):
        codec.allowed = torch.zeros(codec.vocabulary, dtype=torch.bool)
        codec.allowed[codec.encode([sentence]).data[0]] = True
    return found


def generator(codecs, **options):
    torch.manual_seed(0)
    return build("generator", "transformer", codecs.a, codecs.b, options={**SIZES, **options})


@pytest.mark.parametrize("target", ["la soupe est froide .", "la soupe est cold ."])  # the second is not all its own
def test_an_own_softmax_learns_which_of_its_own_pieces_comes_next(codecs, target):
    source, wanted = codecs.a.encode(["the soup was cold today ."]), codecs.b.encode([target])
    losses = []
    for own in (True, False):
        made = generator(codecs, own_softmax=own)(source, wanted)
        if not own:  # all pieces but the domain's own and the target's taken out by hand
            kept = codecs.b.allowed.index_fill(0, wanted.data[0], True)
            made = made._replace(logits=made.logits.multiplied().masked_fill(~kept, -torch.inf))
        losses.append(build("reconstruction", "token_nll", options={})(made, wanted))
    torch.testing.assert_close(losses[0], losses[1])


def test_an_own_softmax_reaches_only_the_pieces_it_chooses_among(codecs):
    network = generator(codecs, own_softmax=True)
    source, wanted = codecs.a.encode(["the soup was cold today ."]), codecs.b.encode(["la soupe est froide ."])
    build("reconstruction", "token_nll", options={})(network(source, wanted), wanted).backward()
    reached = network.embeddings.grad.abs().sum(1) > 0
    known = codecs.b.allowed | codecs.a.allowed  # chosen among, or read
    assert not reached[~known].any()
    assert reached[codecs.b.allowed].all()


def test_an_own_softmax_needs_domains_with_pieces_of_their_own(codecs):
    codecs.b.allowed = None
    with pytest.raises(RecipeError, match=r"set data\.own_words=true"):
        generator(codecs, own_softmax=True)
