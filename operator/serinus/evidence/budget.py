"""The budget of wrong rollbacks: one for all objectives, spent once and never refunded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, floor, log

from serinus.evidence.wealth import UNITS_PER_NAT

LEAST = -50.0
"""What is less is spent: a ten-thousandth of a billionth of a billionth."""


def shared_out(
    weights: Mapping[str, int], against: Mapping[str, float], wanted: Mapping[str, float]
) -> dict[str, int]:
    """Return each objective's part of the budget, as a logarithm in units of 1e-4 nat.

    The parts start as those of one that their criticalities ask for, and the sum of part ×
    evidence over all objectives is what is held against 1 / falseRollbackRate: valid whatever the
    objectives have to do with each other (Vovk & Wang 2021). An objective that goes leaves at most
    its part times what its
    evidence has come to: bets lost are lost. One that comes has to be paid for by those; where
    none goes, by half of what all others have.

    Args:
        weights: as they were; empty at the beginning.
        against: logarithm of the evidence of each, as far as it goes.
        wanted: the objectives from now on, and how critical each is to the others; of one that is
            there already it counts no more, since evidence may have told by now which would pay.
    """
    new = {each: critical for each, critical in wanted.items() if each not in weights}
    if not weights:
        return _divided(1.0, new)
    kept = {each: weight for each, weight in weights.items() if each in wanted}
    if not new:
        return kept
    gone = [each for each in weights if each not in kept]
    if not gone:
        half = {each: weight + _units(log(0.5)) for each, weight in kept.items()}
        return half | _divided(_left(half, against, list(half)), new)
    return kept | _divided(_left(weights, against, gone), new)


def _left(weights: Mapping[str, int], against: Mapping[str, float], those: Sequence[str]) -> float:
    return sum(
        exp(weights[each] / UNITS_PER_NAT + min(0.0, against.get(each, 0.0))) for each in those
    )


def _divided(left: float, among: Mapping[str, float]) -> dict[str, int]:
    parts = {each: left * critical / sum(among.values()) for each, critical in among.items()}
    return {each: _units(max(LEAST, log(part)) if part else LEAST) for each, part in parts.items()}


def _units(nats: float) -> int:
    return floor(nats * UNITS_PER_NAT)
