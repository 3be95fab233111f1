"""Clients that stick to a version: each has its part of the traffic and its own bad requests.

Session affinity and long connections put clients on a track, not requests, so that what makes
clients differ looks like what makes versions differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags, Floats, Whole
from benchmarks.verdicts.named_world import NamedWorld
from benchmarks.verdicts.rules.rule import Look, Rule, Said, Setting, Watch
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.world import HISTORY_SECONDS, World, world_of
from serinus.evidence.block import Block
from serinus.evidence.stickiness import told_stickiness
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)
CLIENTS = (30, 500)
"""Of a service among services, and of one with users; a hundred thousand are as good as chance."""


@dataclass(frozen=True, kw_only=True)
class Sticking(NamedWorld):
    """A world whose clients stay where their first request went, until a weight takes them over.

    Parts of the traffic and shares of bad requests are exponentially distributed over clients.
    """

    clients: int
    base: float
    """Share of bad requests over all clients."""
    excess: float = 0.0

    @property
    def name(self) -> str:
        where = f"{self.clients} clients stick, {self.rate:g} req/s, base {self.base:.4g}"
        return where if not self.excess else f"{where}, +{100 * self.excess:g} pt"

    def before(self) -> World:
        """A version's pods share its clients' requests: their past shows nothing of sticking."""
        past = Scenario(rate=self.rate, base=self.base, seconds=HISTORY_SECONDS, look_seconds=60)
        return world_of(replace(past, seeds=self.seeds), self.runs)

    def calm(self) -> None:
        """Nor do rollouts of that past."""

    def counts(self, _look: int, weight: Floats, rng: np.random.Generator) -> Counts:
        places, parts, bads = self._clients
        to_canary, everyone = (places < weight).sum(axis=0), np.arange(self.runs)
        part, bad = parts[to_canary, everyone], self.base * bads[to_canary, everyone]
        requests = self.rate * self.look_seconds
        canary, canary_bad = _drawn(requests, part, bad + self.excess * part, rng)
        stable, stable_bad = _drawn(requests, 1 - part, self.base - bad, rng)
        return Counts(canary=canary, canary_bad=canary_bad, stable=stable, stable_bad=stable_bad)

    @cached_property
    def _clients(self) -> tuple[Floats, Floats, Floats]:
        """Places between 0 and 1, ascending, and what clients before each come to: (n, runs)."""
        rng = np.random.default_rng([self.seed, 1])
        shape = (self.clients, self.runs)
        part = rng.exponential(size=shape)
        bad = part * rng.exponential(size=shape)
        return np.sort(rng.random(shape), axis=0), _cumulative(part), _cumulative(bad)


def _cumulative(parts: Floats) -> Floats:
    found = np.zeros((len(parts) + 1, parts.shape[1]))
    found[1:] = np.cumsum(parts / parts.sum(axis=0), axis=0)
    return np.minimum(1.0, found)


def _drawn(
    requests: float, part: Floats, bad: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    bads = rng.poisson(requests * np.clip(bad, 0.0, part)).astype(np.float64)
    goods = rng.poisson(requests * np.clip(part - bad, 0.0, 1.0))
    return bads + goods, bads


@dataclass(frozen=True, slots=True)
class Noted:
    """A rule, and what its looks showed: what is told beside its verdicts is read off that."""

    rule: Rule
    looks: list[Look] = field(default_factory=list, compare=False)

    @property
    def name(self) -> str:
        return self.rule.name

    @property
    def weights(self) -> tuple[float, ...]:
        return self.rule.weights

    def watch(self, setting: Setting) -> Watch:
        return _Noting(self.rule.watch(setting), self.looks)

    def is_told(self) -> Flags:
        """Return of which runs it was told, at the end of a step, that clients stick."""
        weights = np.array([look.weight for look in self.looks])
        under_way = np.array([look.under_way for look in self.looks])
        return np.array(
            [
                _is_told(self.looks, run, weights[:, run], np.flatnonzero(under_way[:, run]))
                for run in range(weights.shape[1])
            ]
        )


@dataclass(frozen=True, slots=True)
class _Noting:
    watch: Watch
    looks: list[Look]

    def look(self, seen: Look) -> Said:
        self.looks.append(seen)
        return self.watch.look(seen)


def _is_told(looks: Sequence[Look], run: int, weights: Floats, places: Whole) -> bool:
    steps = np.split(places, np.flatnonzero(np.diff(weights[places])) + 1)
    return any(
        told_stickiness([_block(looks[place], run) for place in step], percent, None)
        for step in steps
        if (percent := round(100 * weights[step[0]]))
    )


def _block(look: Look, run: int) -> Block:
    until = START + timedelta(seconds=look.at)
    return Block(
        since=until - timedelta(seconds=look.look_seconds),
        until=until,
        canary=Tally(total=float(look.counts.canary[run])),
        stable=Tally(total=float(look.counts.stable[run])),
    )
