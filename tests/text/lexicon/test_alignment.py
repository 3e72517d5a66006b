import numpy
import pytest

from cyclekit.text.lexicon.alignment import cognates, csls, identical, likeness, rotation, self_learned, transported
from cyclekit.text.lexicon.vectors import unit


@pytest.fixture
def spaces():
    """Vectors, and the same ones turned and in another order."""
    random = numpy.random.default_rng(0)
    a = unit(random.normal(size=(60, 12)))
    turn, _ = numpy.linalg.qr(random.normal(size=(12, 12)))
    order = random.permutation(60)
    return a, (a @ turn)[order], turn, numpy.argsort(order)


def test_seeds_are_words_written_alike():
    assert identical(["a", "7", "dog"], ["7", "chien", "a"]) == [(0, 2), (1, 0)]
    assert cognates(["guitar", "dog", "camera"], ["caméra", "guitare", "eau"]) == [(0, 1), (2, 0)]
    assert cognates(["a"], ["b"]) == []


def test_a_rotation_is_found_and_is_orthogonal(spaces):
    a, b, turn, partner = spaces
    found = rotation(a.T @ b[partner])
    assert numpy.allclose(found, turn, atol=1e-6)
    assert numpy.allclose(found @ found.T, numpy.eye(12), atol=1e-9)


def test_few_seeds_become_the_whole_map(spaces):
    a, b, turn, partner = spaces
    seeds = [(place, int(partner[place])) for place in range(8)]
    assert numpy.allclose(self_learned(a, b, seeds), turn, atol=1e-6)


def test_a_hub_is_nobodys_translation():
    a = unit(numpy.eye(4)) * 1.0
    hub = numpy.concatenate([a * 0.8 + 0.1, a.mean(0, keepdims=True) + 0.3])
    assert (csls(a, hub).argmax(1) == numpy.arange(4)).all()


def test_a_plan_has_the_margins_that_it_was_given(spaces):
    a, b, turn, partner = spaces
    random = numpy.random.default_rng(1)
    shares = random.dirichlet(numpy.ones(60))
    plan = transported(a @ turn, b, (shares, shares[numpy.argsort(partner)]), [], 0.0)
    assert numpy.allclose(plan.sum(1), shares, atol=1e-3)
    assert (plan.argmax(1) == partner).mean() > 0.9
    bonus = [(0, int(partner[1]))]
    assert transported(a @ turn, b, (shares, shares), bonus, 2.0)[bonus[0]] > plan[bonus[0]]


def test_words_are_as_alike_as_their_letters_accents_aside():
    found = likeness(["guitar", "dog", "camera"], ["caméra", "guitare", "dog"])
    assert found.argmax(1).tolist() == [1, 0, 0]
    assert found[2, 0] == pytest.approx(1)
    assert 0.5 < found[0, 1] < 1
    assert (found[1] == 0).all()  # short words are alike by chance
    assert likeness(["a", "b"], ["a"]).shape == (2, 1)


def test_pairs_that_cost_less_get_more_of_the_plan(spaces):
    a, b, turn, partner = spaces
    shares = numpy.full(60, 1 / 60)
    cheaper = numpy.zeros((60, 60))
    other = int(partner[1])
    cheaper[0, other] = 1.5
    plans = [transported(a @ turn, b, (shares, shares), [], 0.0, less) for less in (None, 0 * cheaper, cheaper)]
    assert (plans[0] == plans[1]).all()
    assert plans[2][0, other] > 10 * plans[0][0, other]
