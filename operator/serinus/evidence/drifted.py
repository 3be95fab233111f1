"""Which features have drifted, and which can't be told yet: the findings a verdict is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from serinus.evidence.aligned import aligned
from serinus.evidence.block import Block
from serinus.resource.objective import Objective
from serinus.signals.distributions import PREDICTIONS
from serinus.signals.tally import Bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How far one distribution of the canary is from what it is compared with."""

    feature: str
    seen: float
    """Values of the canary."""
    needed: float
    """How many it takes; infinite where what it is compared with holds too few."""
    distance: float | None
    """None where nothing can be compared."""
    is_drifted: bool
    is_certain: bool
    """Whether there is enough to say either."""
    of_stable: float | None = None
    """How far stable is from the same baseline at the same time."""

    @property
    def name(self) -> str:
        """What people call it."""
        return "predictions" if self.feature == PREDICTIONS else self.feature


def findings(objective: Objective, evidence: Block) -> tuple[Finding, ...]:
    """Return what is found of each feature, what moved furthest first."""
    known = evidence.stable.bins if objective.is_against_stable else evidence.canary.trained
    names = sorted({**evidence.canary.bins, **known})
    stable: Bins = {} if objective.is_against_stable else evidence.stable.bins
    found = [
        _finding(objective, name, evidence.canary.bins, known, stable, len(names))
        for name in names
    ]
    return tuple(
        sorted(found, key=lambda each: (not each.is_drifted, -(each.distance or 0.0), each.name))
    )


def _finding(
    objective: Objective, name: str, canary: Bins, known: Bins, stable: Bins, tests: int
) -> Finding:
    seen = canary.get(name, {})
    compared = aligned(seen, known.get(name, {}))
    total = sum(seen.values())
    if compared is None:
        return Finding(
            feature=name, seen=total, needed=inf, distance=None, is_drifted=False, is_certain=False
        )
    statistic, limit = objective.statistic_used, objective.limit_number or 0.0
    distance = compared.distance(statistic)
    is_certain = compared.has_enough(statistic, limit, tests)
    return Finding(
        feature=name,
        seen=total,
        needed=compared.needed(statistic, limit, tests),
        distance=distance,
        is_drifted=is_certain and distance > limit,
        is_certain=is_certain,
        of_stable=_distance(objective, stable.get(name, {}), known.get(name, {})),
    )


def _distance(
    objective: Objective, seen: Mapping[str, float], known: Mapping[str, float]
) -> float | None:
    compared = aligned(seen, known) if seen else None
    return compared.distance(objective.statistic_used) if compared else None
