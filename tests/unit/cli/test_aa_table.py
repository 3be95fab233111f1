"""The table of a replay on stable's own pods: numbers of good canaries, then of worse ones."""

import re
from math import inf

from serinus.cli.aa_table import OF_WORSE, table
from serinus.replay.by_objective import Alone
from serinus.replay.power import Found


def alone(objective: str) -> Alone:
    return Alone(objective=objective, rollouts=314, rolled_back=0, uncalibrated_rolled_back=12)


def found(objective: str, share: float, median: float, late: float) -> Found:
    return Found(
        objective=objective,
        excess=0.005,
        found_share=share,
        median_minutes=median,
        late_minutes=late,
    )


def test_what_is_never_found_has_no_time_and_each_regression_stands_with_its_objective() -> None:
    regressions = [found("error-rate", 0.4557, inf, inf), found("latency: slower", 0.998, 12, inf)]

    lines = table([alone("error-rate"), alone("latency")], regressions)

    assert [re.split("  +", line) for line in lines] == [
        ["objective", "rollouts", "rolled back", "by its rate alone", *OF_WORSE],
        ["error-rate", "314", "0", "12", "0.5 points", "45 %", "-", "-"],
        ["latency", "314", "0", "12", "0.5 points slower", "99 %", "12 min", "-"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_without_regressions_there_are_no_columns_for_them() -> None:
    head, row = table([alone("error-rate")], [])

    assert head.split("  ")[-1] == "by its rate alone"
    assert row.split() == ["error-rate", "314", "0", "12"]


def test_of_no_objective_there_is_no_table() -> None:
    assert table([], []) == []
