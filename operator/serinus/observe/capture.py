"""Capture a baseline: stable's own features and predictions, once for each stable revision."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.evidence.captured import Captured, read_captured
from serinus.observe.ask import MetricsReader
from serinus.resource.objective import Objective
from serinus.resource.status import ServingRevision
from serinus.signals.compile import Tracks
from serinus.signals.counts import grown, hear
from serinus.signals.distributions import FEATURE_VALUES, PREDICTION_VALUES, PREDICTIONS, bin_of
from serinus.signals.series import ScrapeLabels, Series
from serinus.signals.tally import Bins

MOST_POINTS = 96
"""Of the time that is captured: with hundreds of series to a pod more would be much to read."""
SHORTEST_STEP_SECONDS = 60.0
PATIENCE_SECONDS = 2.0
"""A look waits no longer; what comes too late is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of whom a baseline is asked for."""

    namespace: str
    model: str
    stable: ServingRevision
    seconds: float
    """Of its traffic."""
    labels: ScrapeLabels


def capture_seconds(objectives: Iterable[Objective]) -> float:
    """Return how much of stable's traffic is asked for: one baseline serves all objectives."""
    return max((each.capture_seconds for each in objectives), default=0.0)


async def captured(
    asked: Asked, stored: str, now: datetime, metrics: MetricsReader
) -> Captured | None:
    """Return what was captured of stable: what is stored, else it is captured now.

    None where stable has not served for long enough, or Prometheus does not tell; it is asked
    again at the next look. What was captured stays as it is for as long as that revision is
    stable: a baseline that followed the traffic would drift with it.
    """
    known = read_captured(stored) if stored else None
    if known and (known.revision, known.seconds) == (asked.stable.revision, asked.seconds):
        return known
    since = now - timedelta(seconds=asked.seconds)
    if since < asked.stable.since:
        return None
    bins = await _bins(asked, since, now, metrics)
    if not any(sum(counts.values()) for counts in bins.values()):
        return None
    return Captured(
        revision=asked.stable.revision,
        version=asked.stable.version,
        seconds=asked.seconds,
        since=since,
        until=now,
        bins=bins,
    )


async def _bins(asked: Asked, since: datetime, until: datetime, metrics: MetricsReader) -> Bins:
    step = max(SHORTEST_STEP_SECONDS, floor(asked.seconds / MOST_POINTS))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            series = await metrics.evaluate(_query(asked), since, until, step)
    except (TimeoutError, OutsideUnavailable, QueryRefused):
        return {}
    return _counted(series, asked.labels, step)


def _query(asked: Asked) -> str:
    revision = asked.stable.revision
    tracks = Tracks(
        namespace=asked.namespace,
        model=asked.model,
        stable=revision,
        canary=revision,
        labels=asked.labels,
    )
    return f'{{__name__=~"{FEATURE_VALUES}|{PREDICTION_VALUES}",{tracks.matchers(revision)}}}'


def _counted(series: Sequence[Series], labels: ScrapeLabels, step_seconds: float) -> Bins:
    """What each bin grew by; a pod's first sample is only where it began."""
    heard = hear(
        series,
        (),
        young_pods=frozenset(),
        pod_label=labels.pod,
        spacing_seconds=step_seconds,
    )
    bins: dict[str, dict[str, float]] = {}
    for (feature, label), those in _by_bin(series).items():
        counts = bins.setdefault(feature, {})
        counts[label] = sum(count for _, count in grown(those, heard))
    return bins


def _by_bin(series: Iterable[Series]) -> Mapping[tuple[str, str], list[Series]]:
    found: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        found.setdefault(bin_of(one.labels), []).append(one)
    return found


def in_scope(objective: Objective, bins: Bins) -> Bins:
    """Return what of a baseline an objective is compared with."""
    if objective.is_of_predictions:
        return {name: counts for name, counts in bins.items() if name == PREDICTIONS}
    features = {name: counts for name, counts in bins.items() if name != PREDICTIONS}
    if objective.feature is None:
        return features
    return {name: counts for name, counts in features.items() if name == objective.feature}
