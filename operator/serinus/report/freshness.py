"""How fresh a status has to be: what only counts further is not worth a write at every look."""

from __future__ import annotations

from typing import Any

from serinus.resource.status import Status, Verdict

REFRESHED_EVERY_SECONDS = 30.0
COUNTING_REASONS = frozenset(
    {"StepEntered", "Analysing", "MetricsUnavailable", "Inconclusive", "InconclusiveAnalysis"}
)
"""Their messages carry counts, and differ at every look."""
SAME = {"StepEntered": "Analysing"}
"""What a step that was just entered comes to by itself, which is no news."""


def only_numbers_changed(before: Status, after: Status) -> bool:
    """Return whether a status says what the one before said, a moment later, with newer counts."""
    if before.as_of is None or after.as_of is None:
        return False
    if (after.as_of - before.as_of).total_seconds() >= REFRESHED_EVERY_SECONDS:
        return False
    return _said(before) == _said(after)


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
