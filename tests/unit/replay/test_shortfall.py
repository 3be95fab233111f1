"""What is missing for a calibration is said as a person would."""

import pytest

from serinus.replay.pseudo import Cuts
from serinus.replay.shortfall import not_by_pod, shortfall

YOUNG = Cuts(deploys=0, single=0, incidents=0, empty=1_000_000)
"""Nothing is cut out, and most of the time that is looked back on is from before the model."""


@pytest.mark.parametrize(
    ("found", "minutes", "says"),
    [
        (0, 3, "0 pseudo-rollouts of 3 min in the past, 300 needed: about 7.5 h more"),
        (290, 3, "290 pseudo-rollouts of 3 min in the past, 300 needed: about 15 min more"),
        (200, 1, "200 pseudo-rollouts of 1 min in the past, 300 needed: about 50 min more"),
        (250, 60, "250 pseudo-rollouts of 1 h in the past, 300 needed: about 25 h more"),
        (48, 60, "48 pseudo-rollouts of 1 h in the past, 300 needed: about 5.2 days more"),
    ],
)
def test_times_are_told_in_minutes_hours_or_days_whichever_are_few(
    found: int, minutes: int, says: str
) -> None:
    assert shortfall(found, found // 2, YOUNG, minutes) == f"{says}, or more pods"


def test_the_more_pods_there_are_the_less_time_is_missing() -> None:
    told = [shortfall(60, 60 // pods, YOUNG, 60) for pods in (2, 3, 4)]

    assert [each.partition("about ")[2].partition(" more")[0] for each in told] == [
        "5.0 days",
        "3.3 days",
        "2.5 days",
    ]


def test_nothing_is_missing_of_enough() -> None:
    assert shortfall(300, 150, YOUNG, 60) == ""
    assert shortfall(299, 150, YOUNG, 60) != ""


def test_one_pod_is_told_to_be_too_few_and_deploys_to_be_cut_out() -> None:
    assert "stable has one pod" in shortfall(0, 0, YOUNG._replace(single=4), 60)
    assert "(3 stretches with deploys are cut out)" in shortfall(
        10, 5, YOUNG._replace(deploys=3), 60
    )


def test_where_waiting_helps_nothing_it_is_not_advised() -> None:
    week = Cuts(deploys=20, single=0, incidents=0, empty=0)

    assert shortfall(296, 148, week, 60).endswith(
        "300 needed: the time that is looked back on has room for no more; fewer deploys, "
        "more pods, or shorter rollouts (maxDuration)"
    )
    assert shortfall(296, 148, week._replace(empty=2), 60).endswith("about 2 h more, or more pods")


def test_what_is_counted_by_a_gateway_is_told_to_have_no_pods() -> None:
    """Of a model behind a proxy whose metrics are asked there is no expression to be blamed."""
    assert not_by_pod(["error-rate", "latency"]) == (
        "error-rate, latency: an expression or a gateway's metrics tell no pods apart; "
        "it takes counters of the pods' own"
    )
