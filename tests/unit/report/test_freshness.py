from datetime import timedelta
from typing import Any

import pytest

from serinus.report.freshness import only_numbers_changed
from serinus.resource.status import Condition, Phase, Status, VerdictValue
from tests.build import NOW, verdict


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
