"""The policy: what decides a rollout, and what a calibration of it holds for."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from serinus.evidence.budget import shared_out
from serinus.evidence.terms import is_bet_on
from serinus.evidence.wealth import UNITS_PER_NAT
from serinus.resource.objective import Objective
from serinus.resource.rollout import Advance, RolloutPolicy, Threshold
from serinus.resource.spec import Spec
from serinus.signals.blocks import objective_key

FORMAT = 1
"""Of what a calibration means; one of another meaning is made anew."""


def bet_on(spec: Spec) -> tuple[Objective, ...]:
    """Return the objectives that share the error budget, one for each definition."""
    if spec.rollout.advance is not Advance.EVIDENCE:
        return ()
    those = (each for each in spec.objectives if is_bet_on(each))
    return tuple({objective_key(each): each for each in those}.values())


def deciding(spec: Spec) -> tuple[Objective, ...]:
    """Return those of them whose evidence can end a rollout."""
    return tuple(each for each in bet_on(spec) if not each.advisory)


def first_parts(spec: Spec) -> dict[str, float]:
    """Return the logarithm of each objective's part of the error budget at the beginning."""
    criticality = {objective_key(each): float(each.weight or 1) for each in bet_on(spec)}
    shared = shared_out({}, {}, criticality) if criticality else {}
    return {key: units / UNITS_PER_NAT for key, units in shared.items()}


def _simulated_for(rollout: RolloutPolicy) -> dict[str, Any]:
    """What else a simulated threshold rests on; nothing of one that holds at any time."""
    if rollout.threshold is Threshold.ANYTIME:
        return {}
    return {"threshold": rollout.threshold, "interval": rollout.interval_seconds}


def policy_digest(spec: Spec) -> str:
    """Return what a calibration holds for: another policy needs another one."""
    rollout = spec.rollout
    content = {
        "format": FORMAT,
        "objectives": sorted(objective_key(each) for each in deciding(spec)),
        "parts": sorted(first_parts(spec).items()),
        "weights": [step.weight for step in rollout.steps],
        "rate": rollout.false_rollback_rate,
        "seconds": rollout.max_duration,
        "server": spec.model.server,
        **({"source": spec.metrics.source} if spec.metrics.source else {}),
        **_simulated_for(rollout),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:12]
