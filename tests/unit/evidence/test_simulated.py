"""How much less evidence a rollback takes where it is known how long a rollout lasts."""

from dataclasses import replace
from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.simulated import MINUTES, SAVINGS, KnownDuration, known_duration
from serinus.resource.rollout import RolloutPolicy, Step, Threshold

HOUR = RolloutPolicy(max_duration=3600.0, threshold=Threshold.SIMULATED)


def known(**changes: object) -> KnownDuration:
    found = known_duration(HOUR.model_copy(update=changes))
    assert found is not None
    return found


def test_a_threshold_that_holds_at_any_time_knows_no_duration() -> None:
    assert known_duration(RolloutPolicy()) is None


def test_less_is_asked_for_in_time_and_twice_as_much_afterwards() -> None:
    hour = known()

    assert hour.minutes == 60 + len(HOUR.steps) + 1
    assert hour.saved(0.01, 0) == hour.saved(0.01, hour.minutes - 1) > 0.2
    assert hour.saved(0.01, hour.minutes) == hour.saved(0.01, inf) == -log(2)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_duration": 24 * 3600.0},
        {"interval_seconds": 1.0},
        {"steps": (Step(weight=10), Step(weight=75))},
    ],
    ids=["a day", "a look a second", "three quarters of the traffic"],
)
def test_where_nothing_was_simulated_nothing_changes(changes: dict[str, object]) -> None:
    assert known(**changes).saved(0.01, 0) == known(**changes).saved(0.01, inf) == 0.0
    assert known(**changes).told(log(100), 0.0) == (
        "1 in 100 is asked for at any time: nothing was simulated for such a rollout"
    )


@pytest.mark.parametrize("rate", [1e-6, 0.49])
def test_nor_for_rates_beyond_those_of_the_table(rate: float) -> None:
    assert known().saved(rate, 0) == known().saved(rate, inf) == 0.0


@given(st.floats(0.0001, 0.2), st.floats(60, 29000), st.integers(1, 50), st.floats(5, 60))
def test_more_time_traffic_or_looks_never_save_more(
    rate: float, seconds: float, weight: int, interval: float
) -> None:
    duration = known(max_duration=seconds, steps=(Step(weight=weight),), interval_seconds=interval)

    less = duration.saved(rate, 0)

    assert 0 < less < 1
    assert (
        replace(duration, minutes=min(MINUTES[-1], duration.minutes + 30)).saved(rate, 0) <= less
    )
    assert replace(duration, largest_weight_percent=50).saved(rate, 0) <= less
    assert replace(duration, looks_a_minute=12).saved(rate, 0) <= less


def test_the_table_has_a_line_for_each_duration() -> None:
    assert {len(lines) for lines in SAVINGS.values()} == {len(MINUTES)}
