"""All objectives judged on the ledger, with fresh evidence or none at all."""

from __future__ import annotations

from datetime import datetime

from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Block
from serinus.observe.snapshot import Snapshot
from serinus.resource.objective import Objective
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Verdict, VerdictValue
from serinus.signals.blocks import objective_key

STALE_AFTER_INTERVALS = 4
STALE_AFTER_SECONDS = 60.0
"""Evidence that stopped coming for longer than this proves nothing about the canary of now."""


def judge_all(spec: Spec, memory: Memory, seen: Snapshot) -> tuple[Verdict, ...]:
    """Return one verdict an objective; none without a canary that gets traffic."""
    rollout = memory.rollout
    if rollout is None or memory.stable is None or rollout.evidence_since is None:
        return ()
    entered = rollout.step_entered_at or rollout.evidence_since
    return tuple(
        _fresh(judge(objective, blocks, entered), blocks, spec, seen)
        for objective, blocks in _blocks_of(spec, seen)
    )


def _blocks_of(spec: Spec, seen: Snapshot) -> list[tuple[Objective, tuple[Block, ...]]]:
    return [(each, seen.ledger.of(objective_key(each))) for each in spec.objectives]


def _fresh(
    verdict: Verdict, blocks: tuple[Block, ...], spec: Spec, seen: Snapshot
) -> Verdict:
    """A pass on old evidence is no pass; a failure stays one."""
    if verdict.verdict is not VerdictValue.PASS:
        return verdict
    allowed = max(STALE_AFTER_SECONDS, STALE_AFTER_INTERVALS * spec.rollout.interval_seconds)
    is_stale = (seen.now - _last(blocks)).total_seconds() > allowed
    if not seen.metrics_trouble and not is_stale:
        return verdict
    why = seen.metrics_trouble or f"no data since {_last(blocks):%H:%M:%S}"
    changes = {"verdict": VerdictValue.UNDECIDED, "message": f"{why}; before: {verdict.message}"}
    return verdict.model_copy(update=changes)


def _last(blocks: tuple[Block, ...]) -> datetime:
    return blocks[-1].until
