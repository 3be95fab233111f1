from datetime import timedelta
from typing import Any

import pytest

from serinus.report.freshness import only_numbers_changed, untold_seconds
from serinus.resource.status import (
    Condition,
    Phase,
    Rollout,
    ServingRevision,
    Status,
    TerminalKind,
    VerdictValue,
)
from tests.build import CANARY, NOW, ago, preparing, rollout, terminal, verdict


def status(seconds: float = 0, samples: int = 100, **changes: Any) -> Status:
    reason = changes.pop("reason", "Analysing")
    counted = verdict()
    ready = Condition(
        type="Ready",
        status="False",
        reason=reason,
        message=f"{samples} samples",
        last_transition_time=NOW,
    )
    told: dict[str, Any] = {
        "phase": Phase.PROGRESSING,
        "message": f"{samples} samples",
        "conditions": (ready,),
        "verdicts": (counted.model_copy(update={"canary_samples": samples}),),
        "as_of": NOW + timedelta(seconds=seconds),
        "weight": 10,
    }
    return Status(**{**told, **changes})


def test_higher_counts_a_moment_later_are_no_news() -> None:
    assert only_numbers_changed(status(), status(10, samples=200))


def test_that_a_step_goes_on_after_it_was_entered_is_no_news() -> None:
    assert only_numbers_changed(status(reason="StepEntered"), status(10, reason="Analysing"))


def test_after_half_a_minute_they_are_told() -> None:
    assert not only_numbers_changed(status(), status(30, samples=200))


@pytest.mark.parametrize(
    "after",
    [
        status(1, weight=50),
        status(1, phase=Phase.PAUSED),
        status(1, reason="CanaryStarting"),
        status(1, verdicts=(verdict().model_copy(update={"verdict": VerdictValue.FAIL}),)),
        status(1, verdicts=()),
        status(1, ready_replicas=2),
    ],
)
def test_all_else_is_told_at_once(after: Status) -> None:
    assert not only_numbers_changed(status(), after)


def test_a_message_that_does_not_count_is_told_at_once() -> None:
    before = status(reason="CanaryStarting", samples=1)
    assert not only_numbers_changed(before, status(1, reason="CanaryStarting", samples=2))


def test_without_a_time_there_is_nothing_to_compare_with() -> None:
    assert not only_numbers_changed(Status(), status())


STUCK = Condition(
    type="Ready", status="True", reason="EveryStepPassed", message="", last_transition_time=NOW
)


def starting(ready: int = 0, reason: str = "CanaryStarting", **changes: Any) -> Status:
    return status(reason=reason, samples=ready, **{"rollout": asked(4), "as_of": None, **changes})


def asked(seconds_ago: float) -> Rollout:
    return preparing(capacity_asked_at=ago(seconds_ago))


def carried_out(words: str, decided: float = 4, **changes: Any) -> Status:
    promote = terminal(TerminalKind.PROMOTE).model_copy(update={"at": ago(decided)})
    return status(
        reason="EveryStepPassed",
        **{"message": words, "decision": promote, "rollout": rollout(weight=50), **changes},
    )


def swapped(seconds_ago: float) -> ServingRevision:
    return ServingRevision(revision=CANARY, version="2", since=ago(seconds_ago))


WAITS: dict[str, tuple[Status, Status, float]] = {
    "pods that were asked for": (starting(reason="RolloutStarted"), starting(), 6),
    "how many of them are ready": (starting(1), starting(2), 6),
    "pods that take longer": (starting(1, rollout=asked(10)), starting(2, rollout=asked(10)), 0),
    "what takes the place of waiting": (starting(), starting(reason="StepEntered"), 0),
    "a pod of stable that is gone": (starting(), starting(ready_replicas=1), 0),
    "where a promotion stands": (carried_out("decided"), carried_out("moving all traffic"), 6),
    "its whole traffic": (
        carried_out("decided"),
        carried_out("moving all traffic", weight=100, rollout=rollout(weight=100)),
        6,
    ),
    "a promotion that takes longer": (carried_out("decided", 10), carried_out("moving", 10), 0),
    "the swap": (carried_out("moving"), carried_out("swapped", stable=swapped(0)), 0),
    "where it stands after the swap": (
        carried_out("swapped", 60, stable=swapped(3)),
        carried_out("waiting", 60, stable=swapped(3)),
        7,
    ),
    "the end": (carried_out("waiting"), carried_out("stable", decision=None), 0),
    "a person who is needed": (
        carried_out("decided"),
        carried_out("stuck", conditions=(STUCK,)),
        0,
    ),
    "the rollout's own words": (status(message="a"), status(1, reason="Paused"), 0),
}


@pytest.mark.parametrize("what", WAITS)
def test_what_is_over_within_seconds_is_not_told(what: str) -> None:
    before, after, seconds = WAITS[what]
    assert untold_seconds(before, after, NOW) == seconds
