"""The operator's own rule on latency: counts of requests slower than each edge of a histogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.durations import EDGES
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE, OursWatch
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Setting
from serinus.evidence.counts import Counts
from serinus.evidence.dispersion import UNVERIFIED_DISPERSION, UNVERIFIED_DIVISOR
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.stakes import begun

FINITE = np.array(EDGES[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class OursOnLatency:
    """p99 worse than stable's by a part of it."""

    margin: float = 0.10
    quantile: float = 0.99
    weights: tuple[float, ...] = QUARTER_STEPS

    @property
    def name(self) -> str:
        return f"ours, p99 + {self.margin:.0%}"

    def watch(self, setting: Setting) -> OursOnLatencyWatch:
        one = np.ones(setting.runs)
        bets = LatencyBets(
            edges=FINITE,
            quantile=self.quantile * one,
            margin=self.margin * one,
            margin_is_relative=one > 0,
            limit=np.nan * one,
            dispersion=UNVERIFIED_DISPERSION * one,
            proves=setting.moves,
        )
        return OursOnLatencyWatch(
            bets=bets,
            weights=self.weights,
            roll_back_at=float(np.log(UNVERIFIED_DIVISOR / FALSE_ROLLBACK_RATE)),
            stakes=begun(bets, setting.runs, kinds=len(FINITE)),
            bad=np.zeros(setting.runs),
        )


class OursOnLatencyWatch(OursWatch):
    def _counts(self, seen: Look) -> Counts:
        canary, stable = seen.counts.canary_buckets, seen.counts.stable_buckets
        if canary is None or stable is None:
            raise ValueError("these counts have no buckets")
        return Counts(
            bad_canary=_slower(canary),
            canary=canary[:, -1],
            bad_stable=_slower(stable),
            stable=stable[:, -1],
        )


def _slower(buckets: Floats) -> Floats:
    slower: Floats = buckets[:, -1:] - buckets[:, :-1]
    return slower
