from math import exp, log

import numpy as np
import pytest

from serinus.evidence import settling
from serinus.evidence.settling import invested
from serinus.evidence.slots import Shape, Slots, slots_of
from serinus.evidence.wealth import Nats, Units, log_mean, log_total


def one_bet(alternatives: int) -> Slots:
    return slots_of({"it": Shape(1, alternatives)})


def wealth_of(alternatives: int) -> Units:
    return one_bet(alternatives).in_cash(1)


def bet(wealth: Units, share: float, weights: tuple[float, ...] = (0.5, 0.5)) -> Units:
    return invested(one_bet(len(weights)), wealth, np.array([[share]]), np.array([weights]))


def grown(wealth: Units, log_e_values: Nats) -> Units:
    return settling.grown(one_bet(log_e_values.shape[1]), wealth, log_e_values)


def total(wealth: Units) -> float:
    return exp(float(log_total(wealth)[0]))


def logs(*numbers: float) -> Nats:
    found: Nats = np.log(np.array([numbers]))
    return found


def test_it_starts_at_one() -> None:
    assert total(wealth_of(3)) == 1
    assert total(bet(wealth_of(2), 0.5)) == pytest.approx(1, abs=1e-3)


def test_what_is_invested_grows_and_cash_does_not() -> None:
    after = grown(bet(wealth_of(2), 0.5), logs(8, 2))
    assert total(after) == pytest.approx(0.5 + 0.5 * (8 + 2) / 2, rel=1e-3)


def test_a_late_bet_does_not_carry_early_losses() -> None:
    """The first half is as good as lost; a fifth of the rest has grown a thousandfold."""
    early = grown(bet(wealth_of(1), 0.5, (1.0,)), np.array([[-50.0]]))
    late = grown(bet(early, 0.2, (1.0,)), logs(1000))
    assert total(late) == pytest.approx(0.4 + 0.1 * 1000, rel=1e-3)


def test_alternatives_may_be_weighted() -> None:
    after = grown(bet(wealth_of(2), 0.5, (0.9, 0.1)), logs(8, 2))
    assert total(after) == pytest.approx(0.5 + 0.5 * 7.4, rel=1e-3)


def test_without_any_alternative_worth_it_nothing_is_bet() -> None:
    kept = bet(wealth_of(2), 0.5, (0.0, 0.0))
    assert total(grown(kept, logs(1e9, 1e9))) == 1


def test_what_is_stored_never_claims_more_than_was_won() -> None:
    after = bet(wealth_of(2), 0.5)
    for _ in range(100):
        after = grown(after, np.array([[0.00009, 0.00009]]))
    assert total(after) <= 1


def test_waiting_costs_nothing() -> None:
    kept = bet(wealth_of(2), 0.5)
    for _ in range(1440):
        kept = bet(kept, 0.0)
    assert kept.tolist() == bet(wealth_of(2), 0.5).tolist()


def test_all_of_a_batch_are_on_their_own() -> None:
    both = grown(one_bet(1).in_cash(2), np.zeros((2, 1)))
    both = invested(one_bet(1), both, np.array([[0.5], [0.1]]), np.ones((2, 1)))
    both = grown(both, np.log(np.array([[3.0], [101.0]])))
    assert np.exp(log_total(both)) == pytest.approx([2, 11], rel=1e-3)


def test_the_mean_of_logarithms_is_the_logarithm_of_the_mean() -> None:
    some = np.array([[True, True], [True, False], [False, False]])
    three = np.log(np.array([[2.0, 8.0]] * 3))
    assert np.exp(log_mean(three, some)) == pytest.approx([5, 2, 1])
    apart = np.array([[1000.0, -1000.0]])
    assert log_mean(apart, some[:1]) == pytest.approx([1000 - log(2)])
