"""Simulated traffic of many rollouts at once, and what the stakes make of it look by look."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from serinus.evidence.bets import Bets
from serinus.evidence.counts import Counts
from serinus.evidence.share_bets import ShareBets
from serinus.evidence.stakes import begun, counted, evidence_against, evidence_within
from serinus.evidence.wealth import Nats

LOOK_SECONDS = 15.0


def share_bets(
    batch: int, *, margin: float = 0.005, limit: float = np.nan, dispersion: float = 0.25
) -> ShareBets:
    def everywhere(number: float) -> Nats:
        return np.full(batch, number)

    return ShareBets(
        margin=everywhere(margin),
        tolerance=everywhere(margin / 4 if np.isfinite(margin) else 0.0),
        limit=everywhere(limit),
        dispersion=everywhere(dispersion),
    )


@dataclass(frozen=True)
class Traffic:
    """Requests at random, each a bad one by chance."""

    canary: float
    stable: float
    per_second: float
    weight: float
    effect: float = 0.0
    """Coefficient of variation of what both tracks suffer together, minute by minute."""
    look_seconds: float = LOOK_SECONDS
    seed: int = 7

    def looks(self, batch: int) -> Iterator[Counts]:
        """Counts look by look, for ever."""
        draw = np.random.default_rng(self.seed)
        shape, common = 1 / max(self.effect**2, 1e-9), np.ones(batch)
        number, per_minute = 0, round(60 / self.look_seconds)
        while True:
            if self.effect and number % per_minute == 0:
                common = draw.gamma(shape, 1 / shape, batch)
            rates = [np.minimum(1.0, rate * common) for rate in (self.canary, self.stable)]
            totals = [
                draw.poisson(share * self.per_second * self.look_seconds, batch)
                for share in (self.weight, 1 - self.weight)
            ]
            bad = [draw.binomial(n, p) for n, p in zip(totals, rates, strict=True)]
            yield Counts(
                bad_canary=bad[0][:, None].astype(float),
                canary=totals[0].astype(float),
                bad_stable=bad[1][:, None].astype(float),
                stable=totals[1].astype(float),
            )
            number += 1


@dataclass
class Told:
    """What was told at each look: (looks, batch) and (looks, batch, multiples)."""

    against: list[Nats] = field(default_factory=list)
    within: list[Nats] = field(default_factory=list)


def told(bets: Bets, traffic: Traffic, batch: int, looks: int) -> Told:
    """Run the stakes over traffic; a minute is four looks of a quarter of one."""
    per_minute, stakes, seen = round(60 / traffic.look_seconds), begun(bets, batch), Told()
    for number, block in zip(range(looks), traffic.looks(batch), strict=False):
        begins = np.full(batch, number > 0 and number % per_minute == 0)
        stakes = counted(bets, stakes, block, begins, np.zeros(batch, dtype=bool))
        seen.against.append(evidence_against(bets, stakes))
        seen.within.append(evidence_within(bets, stakes))
    return seen


def ever(logs: list[Nats], threshold: float) -> float:
    """The part of the batch that reaches a threshold at any look, the worst one to stop at."""
    return float(np.mean(np.max(np.array(logs), axis=0) >= threshold))


def median_minutes(
    logs: list[Nats], threshold: float, look_seconds: float = LOOK_SECONDS
) -> float:
    """The median time at which it is reached; infinity if half of them never do."""
    reached = np.array(logs) >= threshold
    first = np.where(reached.any(axis=0), reached.argmax(axis=0) + 1, np.inf)
    return float(np.median(first)) * look_seconds / 60
