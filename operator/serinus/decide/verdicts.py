"""All objectives judged on the ledger, with fresh evidence or none at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf

from serinus.decide.gaps import stood_in
from serinus.decide.maturity import immaturity
from serinus.evidence.account import Told
from serinus.evidence.coverage import told_coverage
from serinus.evidence.drift_verdict import drift_verdict
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.judgement import LONGEST_MESSAGE, judge
from serinus.evidence.ledger import Block, Ledger
from serinus.evidence.mismatch import told_mismatch
from serinus.evidence.policy import policy_digest
from serinus.evidence.sequential import (
    Hearing,
    Progress,
    judge_together,
    parts_of,
)
from serinus.evidence.simulated import known_duration
from serinus.evidence.stickiness import told_stickiness
from serinus.evidence.terms import is_bet_on
from serinus.observe.snapshot import Snapshot
from serinus.resource.objective import Kind, Objective
from serinus.resource.rollout import Advance
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Rollout, Verdict
from serinus.signals.blocks import objective_key

STALE_AFTER_INTERVALS = 4
STALE_AFTER_SECONDS = 60.0
"""Evidence that stopped coming for longer than this proves nothing about the canary of now."""


def judge_all(spec: Spec, memory: Memory, seen: Snapshot) -> tuple[Verdict, ...]:
    """Return one verdict an objective; none without a canary that gets traffic."""
    rollout = memory.rollout
    if rollout is None or memory.stable is None or rollout.evidence_since is None:
        return ()
    immature = {each.title: immaturity(each, rollout, seen) for each in spec.objectives}
    by_evidence = spec.rollout.advance is Advance.EVIDENCE
    verdicts = (
        _by_evidence(spec, rollout, seen, error_rates(spec, memory), immature)
        if by_evidence
        else _by_windows(spec, rollout, seen, immature)
    )
    return tuple(
        verdict.model_copy(update={"is_immature": True})
        if immature[each.title]
        else _with_coverage(
            stood_in(each, verdict, rollout, seen, _fresh_seconds(spec)), _blocks(each, seen)
        )
        for each, verdict in zip(spec.objectives, verdicts, strict=True)
    )


def _with_coverage(verdict: Verdict, blocks: Sequence[Block]) -> Verdict:
    """Say how many of the predictions it speaks of, where that is known."""
    told = told_coverage(blocks)
    if not told:
        return verdict
    return verdict.model_copy(update={"message": f"{verdict.message}; {told}"[:LONGEST_MESSAGE]})


def _fresh_seconds(spec: Spec) -> float:
    return max(STALE_AFTER_SECONDS, STALE_AFTER_INTERVALS * spec.rollout.interval_seconds)


def _by_windows(
    spec: Spec, rollout: Rollout, seen: Snapshot, immature: Mapping[str, str]
) -> tuple[Verdict, ...]:
    entered = rollout.step_entered_at or rollout.evidence_since
    interval = spec.rollout.interval_seconds
    return tuple(
        drift_verdict(each, _blocks(each, seen), entered, _trouble(each, spec, seen))
        if each.kind is Kind.DRIFT
        else judge(
            each,
            () if immature[each.title] else _blocks(each, seen),
            entered,
            immature[each.title] or _trouble(each, spec, seen),
            interval,
        )
        for each in spec.objectives
    )


def error_rates(spec: Spec, memory: Memory) -> ErrorRates:
    """Return the chances of a wrong verdict; a calibration of another policy says nothing."""
    known = memory.calibration
    is_of_this_policy = known is not None and known.policy == policy_digest(spec)
    return ErrorRates(
        false_rollback=spec.rollout.alpha,
        false_promote=spec.rollout.beta,
        calibrated_to_fail=known.log_threshold if known and is_of_this_policy else None,
        duration=known_duration(spec.rollout),
    )


def _by_evidence(
    spec: Spec,
    rollout: Rollout,
    seen: Snapshot,
    rates: ErrorRates,
    immature: Mapping[str, str],
) -> tuple[Verdict, ...]:
    entered = rollout.step_entered_at or rollout.evidence_since
    bet_on = {objective_key(each): each for each in spec.objectives if is_bet_on(each)}
    ledger = _told(seen.ledger, bet_on, rollout)
    parts = parts_of(ledger.weights, tuple(bet_on))
    note = _off_the_split(ledger, spec, rollout)
    hearings = [
        Hearing(
            objective=each,
            blocks=_blocks(each, seen),
            whole=ledger.sums.get(objective_key(each)),
            told=Told() if immature[each.title] else ledger.told_of(objective_key(each)),
            part=parts.get(objective_key(each), 0.0),
            trouble=immature[each.title]
            or _trouble(each, spec, seen)
            or _nothing_on_this_step(each, entered, seen),
            note=note,
            variation=ledger.variation_of(objective_key(each)),
            is_calibrated=rates.calibrated_to_fail is not None,
            minutes=_minutes(each, ledger),
        )
        for each in spec.objectives
    ]
    return judge_together(hearings, rates, _progress(spec, rollout, entered))


def _progress(spec: Spec, rollout: Rollout, entered: datetime | None) -> Progress:
    steps = spec.rollout.steps
    is_last = rollout.step + 1 >= len(steps)
    return Progress(
        weight_percent=rollout.weight,
        next_weight_percent=100 if is_last else steps[rollout.step + 1].weight,
        step_entered_at=entered,
    )


def _minutes(objective: Objective, ledger: Ledger) -> float | None:
    """How long a share has been bet on; for ever, where not only by comparing it with stable."""
    if objective.kind is not Kind.SHARE:
        return None
    account = ledger.accounts.get(objective_key(objective))
    return account.minutes if account is not None and account.is_compared else inf


def _off_the_split(ledger: Ledger, spec: Spec, rollout: Rollout) -> str:
    """Say where requests are not shared out by weight, one by one; each verdict tells it."""
    first = next((objective_key(each) for each in spec.objectives if is_bet_on(each)), "")
    blocks, weight, entered_at = ledger.of(first), rollout.weight, rollout.step_entered_at
    return told_mismatch(ledger.mismatch, blocks, weight, entered_at) or told_stickiness(
        blocks, weight, entered_at
    )


def _told(ledger: Ledger, bet_on: dict[str, Objective], rollout: Rollout) -> Ledger:
    """A ledger that nothing was bet on, such as one of classic mode, is bet on block by block."""
    if all(digest in ledger.told for digest in bet_on):
        return ledger
    return ledger.staked(bet_on, {}, rollout.step_entered_at)


def _blocks(objective: Objective, seen: Snapshot) -> tuple[Block, ...]:
    return seen.ledger.of(objective_key(objective))


def _nothing_on_this_step(objective: Objective, entered: datetime | None, seen: Snapshot) -> str:
    """What was proven before goes for a step as well, but not unseen."""
    blocks = reversed(_blocks(objective, seen))
    on_this_step = (b for b in blocks if entered is None or b.until > entered)
    if any(block.canary.total > 0 for block in on_this_step):
        return ""
    return "no data from the canary on this step yet"


def _trouble(objective: Objective, spec: Spec, seen: Snapshot) -> str:
    """Return why there is no fresh evidence: a pass on old evidence is no pass."""
    told = seen.metrics_troubles.get(objective_key(objective))
    if told:
        return told
    blocks = _blocks(objective, seen)
    if not blocks or (seen.now - blocks[-1].until).total_seconds() <= _fresh_seconds(spec):
        return ""
    return f"no data since {blocks[-1].until:%H:%M:%S}"
