"""When a calibration is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from serinus.replay.schedule import is_due
from serinus.resource.calibration import Calibration
from serinus.resource.status import Memory, Rollout, ServingRevision

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def made(at: datetime, policy: str = "p", threshold: int | None = 46053) -> Calibration:
    return Calibration(policy=policy, at=at, threshold=threshold, rollouts=300, message="")


def serving(since: datetime, rollout_at: datetime | None = None) -> Memory:
    """Return what is remembered of a service, and of a rollout that waits for its pods."""
    stable = ServingRevision(revision="a", version="1", since=since)
    to_come = rollout_at and Rollout(
        revision="b", version="2", started_at=rollout_at, capacity_asked_at=rollout_at
    )
    return Memory(stable=stable, rollout=to_come)


def test_what_was_never_calibrated_is_due() -> None:
    assert is_due("p", None, Memory(), "uid", NOON)


def test_a_new_policy_is_due_at_once() -> None:
    assert is_due("q", made(NOON), Memory(), "uid", NOON)


def test_other_incidents_are_calibrated_without_at_once() -> None:
    known = made(NOON).model_copy(update={"incidents": "outage"})

    assert is_due("p", known, Memory(), "uid", NOON)
    assert is_due("p", known, Memory(), "uid", NOON, "outage and another")
    assert not is_due("p", known, Memory(), "uid", NOON, "outage")


def test_one_of_today_is_good_until_the_night() -> None:
    assert not is_due("p", made(NOON), Memory(), "uid", NOON + timedelta(hours=11))
    assert is_due("p", made(NOON), Memory(), "uid", NOON + timedelta(hours=19))


def test_a_fleet_is_spread_over_the_night() -> None:
    def hour(uid: str) -> int:
        return next(
            hours
            for hours in range(25)
            if is_due("p", made(NOON), Memory(), uid, NOON + timedelta(hours=12 + hours))
        )

    assert {hour(f"uid-{n}") for n in range(200)} == {1, 2, 3, 4, 5, 6}


def test_a_service_that_has_only_begun_is_looked_at_again_at_twice_its_age() -> None:
    memory, at = serving(since=NOON), NOON + timedelta(seconds=20)
    looked_at = []
    for minute in range(10 * 60):
        now = NOON + timedelta(minutes=minute)
        if is_due("p", made(at, threshold=None), memory, "uid", now):
            at = now
            looked_at.append(minute)

    assert looked_at == [10, 20, 40, 80, 160, 320]
    assert not is_due("p", made(NOON), memory, "uid", NOON + timedelta(hours=9))


def test_before_a_rollout_the_traffic_of_now_is_what_counts() -> None:
    morning = NOON - timedelta(hours=3)
    memory = serving(since=NOON - timedelta(days=9), rollout_at=NOON)

    assert is_due("p", made(morning), memory, "uid", NOON)
    assert not is_due("p", made(NOON), memory, "uid", NOON + timedelta(minutes=2))
    assert not is_due("p", made(morning), serving(NOON - timedelta(days=9)), "uid", NOON)
