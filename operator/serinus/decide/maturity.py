"""Whether labels that come late have come: until then an objective on outcomes says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from serinus.decide.case import Case
from serinus.evidence.block import Block
from serinus.evidence.coverage import coverage, told_coverage
from serinus.evidence.wording import count, percent, stretch
from serinus.observe.snapshot import Snapshot
from serinus.resource.objective import Objective
from serinus.resource.status import Rollout, Verdict
from serinus.signals.blocks import objective_key


def immaturity(objective: Objective, rollout: Rollout, seen: Snapshot) -> str:
    """Return what an objective on outcomes still waits for, "" where it can be judged.

    The first labels to come are no fair sample of all, so nothing is judged before the canary has
    had traffic for as long as labels take.
    """
    delay, needed = objective.label_delay or 0.0, objective.min_labelled or 0
    since = rollout.evidence_since or seen.now
    left = (since + timedelta(seconds=delay) - seen.now).total_seconds()
    if left > 0:
        return f"immature: labels come {stretch(delay)} late, judged in {stretch(left)}"
    blocks = seen.ledger.of(objective_key(objective))
    labelled = sum(block.canary.total for block in blocks)
    if labelled < needed:
        return f"immature: {count(labelled)} of {count(needed)} outcomes are known"
    return _uncovered(objective, blocks)


def _uncovered(objective: Objective, blocks: Sequence[Block]) -> str:
    """Few labels are a selection, however many they are: who gets one is no matter of chance."""
    least, share = objective.min_coverage_share, coverage(blocks)
    if not least or (share is not None and share >= least):
        return ""
    if share is None:
        return "immature: how many predictions there were is not known, so neither is coverage"
    return f"immature: {told_coverage(blocks)}, {percent(least)} needed"


def may_go_on(case: Case, immature: Verdict) -> bool:
    """Labels that come late keep nobody from a step, and from promotion if that is asked for."""
    if case.rollout.step + 1 < len(case.spec.rollout.steps):
        return True
    return not any(e.is_required for e in case.spec.objectives if e.title == immature.objective)
