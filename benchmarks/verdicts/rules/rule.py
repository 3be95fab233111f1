"""A rule: looks at counts again and again, and says when to roll back and when to go on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags, Floats, Whole
from benchmarks.verdicts.scenario import Scenario

QUARTER_STEPS = (0.05, 0.10, 0.25, 0.50)
"""The weights of every rule that leaves them to its user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Stable's pods before the rollout, split in two, minute by minute: (minutes, runs)."""

    canary: Floats
    """Of those taken for a canary."""
    canary_bad: Floats
    stable: Floats
    stable_bad: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a rule is told before it begins."""

    runs: int
    look_seconds: int
    seconds: int
    """How long it watches at most."""
    rate: float
    """Requests a second, which its user knows roughly."""
    limit: float
    """What its user holds for too many bad requests, for rules that compare with nothing."""
    base: float
    """For the oracle only."""
    excess: float
    """For the oracle only."""
    past: Callable[[], Past]
    """For rules that look at history."""
    calm: Scenario | None = None
    """The same service with nothing wrong, for rules that look at rollouts of its past."""
    shared: dict[Hashable, Any] | None = None
    """What rules that look at the same weights have worked out for each other; None where each
    moves weights of its own, and is asked when to go on."""

    @property
    def moves(self) -> bool:
        """Whether the rule is asked when to go on."""
        return self.shared is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is seen at one time, an element a run."""

    at: int
    """Seconds since the rollout began."""
    weight: Floats
    """The canary's, while the counts came in."""
    on_step_seconds: Floats
    """How long it has had that weight, this look included."""
    look_seconds: int
    counts: Counts
    under_way: Flags | None = None
    """Runs that are not decided yet: of others nothing need be said. None for all."""

    def of(self, places: Whole) -> Look:
        """Return what is seen of some of the runs."""
        return replace(
            self,
            weight=self.weight[places],
            on_step_seconds=self.on_step_seconds[places],
            counts=self.counts.of(places),
        )

    @property
    def is_first_on_step(self) -> Flags:
        return self.on_step_seconds <= self.look_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a rule says to a look, an element a run."""

    rolls_back: Flags
    advances: Flags


class Watch(Protocol):
    """A rule at work on many runs."""

    def look(self, seen: Look) -> Said:
        """Return what is to be done; a run that was decided is looked at no more."""


class Rule(Protocol):
    """One way to decide."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> tuple[float, ...]:
        """The steps of its own rollout; after the last one it promotes."""

    def watch(self, setting: Setting) -> Watch:
        """Begin."""


class Minutes:
    """Counts added up into the windows of a rule that looks once in a while."""

    def __init__(self, runs: int, seconds: int = 60) -> None:
        self.seconds = seconds
        self._sum = Counts.none(runs)

    def closed(self, seen: Look) -> Counts | None:
        """Return the window that ends with this look, None in the midst of one."""
        self._sum += seen.counts
        if seen.at % self.seconds:
            return None
        window, self._sum = self._sum, Counts.none(seen.counts.runs)
        return window


def nothing_said(runs: int) -> Said:
    no = np.zeros(runs, dtype=bool)
    return Said(rolls_back=no, advances=no)


def share(bad: Floats, total: Floats) -> Floats:
    """Return a ratio as Prometheus gives it: NaN of nothing."""
    return divided(bad, total, otherwise=float("nan"))


def divided(above: Floats, below: Floats, *, otherwise: float) -> Floats:
    """Return the quotients, and something else where there is nothing to divide by."""
    quotients: Floats = np.full(len(below), otherwise)
    np.divide(above, below, out=quotients, where=below > 1e-9)
    return quotients
