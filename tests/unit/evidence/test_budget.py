from collections.abc import Iterable
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.budget import shared_out
from serinus.evidence.wealth import UNITS_PER_NAT


def parts(weights: dict[str, int]) -> dict[str, float]:
    return {name: exp(units / UNITS_PER_NAT) for name, units in weights.items()}


def about(**expected: float) -> object:
    return pytest.approx(expected, rel=1e-3)


def alike(names: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(names, 1.0)


BEGINNING = shared_out({}, {}, alike("abcd"))


def test_it_is_shared_evenly_and_never_more_than_there_is() -> None:
    assert parts(BEGINNING) == about(a=0.25, b=0.25, c=0.25, d=0.25)
    assert sum(parts(BEGINNING).values()) <= 1


def test_nothing_changes_while_nothing_changes() -> None:
    assert shared_out(BEGINNING, {"a": 3.0}, alike("abcd")) == BEGINNING


def test_what_was_spent_on_an_objective_is_not_refunded() -> None:
    """`d` had lost nine tenths of its bets; what takes its place has a tenth of its part."""
    after = shared_out(BEGINNING, {"d": -2.302585}, alike("abce"))
    assert parts(after) == about(a=0.25, b=0.25, c=0.25, e=0.025)


def test_what_it_had_won_is_not_passed_on() -> None:
    after = shared_out(BEGINNING, {"d": 5.0}, alike("abce"))
    assert parts(after) == about(a=0.25, b=0.25, c=0.25, e=0.25)


def test_what_is_left_of_an_objective_makes_no_room_for_others() -> None:
    assert parts(shared_out(BEGINNING, {}, alike("ab"))) == about(a=0.25, b=0.25)


def test_an_objective_more_is_paid_for_by_all_others() -> None:
    after = shared_out(BEGINNING, {}, alike("abcde"))
    assert parts(after) == about(a=0.125, b=0.125, c=0.125, d=0.125, e=0.5)


def test_changing_all_of_them_again_and_again_gains_nothing() -> None:
    weights = BEGINNING
    for number in range(30):
        names = [f"{name}{number}" for name in "abcd"]
        weights = shared_out(weights, dict.fromkeys(weights, -1.0), alike(names))
        assert sum(parts(weights).values()) <= exp(-number) * 1.01


def test_the_more_critical_of_two_has_the_larger_part() -> None:
    assert parts(shared_out({}, {}, {"a": 8, "b": 1, "c": 1})) == about(a=0.8, b=0.1, c=0.1)


def test_what_becomes_critical_on_the_way_does_so_for_the_next_rollout() -> None:
    """Whoever has seen the evidence could else put all of the budget on what it speaks against."""
    assert shared_out(BEGINNING, {"a": 6.0}, alike("abcd") | {"a": 100}) == BEGINNING


def test_newcomers_divide_what_is_left_by_how_critical_they_are() -> None:
    after = shared_out(BEGINNING, {"d": -2.302585}, alike("abc") | {"e": 3, "f": 1})
    assert parts(after) == about(a=0.25, b=0.25, c=0.25, e=0.01875, f=0.00625)


EDITS = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 100), min_size=1), min_size=1
)


@given(EDITS, st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-20, 20)))
def test_no_edit_makes_more_of_the_budget_than_there_is(
    edits: list[dict[str, int]], against: dict[str, float]
) -> None:
    """What is staked, lost bets included, is never more than one."""
    weights: dict[str, int] = {}
    for wanted in edits:
        weights = shared_out(weights, against, wanted)
        assert sum(parts(weights).values()) <= 1
        assert weights.keys() == wanted.keys()
