"""When a calibration is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from serinus.replay.schedule import is_due
from serinus.resource.calibration import Calibration

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def made(at: datetime, policy: str = "p") -> Calibration:
    return Calibration(policy=policy, at=at, message="")


def test_what_was_never_calibrated_is_due() -> None:
    assert is_due("p", None, "uid", NOON)


def test_a_new_policy_is_due_at_once() -> None:
    assert is_due("q", made(NOON), "uid", NOON)


def test_one_of_today_is_good_until_the_night() -> None:
    assert not is_due("p", made(NOON), "uid", NOON + timedelta(hours=11))
    assert is_due("p", made(NOON), "uid", NOON + timedelta(hours=19))


def test_a_fleet_is_spread_over_the_night() -> None:
    def hour(uid: str) -> int:
        return next(
            h for h in range(25) if is_due("p", made(NOON), uid, NOON + timedelta(hours=12 + h))
        )

    assert {hour(f"uid-{n}") for n in range(200)} == {1, 2, 3, 4, 5, 6}
