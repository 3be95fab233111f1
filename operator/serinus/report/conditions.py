"""Conditions by kstatus, keeping the time of the last change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from serinus.resource.status import Condition

LONGEST_MESSAGE = 2000
"""The status takes no longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one condition should say now."""

    type: str
    is_true: bool
    reason: str
    message: str


def conditions(
    claims: tuple[Claim, ...], old: tuple[Condition, ...], generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return the conditions; one whose status is unchanged keeps its transition time."""
    before = {condition.type: condition for condition in old}
    return tuple(_condition(claim, before.get(claim.type), generation, now) for claim in claims)


def _condition(
    claim: Claim, before: Condition | None, generation: int, now: datetime
) -> Condition:
    status = "True" if claim.is_true else "False"
    is_same = before is not None and before.status == status
    since = before.last_transition_time if before is not None and is_same else _second(now)
    return Condition(
        type=claim.type,
        status=status,
        reason=claim.reason,
        message=claim.message[:LONGEST_MESSAGE],
        last_transition_time=since,
        observed_generation=generation,
    )


def _second(moment: datetime) -> datetime:
    """Conditions are told to the second, as everywhere in Kubernetes."""
    return moment.replace(microsecond=0)
