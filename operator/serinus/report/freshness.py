"""How fresh a status has to be: what only counts on, or waits, is not worth a write a look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from serinus.resource.status import Status, Verdict

REFRESHED_EVERY_SECONDS = 30.0
TOLD_AFTER_SECONDS = 10.0
"""Who is on call looks at what stands still, not at what passes by itself within this time."""
COUNTING_REASONS = frozenset(
    {"StepEntered", "Analysing", "MetricsUnavailable", "Inconclusive", "InconclusiveAnalysis"}
)
"""Their messages carry counts, and differ at every look."""
SAME = {"StepEntered": "Analysing"}
"""What a step that was just entered comes to by itself, which is no news."""
STARTING_REASONS = frozenset(
    {"RolloutStarted", "RolloutRetried", "Superseded", "StepPassed"}
    | {"FirstRevisionStarting", "CanaryStarting", "ScalingUp"}
)
"""Pods were asked for and are waited for."""


def only_numbers_changed(before: Status, after: Status) -> bool:
    """Return whether a status says what the one before said, a moment later, with newer counts."""
    if before.as_of is None or after.as_of is None:
        return False
    if (after.as_of - before.as_of).total_seconds() >= REFRESHED_EVERY_SECONDS:
        return False
    return _said(before) == _said(after)


def untold_seconds(before: Status, after: Status, now: datetime) -> float:
    """Return for how long a status need not be told yet, 0 for one that is to be told now.

    It need not where it says of what was told before only how far that is: how many pods are
    ready that were asked for, or where a promotion or a rollback stands.
    """
    since = _waits_since(before, after)
    if since is None or _without_words(before) != _without_words(after):
        return 0.0
    return max(0.0, TOLD_AFTER_SECONDS - (now - since).total_seconds())


def _waits_since(before: Status, after: Status) -> datetime | None:
    """Since when what goes on goes on; none where that is something else than before."""
    if before.decision != after.decision or before.stable != after.stable:
        return None
    if after.decision is not None:
        swapped = after.stable.since if after.stable else after.decision.at
        return max(after.decision.at, swapped)
    reasons = {each.reason for status in (before, after) for each in status.conditions[:1]}
    is_starting = bool(reasons) and reasons <= STARTING_REASONS
    return after.rollout.capacity_asked_at if is_starting and after.rollout else None


def _without_words(status: Status) -> dict[str, Any]:
    wordless = {"message": "", "reason": ""}
    conditions = [each.model_copy(update=wordless) for each in status.conditions]
    rollout = status.rollout and status.rollout.model_copy(update={"weight": 0})
    carried_out = {"weight": 0, "rollout": rollout} if status.decision else {}
    return {**_said(status), "message": "", "conditions": conditions, **carried_out}


def _said(status: Status) -> dict[str, Any]:
    conditions = [
        each.model_copy(update={"message": "", "reason": SAME.get(each.reason, each.reason)})
        for each in status.conditions
    ]
    is_counting = any(each.reason in COUNTING_REASONS for each in status.conditions)
    return {
        **dict(status),
        "as_of": None,
        "message": "" if is_counting else status.message,
        "conditions": conditions if is_counting else list(status.conditions),
        "verdicts": [_verdict(each) for each in status.verdicts],
    }


def _verdict(verdict: Verdict) -> tuple[str, str, bool]:
    return verdict.objective, verdict.verdict, verdict.advisory
