"""Events: short enough to be taken, and no more of one kind than anybody reads."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from serinus.adapters.kubernetes_events import Restraint, event_of
from serinus.decide.decision import Happening

UNAVAILABLE = Happening(reason="MetricsUnavailable", message="no answer", is_warning=True)
ENTERED = Happening(reason="StepEntered", message="version 2 gets 5 %")


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def told(restraint: Restraint, happening: Happening, times: int, uid: str = "a") -> int:
    return sum(restraint.allows(uid, happening) for _ in range(times))


@pytest.mark.parametrize(("happening", "at_once"), [(UNAVAILABLE, 5), (ENTERED, 30)])
def test_what_comes_and_goes_is_told_a_few_times_and_then_now_and_then(
    happening: Happening, at_once: int
) -> None:
    clock = Clock()
    restraint = Restraint(clock)
    assert told(restraint, happening, 100) == at_once
    clock.seconds += 299
    assert told(restraint, happening, 100) == 0
    clock.seconds += 1
    assert told(restraint, happening, 100) == 1


def test_one_reason_of_one_resource_silences_no_other() -> None:
    restraint = Restraint(Clock())
    assert told(restraint, UNAVAILABLE, 100) == 5
    assert told(restraint, UNAVAILABLE, 1, uid="b") == 1
    assert told(restraint, Happening(reason="RolledBack", message="m", is_warning=True), 1) == 1


def test_what_was_told_long_ago_is_not_kept() -> None:
    clock = Clock()
    restraint = Restraint(clock)
    for number in range(100):
        told(restraint, UNAVAILABLE, 1, uid=str(number))
        clock.seconds += 301
    assert len(restraint._spent_until) == 1


def test_a_message_is_cut_to_the_bytes_that_an_event_may_have() -> None:
    happening = Happening(reason="RolledBack", message="é" * 2000)
    message = event_of("prod", "fraud", "uid-1", happening, "serinus-0")["message"]
    assert len(message.encode()) == 1024
    assert set(message) == {"é"}
