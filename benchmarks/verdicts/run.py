"""Runs a rule on a world: on a schedule all rules share, or on the weights it chooses itself."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags, Floats
from benchmarks.verdicts.outcome import Outcome
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Past, Rule, Said, Setting
from benchmarks.verdicts.world import World

LEAST_LIMIT = 0.01
FOREVER = 10**9
PSEUDO_CANARY_WEIGHT = 0.1
PAST_SEED = 11


@dataclass
class Recorded:
    """The counts of a world under a schedule of weights: the same traces for every rule."""

    world: World
    seed: int
    schedule: tuple[float, ...] = QUARTER_STEPS
    """Weights, each held for an equal part of the time."""
    looks: list[Counts] = field(default_factory=list)
    shared: dict[Hashable, Any] = field(default_factory=dict)
    """What rules have worked out on it for each other."""

    def weight_at(self, look: int) -> tuple[float, int]:
        """Return a look's weight, and the look its step began with."""
        steps = len(self.schedule)
        step = min(look * steps // self.world.looks, steps - 1)
        return self.schedule[step], -(-step * self.world.looks // steps)

    def look(self, number: int) -> Look:
        """Return one look; looks are drawn in order, once."""
        while len(self.looks) <= number:
            rng = np.random.default_rng([self.seed, len(self.looks)])
            weight = np.full(self.world.runs, self.weight_at(len(self.looks))[0])
            self.looks.append(self.world.counts(len(self.looks), weight, rng))
        weight_now, began = self.weight_at(number)
        spacing, runs = self.world.look_seconds, self.world.runs
        return Look(
            at=(number + 1) * spacing,
            weight=np.full(runs, weight_now),
            on_step_seconds=np.full(runs, float((number + 1 - began) * spacing)),
            look_seconds=spacing,
            counts=self.looks[number],
        )


def watch_recorded(recorded: Recorded, rule: Rule) -> Outcome:
    """Let a rule look on until it would roll back; it moves nothing."""
    world = recorded.world
    watch, course = rule.watch(setting_of(world, recorded.shared)), _Course(world)
    for number in range(world.looks):
        seen = recorded.look(number)
        said = watch.look(seen)
        nobody = np.zeros(world.runs, dtype=bool)
        course.note(seen, Said(rolls_back=said.rolls_back, advances=nobody), steps=FOREVER)
        if not course.is_under_way.any():
            break
    return course.outcome()


def drive(world: World, rule: Rule, seed: int) -> Outcome:
    """Let a rule choose its own weights until it rolls back, promotes, or time is over."""
    watch, course = rule.watch(setting_of(world)), _Course(world)
    weights = np.array([*rule.weights, rule.weights[-1]])
    for number in range(world.looks):
        rng = np.random.default_rng([seed, number])
        weight = weights[course.step]
        at = (number + 1) * world.look_seconds
        seen = Look(
            at=at,
            weight=weight,
            on_step_seconds=at - course.entered_at,
            look_seconds=world.look_seconds,
            counts=world.counts(number, weight, rng),
            under_way=course.is_under_way,
        )
        course.note(seen, watch.look(seen), steps=len(rule.weights))
        if not course.is_under_way.any():
            break
    return course.outcome()


def setting_of(world: World, shared: dict[Hashable, Any] | None = None) -> Setting:
    """Return what rules are told of a world, and what they share if they move no weights."""
    return Setting(
        runs=world.runs,
        look_seconds=world.look_seconds,
        seconds=world.looks * world.look_seconds,
        rate=world.rate,
        limit=max(LEAST_LIMIT, 2 * world.base),
        base=world.base,
        excess=world.excess,
        past=lambda: past_of(world),
        calm=world.calm(),
        shared=shared,
    )


def past_of(world: World) -> Past:
    """Split the traffic of the hours before as if a tenth of stable's pods were a canary."""
    before = world.before()
    if before is None:
        raise ValueError("this world has no history")
    weight = np.full(before.runs, PSEUDO_CANARY_WEIGHT)
    looks = [
        before.counts(number, weight, np.random.default_rng([*before.stream, PAST_SEED, number]))
        for number in range(before.looks)
    ]
    return Past(
        canary=np.array([each.canary for each in looks]),
        canary_bad=np.array([each.canary_bad for each in looks]),
        stable=np.array([each.stable for each in looks]),
        stable_bad=np.array([each.stable_bad for each in looks]),
    )


class _Course:
    """Where each run stands, and what it has cost."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.step = np.zeros(world.runs, dtype=np.int64)
        self.entered_at = np.zeros(world.runs)
        self._rolled_back_at = np.full(world.runs, np.inf)
        self._promoted_at = np.full(world.runs, np.inf)
        self._canary_bad = np.zeros(world.runs)
        self._excess_bad = np.zeros(world.runs)

    @property
    def is_under_way(self) -> Flags:
        going: Flags = np.isinf(self._rolled_back_at) & np.isinf(self._promoted_at)
        return going

    def note(self, seen: Look, said: Said, steps: int) -> None:
        """Take what a rule said as done, from the next look on."""
        going = self.is_under_way
        self._canary_bad += np.where(going, seen.counts.canary_bad, 0.0)
        if seen.at > self._world.onset_seconds:
            self._excess_bad += np.where(going, self._world.excess * seen.counts.canary, 0.0)
        self._rolled_back_at[going & said.rolls_back] = seen.at
        advancing = going & said.advances & ~said.rolls_back
        self.step[advancing] += 1
        self.entered_at[advancing] = seen.at
        self._promoted_at[advancing & (self.step >= steps)] = seen.at

    def outcome(self) -> Outcome:
        return Outcome(
            rolled_back_at=self._rolled_back_at,
            promoted_at=self._promoted_at,
            canary_bad=self._canary_bad,
            excess_bad=self._excess_bad + self._after_promotion(),
        )

    def _after_promotion(self) -> Floats:
        """All traffic goes to what was promoted, for the rest of the time."""
        world = self._world
        left = world.looks * world.look_seconds - self._promoted_at
        extra: Floats = np.where(left > 0, left, 0.0) * world.rate * world.excess
        return extra
