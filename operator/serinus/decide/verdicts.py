"""All objectives judged on the ledger, with fresh evidence or none at all."""

from __future__ import annotations

from serinus.decide.gaps import stood_in
from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Block
from serinus.observe.snapshot import Snapshot
from serinus.resource.objective import Objective
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Verdict
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
    verdicts = (
        judge(
            each,
            _blocks(each, seen),
            entered,
            _trouble(each, spec, seen),
            spec.rollout.interval_seconds,
        )
        for each in spec.objectives
    )
    return tuple(
        stood_in(each, verdict, rollout, seen, _fresh_seconds(spec))
        for each, verdict in zip(spec.objectives, verdicts, strict=True)
    )


def _fresh_seconds(spec: Spec) -> float:
    return max(STALE_AFTER_SECONDS, STALE_AFTER_INTERVALS * spec.rollout.interval_seconds)


def _blocks(objective: Objective, seen: Snapshot) -> tuple[Block, ...]:
    return seen.ledger.of(objective_key(objective))


def _trouble(objective: Objective, spec: Spec, seen: Snapshot) -> str:
    """Return why there is no fresh evidence: a pass on old evidence is no pass."""
    told = seen.metrics_troubles.get(objective_key(objective))
    if told:
        return told
    blocks = _blocks(objective, seen)
    if not blocks or (seen.now - blocks[-1].until).total_seconds() <= _fresh_seconds(spec):
        return ""
    return f"no data since {blocks[-1].until:%H:%M:%S}"
