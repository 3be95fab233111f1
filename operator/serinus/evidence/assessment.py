"""The assessment of one stretch of evidence: what holds, what does not, what can't be said."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from serinus.evidence.ledger import Block
from serinus.evidence.quantile import quantile, tail_beyond
from serinus.resource.objective import Kind, Objective
from serinus.signals.tally import Tally

ROUNDING = 1e-9
"""Shares this near to a limit hold it: 0.07 - 0.06 is more than 0.01 in floating point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A track's value of an objective: a share, seconds, or the mean of a gauge."""

    number: float
    is_floor: bool = False
    """Whether it is only known to be at least this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One stretch of evidence against an objective; None is "can't be said"."""

    breaks_limit: bool | None
    """False too where there is no limit."""
    is_worse: bool | None
    """Than stable by more than the margin; False too where there is no margin."""

    @property
    def is_bad(self) -> bool:
        """Whether anything is broken for certain."""
        return bool(self.breaks_limit) or bool(self.is_worse)

    @property
    def holds(self) -> bool:
        """Whether everything asked for holds for certain."""
        return self.breaks_limit is False and self.is_worse is False


def assess(objective: Objective, evidence: Block) -> Assessment:
    """Return what a stretch of evidence says; too few samples of a track say nothing."""
    return Assessment(
        breaks_limit=_breaks_limit(objective, evidence.canary),
        is_worse=_is_worse(objective, evidence),
    )


def has_enough(objective: Objective, tally: Tally) -> bool:
    """Return whether a track showed the samples that an objective asks for."""
    return isfinite(tally.total) and tally.total >= objective.min_samples


def value_of(objective: Objective, tally: Tally) -> Value | None:
    """Return a track's value, None where its samples give no number."""
    kind = objective.kind
    if not isfinite(tally.total) or tally.total <= 0 or kind is Kind.DRIFT:
        return None
    if kind is Kind.LATENCY:
        found = quantile(tally.buckets, objective.quantile_share)
        return Value(number=found.seconds, is_floor=found.is_floor) if found else None
    mean = tally.bad / tally.total
    if not isfinite(mean):
        return None
    return Value(number=min(1.0, max(0.0, mean)) if kind is Kind.SHARE else mean)


def _breaks_limit(objective: Objective, canary: Tally) -> bool | None:
    limit = objective.limit_number
    if limit is None:
        return False
    value = value_of(objective, canary)
    if not has_enough(objective, canary) or value is None:
        return None
    if objective.kind is Kind.LATENCY:
        return _is_too_slow(objective, canary, limit)
    return _exceeds(objective, value.number, limit)


def _is_too_slow(objective: Objective, canary: Tally, limit_seconds: float) -> bool | None:
    """A p99 above a limit is more than 1 % above it, and counts need no interpolation."""
    tail = tail_beyond(canary.buckets, limit_seconds)
    if tail is None:
        return None
    is_above = tail.share > 1 - objective.quantile_share
    if is_above and tail.edge_seconds < limit_seconds:
        return None  # above the largest edge, but perhaps still below the limit
    return is_above


def _is_worse(objective: Objective, evidence: Block) -> bool | None:
    margin = objective.margin_number
    if margin is None:
        return False
    canary, stable = (value_of(objective, each) for each in (evidence.canary, evidence.stable))
    both = (evidence.canary, evidence.stable)
    if canary is None or stable is None or not all(has_enough(objective, each) for each in both):
        return None
    allowed = margin * abs(stable.number) if objective.margin_is_relative else margin
    worst_allowed = stable.number + (-allowed if objective.lower_is_worse else allowed)
    is_beyond = _exceeds(objective, canary.number, worst_allowed)
    if (stable.is_floor and is_beyond) or (canary.is_floor and not is_beyond):
        return None
    return is_beyond


def _exceeds(objective: Objective, number: float, bound: float) -> bool:
    if objective.lower_is_worse:
        return number < bound - ROUNDING
    return number > bound + ROUNDING
