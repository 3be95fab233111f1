"""What stands in for evidence that is not to be had: what an objective says to such gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from serinus.observe.snapshot import Snapshot
from serinus.resource.objective import Objective, OnGap
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Rollout, Verdict, VerdictValue
from serinus.signals.blocks import objective_key

LONGEST_MESSAGE = 1024
SAID = {OnGap.PASS: VerdictValue.PASS, OnGap.FAIL: VerdictValue.FAIL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """For how long an objective has been without evidence, and what it says to that."""

    field: str
    """Of the objective: onNoData or onError."""
    policy: OnGap
    since: datetime


def noted(spec: Spec, memory: Memory, seen: Snapshot) -> Memory:
    """Return the memory with since when the query of each objective that cares has failed.

    The ledger can't tell: it stands still as well while nobody looks.
    """
    rollout = memory.rollout
    if rollout is None:
        return memory
    failing = {
        each.title: rollout.failing_since.get(each.title, seen.now)
        for each in spec.objectives
        if each.on_error is not OnGap.HOLD and objective_key(each) in seen.metrics_failures
    }
    if failing == rollout.failing_since:
        return memory
    changed = rollout.model_copy(update={"failing_since": failing})
    return memory.model_copy(update={"rollout": changed})


def stood_in(
    objective: Objective, verdict: Verdict, rollout: Rollout, seen: Snapshot, fresh_seconds: float
) -> Verdict:
    """Return the verdict, or what the objective asks for where nothing was seen for too long.

    Args:
        objective: says what, and how patient it is.
        verdict: what the evidence says; only one that is undecided for want of it is replaced.
        rollout: since when evidence counts.
        seen: what there is of evidence.
        fresh_seconds: evidence that is younger is no gap, however impatient the objective.
    """
    gap = _gap(objective, rollout, seen)
    lasting = (seen.now - gap.since) / timedelta(seconds=1)
    is_short = lasting <= max(objective.patience, fresh_seconds)
    # What the evidence leaves to a person is an answer, too.
    is_answered = verdict.verdict is not VerdictValue.UNDECIDED or verdict.is_inconclusive
    if is_answered or is_short or gap.policy is OnGap.HOLD:
        return verdict
    what = "the query has failed" if gap.field == "onError" else "nothing was seen of the canary"
    message = f"{what} for {lasting:.0f} s, and {gap.field} is {gap.policy}; {verdict.message}"
    changes = {"verdict": SAID[gap.policy], "message": message[:LONGEST_MESSAGE]}
    return verdict.model_copy(update=changes)


def _gap(objective: Objective, rollout: Rollout, seen: Snapshot) -> Gap:
    key = objective_key(objective)
    if key in seen.metrics_failures:
        since = rollout.failing_since.get(objective.title, seen.now)
        return Gap(field="onError", policy=objective.on_error, since=since)
    counted = [block.until for block in seen.ledger.of(key) if block.canary.total > 0]
    known = (
        rollout.step_entered_at,
        rollout.evidence_since,
        seen.ledger.begun.get(key),
        *counted[-1:],
    )
    since = max((moment for moment in known if moment is not None), default=seen.now)
    return Gap(field="onNoData", policy=objective.on_no_data, since=since)
