"""Whose counters have just counted more than before is to be looked at first."""

from math import inf, nan

import pytest

from serinus.signals.jumps import jump
from serinus.signals.series import Series


def counter(*values: float) -> Series:
    return Series(labels={}, samples=tuple(enumerate(values)))


def test_a_counter_that_goes_on_as_it_did_does_not_jump() -> None:
    assert jump([counter(0, 10, 20, 30)]) == 0.0


def test_the_more_it_rises_above_its_past_the_higher_it_jumps() -> None:
    assert jump([counter(0, 0, 0, 30)]) > jump([counter(0, 0, 0, 3)]) > 0


def test_thirty_more_are_less_of_a_jump_for_who_counts_a_thousand() -> None:
    assert jump([counter(0, 1000, 2000, 3030)]) < jump([counter(0, 1, 2, 33)])


def test_the_highest_of_all_series_counts() -> None:
    assert jump([counter(0, 1, 2, 3), counter(0, 0, 0, 9)]) == jump([counter(0, 0, 0, 9)])


def test_what_was_born_with_its_first_sample_is_all_new() -> None:
    assert jump([counter(12)]) == 12.0


@pytest.mark.parametrize(
    "series",
    [
        [],
        [counter()],
        [counter(5, 9)],
        [counter(40, 50, 60, 0)],
        [counter(0, 1, nan)],
        [counter(nan)],
    ],
    ids=["no series", "no sample", "no past", "a restart", "no number", "only no number"],
)
def test_what_says_nothing_is_no_jump(series: list[Series]) -> None:
    assert jump(series) == 0.0


@pytest.mark.parametrize("values", [(inf,), (0, 1, inf), (inf, 0, 1), (inf, inf, inf, 3)])
def test_what_a_broken_server_tells_breaks_nothing(values: tuple[float, ...]) -> None:
    assert jump([counter(*values)]) >= 0.0
