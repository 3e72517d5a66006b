import pytest

from cyclekit.core.batch import Pair
from cyclekit.text.lexicon import induce
from tests.text.lexicon.ciphers import ADJECTIVES, TOPICS, ciphered, shared, texts


@pytest.fixture(scope="module")
def made():
    return induce(texts(700), dimensions=80, window=6, seeds=("identical",))


def test_a_cipher_is_read_without_a_single_pair(made):
    words = made.directions.b.source.words
    truths = {"b": {word: ciphered(word) for word in words}, "a": {ciphered(word): word for word in words}}
    for target, truth in truths.items():
        pairs = getattr(made.directions, target).pairs(40)
        assert sum(found == truth[word] for word, found, _ in pairs) >= 28, pairs
        assert all(0 <= share <= 1.0001 for *_, share in pairs)
        begun_with = sum(shared(word) for word, *_ in pairs)
        assert begun_with < 22  # most of what is right was learned


def test_words_that_stand_in_another_order_are_learned_where_neighbours_may_swap():
    adjectives = [topic + ending for topic in TOPICS for ending in ADJECTIVES]
    right = {}
    for swap in (None, 1.0):
        lexicon = induce(texts(700, after=True), dimensions=80, window=6, seeds=("identical",), swap=swap)
        right[swap] = lexicon.directions.b.precision([(word, ciphered(word)) for word in adjectives])[0]
    assert right[1.0] > right[None] + 20
    made = lexicon.directions.b.translated(["the big bota bat in the blum ."])
    assert made[0].split()[1:3] == ["bota", "xgib"]


def test_rare_words_that_are_written_alike_are_found_by_their_spelling():
    sides = texts(120)
    alike = [" ".join(w[:0:-1] + "os" if w.startswith("xmul") else w for w in line.split()) for line in sides.b]
    gold = [(topic + "lum", topic + "lumos") for topic in TOPICS]
    right = [
        induce(Pair(sides.a, alike), dimensions=40, seeds=("identical",), spelling=spelling).directions.b.precision(
            gold
        )[0]
        for spelling in (0.0, 1.0)
    ]
    assert right[1] > 60
    assert right[1] > right[0]


def test_precision_counts_the_words_that_a_dictionary_has(made):
    words = made.directions.b.source.words
    right = dict(pair[:2] for pair in made.directions.b.pairs())
    gold = [(word, right[word]) for word in words[:6]] + [(words[6], right[words[0]]), ("unheard-of", "x")]
    assert made.directions.b.precision(gold) == (pytest.approx(600 / 7), 7)
    assert made.directions.b.precision([("unheard-of", "x")])[1] == 0


def test_sentences_are_translated_word_by_word_and_keep_what_is_unknown(made):
    found = made.directions.b.translated(["the bota bat in the blum .", "", "the unheard-of bak ."])
    assert [len(sentence.split()) for sentence in found] == [7, 0, 4]
    assert found[0].split()[0] == "xeht"
    assert "unheard-of" in found[2].split()


def test_it_says_what_it_was_made_of(made):
    assert made.facts["seeds"]["identical"] >= 20
    assert made.facts["running words covered (%)"] == [100.0, 100.0]
    assert 0 < made.facts["mean cosine of partners"] <= 1


def test_the_same_text_gives_the_same_lexicon(made):
    again = induce(texts(700), dimensions=80, window=6, seeds=("identical",))
    for one, other in zip(made.directions, again.directions):
        assert one.pairs() == other.pairs()


def test_a_dictionary_is_what_it_begins_with_where_nothing_else_is(tmp_path):
    with pytest.raises(ValueError, match="no pair of words to begin with"):
        induce(texts(300), seeds=())
    words = sorted({word for sentence in texts(300).a for word in sentence.split()})[1::3]
    (tmp_path / "d.txt").write_text("".join(f"{word}\t{ciphered(word)}\n" for word in words))
    made = induce(texts(300), seeds=(), dictionary=[str(tmp_path / "d.txt")], dimensions=40)
    assert 0.8 * len(words) < made.facts["seeds"]["dictionary"] <= len(words)
    share, asked = made.directions.b.precision([(word, ciphered(word)) for word in words])
    assert asked > 40
    assert share > 80


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"window": 0}, "window is 0"),
        ({"words": 3}, "words is 3"),
        ({"rounds": 0}, "rounds is 0"),
        ({"spelling": -0.1}, "spelling is -0.1"),
        ({"seeds": ("rhymes",)}, "there is no kind 'rhymes'"),
        ({"dictionary": ["nowhere.txt"]}, "nowhere.txt cannot be read"),
    ],
)
def test_what_makes_no_lexicon_is_one_line(options, why):
    with pytest.raises(ValueError, match=why):
        induce(texts(100), **options)
