from math import exp

import pytest

from serinus.evidence.budget import shared_out
from serinus.evidence.wealth import UNITS_PER_NAT


def parts(weights: dict[str, int]) -> dict[str, float]:
    return {name: exp(units / UNITS_PER_NAT) for name, units in weights.items()}


def about(**expected: float) -> object:
    return pytest.approx(expected, rel=1e-3)


BEGINNING = shared_out({}, {}, ["a", "b", "c", "d"])


def test_it_is_shared_evenly_and_never_more_than_there_is() -> None:
    assert parts(BEGINNING) == about(a=0.25, b=0.25, c=0.25, d=0.25)
    assert sum(parts(BEGINNING).values()) <= 1


def test_nothing_changes_while_nothing_changes() -> None:
    assert shared_out(BEGINNING, {"a": 3.0}, ["a", "b", "c", "d"]) == BEGINNING


def test_what_was_spent_on_an_objective_is_not_refunded() -> None:
    """`d` had lost nine tenths of its bets; what takes its place has a tenth of its part."""
    after = shared_out(BEGINNING, {"d": -2.302585}, ["a", "b", "c", "e"])
    assert parts(after) == about(a=0.25, b=0.25, c=0.25, e=0.025)


def test_what_it_had_won_is_not_passed_on() -> None:
    after = shared_out(BEGINNING, {"d": 5.0}, ["a", "b", "c", "e"])
    assert parts(after) == about(a=0.25, b=0.25, c=0.25, e=0.25)


def test_what_is_left_of_an_objective_makes_no_room_for_others() -> None:
    assert parts(shared_out(BEGINNING, {}, ["a", "b"])) == about(a=0.25, b=0.25)


def test_an_objective_more_is_paid_for_by_all_others() -> None:
    after = shared_out(BEGINNING, {}, ["a", "b", "c", "d", "e"])
    assert parts(after) == about(a=0.125, b=0.125, c=0.125, d=0.125, e=0.5)


def test_changing_all_of_them_again_and_again_gains_nothing() -> None:
    weights = BEGINNING
    for number in range(30):
        names = [f"{name}{number}" for name in "abcd"]
        weights = shared_out(weights, dict.fromkeys(weights, -1.0), names)
        assert sum(parts(weights).values()) <= exp(-number) * 1.01
