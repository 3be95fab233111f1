"""Kayenta's default judge: a rank test on all minutes of both tracks, every five minutes.

After NetflixACAJudge, MannWhitneyClassifier and MannWhitney.scala of spinnaker/kayenta at
a69573be: points of the time series, not requests; "High" if the 98 % interval of the shift lies
above a quarter of its own estimate and the mean has risen. NaN is replaced by zero, its default.
Stable serves as control; there is no third deployment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.verdicts.counts import Counts, Flags, Floats
from benchmarks.verdicts.rules.rule import (
    Look,
    Minutes,
    Said,
    Setting,
    divided,
    nothing_said,
    share,
)

Z_OF_98_PERCENT = 2.3263
"""Two-sided."""
TOLERANCE = 0.25
JUDGED_EVERY_SECONDS = 300
LASTS_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kayenta:
    name: str = "Kayenta, 10 % for an hour"
    weights: tuple[float, ...] = (0.10,)

    def watch(self, setting: Setting) -> KayentaWatch:
        return KayentaWatch(Minutes(setting.runs))


@dataclass
class KayentaWatch:
    minutes: Minutes
    canary: list[Floats] = field(default_factory=list)
    stable: list[Floats] = field(default_factory=list)

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        if window is None:
            return nothing_said(seen.counts.runs)
        self._note(window)
        if seen.at % JUDGED_EVERY_SECONDS:
            return nothing_said(window.runs)
        is_high = judged_high(np.stack(self.canary, axis=1), np.stack(self.stable, axis=1))
        return Said(rolls_back=is_high, advances=seen.on_step_seconds >= LASTS_SECONDS)

    def _note(self, window: Counts) -> None:
        self.canary.append(np.nan_to_num(share(window.canary_bad, window.canary)))
        self.stable.append(np.nan_to_num(share(window.stable_bad, window.stable)))


def judged_high(canary: Floats, stable: Floats) -> Flags:
    """Return whether the judge calls each run's canary "High"; both are (runs, points).

    The interval's lower end is beyond a threshold exactly when the test of that shift rejects.
    """
    shift = np.median((canary[:, :, None] - stable[:, None, :]).reshape(len(canary), -1), axis=1)
    threshold = TOLERANCE * np.abs(shift)
    z = _rank_z(canary - threshold[:, None], stable)
    has_risen = canary.mean(axis=1) >= stable.mean(axis=1)
    high: Flags = (shift > 0) & has_risen & (z > Z_OF_98_PERCENT)
    return high


def _rank_z(canary: Floats, stable: Floats) -> Floats:
    """Return the standardised rank sum with corrections for continuity and for ties."""
    m, n = canary.shape[1], stable.shape[1]
    ranks, cubes = _ranked(np.concatenate([canary, stable], axis=1))
    excess = ranks[:, :m].sum(axis=1) - m * (m + 1) / 2 - m * n / 2
    variance = m * n / 12 * ((m + n + 1) - cubes / ((m + n) * (m + n - 1)))
    corrected = excess - 0.5 * np.sign(excess)
    return divided(corrected, np.sqrt(variance), otherwise=0.0)


def _ranked(values: Floats) -> tuple[Floats, Floats]:
    """Return mean ranks in each row, and the sum of t³ - t over its groups of ties."""
    rows, points = values.shape
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    index = np.arange(points)
    is_first = np.ones((rows, points), dtype=bool)
    is_first[:, 1:] = ordered[:, 1:] > ordered[:, :-1]
    first = np.maximum.accumulate(np.where(is_first, index, 0), axis=1)
    is_last = np.ones((rows, points), dtype=bool)
    is_last[:, :-1] = is_first[:, 1:]
    last = np.minimum.accumulate(np.where(is_last, index, points)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty((rows, points))
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    size = (last - first + 1).astype(np.float64)
    return ranks, np.where(is_first, size**3 - size, 0.0).sum(axis=1)
