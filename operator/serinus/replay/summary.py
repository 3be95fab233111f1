"""The summary of a replay on stable's own pods: a calibration, with its sentence."""

from __future__ import annotations

from datetime import datetime
from math import exp, log

from serinus.evidence.policy import deciding, first_parts, policy_digest
from serinus.evidence.simulated import known_duration
from serinus.evidence.wealth import UNITS_PER_NAT
from serinus.evidence.wording import stretch
from serinus.replay.aa import Replayed
from serinus.replay.calibration import Calibrated, calibrated
from serinus.resource.calibration import Calibration
from serinus.resource.incident import incidents_digest
from serinus.resource.objective import Kind
from serinus.resource.spec import Spec
from serinus.signals.blocks import objective_key


def calibration_of(found: Replayed, at: datetime) -> Calibration:
    """Return what a replay comes to, with its sentence."""
    if found.shortfall:
        message = f"not calibrated: {found.shortfall}{_without(found)}"
        return _calibration(found, at, message, None)
    result = calibrated(found.evidence(), found.spec.rollout.alpha, _saved(found.spec))
    made = _calibration(found, at, in_words(result, found), result.log_threshold)
    return made.model_copy(
        update={
            "rolled_back": result.rolled_back,
            "uncalibrated_rolled_back": result.uncalibrated_rolled_back,
            "threshold": round(result.log_threshold * UNITS_PER_NAT),
        }
    )


def _calibration(
    found: Replayed, at: datetime, message: str, log_threshold: float | None
) -> Calibration:
    return Calibration(
        policy=policy_digest(found.spec),
        incidents=incidents_digest(found.spec.rollout.incidents),
        at=at,
        days=found.days,
        cut_out_seconds=_cut_out_seconds(found),
        rollouts=len(found.splits),
        message=message,
        expected=found.expected(log_threshold),
    )


def to_fail_by_rate(spec: Spec) -> float:
    """Return the logarithm of the evidence that the false-rollback rate by itself asks for."""
    return -log(spec.rollout.alpha) - _saved(spec)


def _saved(spec: Spec) -> float:
    """Return by how much less than its rate asks for an objective may end a rollout, at most.

    Each has a threshold of its own, which it must come to as well.
    """
    duration, alpha, parts = known_duration(spec.rollout), spec.rollout.alpha, first_parts(spec)
    if duration is None:
        return 0.0
    shares = (objective_key(each) for each in deciding(spec) if each.kind is Kind.SHARE)
    return max((duration.saved(alpha * exp(parts[each]), 0) for each in shares), default=0.0)


def in_words(result: Calibrated, found: Replayed) -> str:
    """Return "this policy would have rolled back 0 of 314 A/A rollouts of the last 7 days"."""
    days = found.days
    text = (
        f"this policy would have rolled back {result.rolled_back} of {result.rollouts} "
        f"A/A rollouts of the last {f'{days:.3g} days' if days > 1 else f'{24 * days:.3g} hours'}"
    )
    if result.uncalibrated_rolled_back > result.rolled_back:
        text += f", and {result.uncalibrated_rolled_back} by its error rate alone"
    return f"{text}{_without(found)}"


def _without(found: Replayed) -> str:
    """Say how much incidents cost, or that they lie elsewhere: a slip of the pen does."""
    if not found.incidents:
        return ""
    seconds = _cut_out_seconds(found)
    if not seconds:
        return "; no incident that is named lies in that time"
    return f"; {stretch(seconds)} cut out for incidents"


def _cut_out_seconds(found: Replayed) -> int:
    return 60 * found.cuts.incidents * found.course.minutes
