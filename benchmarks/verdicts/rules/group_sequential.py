"""Group-sequential tests: looks whose number is fixed, and bounds that share out one error."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.rules.rule import (
    QUARTER_STEPS,
    Look,
    Minutes,
    Said,
    Setting,
    nothing_said,
)

FALSE_ALARM_RATE = 0.01
PATHS = 200_000
STEP_SECONDS = 300


class Shape(StrEnum):
    """How the bounds run over time."""

    POCOCK = "Pocock"
    """The same at each look: soon, with less power at the end."""
    OBRIEN_FLEMING = "O'Brien-Fleming"
    """High at first and falling with the root of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequential:
    shape: Shape
    weights: tuple[float, ...] = QUARTER_STEPS

    @property
    def name(self) -> str:
        return f"group sequential, {self.shape}"

    def watch(self, setting: Setting) -> GroupSequentialWatch:
        looks = max(1, setting.seconds // 60)
        return GroupSequentialWatch(
            bounds=bounds(self.shape, looks),
            score=np.zeros(setting.runs),
            information=np.zeros(setting.runs),
            minutes=Minutes(setting.runs),
        )


@dataclass
class GroupSequentialWatch:
    bounds: Floats
    score: Floats
    information: Floats
    minutes: Minutes

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        self._add(window)
        z = self.score / np.sqrt(np.maximum(1e-12, self.information))
        number = min(len(self.bounds), seen.at // self.minutes.seconds) - 1
        return Said(
            rolls_back=z >= self.bounds[number],
            advances=seen.on_step_seconds >= STEP_SECONDS,
        )

    def _add(self, window: Counts) -> None:
        """Stratified by minute, so that a changing weight is no difference between the tracks."""
        total = np.maximum(1.0, window.canary + window.stable)
        bad = window.canary_bad + window.stable_bad
        of_canary = window.canary / total
        self.score = self.score + window.canary_bad - bad * of_canary
        self.information = self.information + bad * of_canary * (1 - of_canary)


@cache
def bounds(shape: Shape, looks: int) -> Floats:
    """Return the bound of each look, by simulation of Brownian motion."""
    rng = np.random.default_rng(looks)
    added, time = _planned_information(looks)
    level, largest = np.zeros(PATHS), np.full(PATHS, -np.inf)
    for more, sofar in zip(np.sqrt(added), np.sqrt(time), strict=True):
        level += more * rng.normal(size=PATHS)
        np.maximum(largest, level / (sofar if shape is Shape.POCOCK else 1.0), out=largest)
    bound = np.quantile(largest, 1 - FALSE_ALARM_RATE)
    falling: Floats = bound / (np.sqrt(time) if shape is Shape.OBRIEN_FLEMING else np.ones(looks))
    return falling


def _planned_information(looks: int) -> tuple[Floats, Floats]:
    """Return each look's part of all information, and what there is by then: w(1-w) a minute."""
    step = np.minimum(np.arange(looks) * len(QUARTER_STEPS) // looks, len(QUARTER_STEPS) - 1)
    weight = np.array(QUARTER_STEPS)[step]
    added = weight * (1 - weight)
    added /= added.sum()
    return added, np.cumsum(added)
