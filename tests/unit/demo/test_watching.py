"""Waiting ends: with what was awaited, with its impossibility, or with the time."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from demo.errors import StoryError, UnreachableError
from demo.sights import Sight
from demo.watching import POLL_SECONDS, Watcher
from serinus.resource.status import Phase
from tests.unit.demo.recorded import resource, status, summary


@dataclass
class Clock:
    now: float = 1000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Script:
    """Answers in order; the last one goes on for ever; an exception is raised."""

    resources: list[Any]
    summaries: list[Any] = field(default_factory=lambda: [None])

    def resource(self) -> Any:
        return _next(self.resources)

    def load_summary(self) -> Any:
        return _next(self.summaries)


def _next(answers: list[Any]) -> Any:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


def watcher(script: Script, shown: list[Sight] | None = None) -> tuple[Watcher, Clock]:
    clock = Clock()
    seen = shown if shown is not None else []
    return Watcher(script, seen.append, wall_clock=clock.time, sleep=clock.sleep), clock


def is_healthy(sight: Sight) -> bool:
    return sight.status.phase is Phase.HEALTHY


PENDING = resource(status(phase=Phase.PENDING, message="0 of 2 pods are ready"))


def test_waiting_ends_with_the_first_look_that_shows_what_is_awaited() -> None:
    shown: list[Sight] = []
    watch, clock = watcher(Script([PENDING, PENDING, resource()]), shown)
    assert watch.until(is_healthy, "healthy", 10).status.phase is Phase.HEALTHY
    assert [sight.status.phase for sight in shown] == ["Pending", "Pending", "Healthy"]
    assert clock.now == 1000 + 2 * POLL_SECONDS


def test_waiting_ends_when_the_time_is_over_and_says_what_status_said() -> None:
    watch, clock = watcher(Script([PENDING]))
    with pytest.raises(
        StoryError, match=r"healthy: not within 10 s; status says: 0 of 2 pods are ready"
    ):
        watch.until(is_healthy, "healthy", 10)
    assert clock.now < 1012


def test_waiting_ends_at_once_when_it_has_become_hopeless() -> None:
    watch, clock = watcher(Script([PENDING]))
    with pytest.raises(StoryError, match="can't be any more"):
        watch.until(is_healthy, "healthy", 10, hopeless=lambda _: True)
    assert clock.now == 1000


def test_a_look_that_fails_is_followed_by_another() -> None:
    watch, _ = watcher(Script([UnreachableError("reset"), resource()]))
    assert watch.until(is_healthy, "healthy", 10).status.phase is Phase.HEALTHY


def test_looks_that_go_on_failing_are_named_in_the_end() -> None:
    watch, _ = watcher(Script([UnreachableError("no route to host")]))
    with pytest.raises(StoryError, match="no route to host"):
        watch.until(is_healthy, "healthy", 10)


def test_counts_that_are_not_to_be_had_for_once_are_kept() -> None:
    watch, _ = watcher(Script([resource()], [summary({"v1": 5}), None]))
    watch.look()
    kept = watch.look().load
    assert kept is not None
    assert kept.by("v1").requests == 5
