"""Flagger and Kayenta on a latency quantile, one number a minute as their users have it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.rules.flagger import Flagger, FlaggerWatch
from benchmarks.verdicts.rules.kayenta import Kayenta, KayentaWatch
from benchmarks.verdicts.rules.quantile import histogram_quantile
from benchmarks.verdicts.rules.rule import Look, Minutes, Said, Setting

QUANTILE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggerOnLatency:
    limit_seconds: float
    weights: tuple[float, ...] = Flagger().weights

    @property
    def name(self) -> str:
        return f"Flagger, p99 < {1000 * self.limit_seconds:.0f} ms"

    def watch(self, setting: Setting) -> AsPoints:
        inner = FlaggerWatch(
            Flagger(), self.limit_seconds, np.zeros(setting.runs), Minutes(setting.runs)
        )
        return AsPoints(inner, Minutes(setting.runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class KayentaOnLatency:
    name: str = "Kayenta, p99"
    weights: tuple[float, ...] = Kayenta().weights

    def watch(self, setting: Setting) -> AsPoints:
        return AsPoints(KayentaWatch(Minutes(setting.runs)), Minutes(setting.runs))


@dataclass
class AsPoints:
    """Shows a rule each minute's quantile as if it were the minute's only number."""

    inner: FlaggerWatch | KayentaWatch
    minutes: Minutes

    def look(self, seen: Look) -> Said:
        window = self.minutes.closed(seen)
        counts = Counts.none(seen.counts.runs) if window is None else _as_points(window)
        return self.inner.look(replace(seen, counts=counts))


def _as_points(window: Counts) -> Counts:
    canary, stable = _quantile(window.canary_buckets), _quantile(window.stable_buckets)
    return Counts(
        canary=(~np.isnan(canary)).astype(np.float64),
        canary_bad=np.nan_to_num(canary),
        stable=(~np.isnan(stable)).astype(np.float64),
        stable_bad=np.nan_to_num(stable),
    )


def _quantile(buckets: Floats | None) -> Floats:
    if buckets is None:
        raise ValueError("these counts have no buckets")
    return histogram_quantile(QUANTILE, buckets)
