"""Conditions: by kstatus, and since when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from serinus.report.conditions import Claim, conditions
from serinus.resource.status import Condition
from tests.build import NOW, ago


def claim(*, is_true: bool, kind: str = "Ready", message: str = "m") -> Claim:
    return Claim(type=kind, is_true=is_true, reason="R", message=message)


def told(*claims: Claim, old: tuple[Condition, ...] = ()) -> tuple[Condition, ...]:
    return conditions(claims, old, 7, NOW)


def before(status: str, kind: str = "Ready") -> Condition:
    return Condition.model_validate(
        {
            "type": kind,
            "status": status,
            "reason": "Old",
            "message": "old",
            "last_transition_time": ago(500),
        }
    )


@pytest.mark.parametrize(
    ("status", "is_true", "since"),
    [
        ("True", True, ago(500)),
        ("False", False, ago(500)),
        ("False", True, NOW),
        ("True", False, NOW),
        ("Unknown", False, NOW),
    ],
)
def test_its_time_is_that_of_its_last_change(status: str, is_true: bool, since: object) -> None:
    (condition,) = told(claim(is_true=is_true), old=(before(status),))
    assert condition.last_transition_time == since
    assert condition.status == str(is_true)


def test_a_new_condition_begins_now_and_to_the_second() -> None:
    now = NOW + timedelta(microseconds=123456)
    (condition,) = conditions((claim(is_true=True),), (), 7, now)
    assert condition.last_transition_time == NOW


def test_another_condition_of_the_same_status_lends_it_no_time() -> None:
    (condition,) = told(claim(is_true=True), old=(before("True", "Stalled"),))
    assert condition.last_transition_time == NOW


def test_reason_message_and_generation_are_those_of_now() -> None:
    (condition,) = told(claim(is_true=True), old=(before("True"),))
    assert (condition.reason, condition.message) == ("R", "m")
    assert condition.observed_generation == 7


def test_a_message_is_cut_to_what_the_status_takes() -> None:
    (condition,) = told(claim(is_true=True, message="x" * 5000))
    assert len(condition.message) == 2000
