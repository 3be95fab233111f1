"""Tally one track's events over a stretch of time; no sample is no data, never zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import Protocol

from serinus.signals.counts import Events, Heard, grown
from serinus.signals.series import Series
from serinus.signals.tally import Tally


class Countable(Protocol):
    """A track's events of one objective."""

    def tally(self, since: float, until: float) -> Tally | None:
        """Return what was seen after one time and until another, None if nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedEvents:
    """All events, and some that are marked as bad or as good."""

    total: Events
    marked: Events
    marked_are_good: bool = False
    is_proven: bool = True
    """Whether no marked event means that there was none."""
    predicted: Events = ()
    """Of outcomes: the predictions that they are labels of, as late as labels come."""

    def tally(self, since: float, until: float) -> Tally | None:
        """Return the events after one time and until another, None without any sample."""
        total = _sum(self.total, since, until)
        if total is None or not self.is_proven:
            return None
        marked = _sum(self.marked, since, until) or 0.0
        # A server may mark an event a moment before it counts it.
        bad = max(0.0, total - marked) if self.marked_are_good else min(marked, total)
        return Tally(total=total, bad=bad, predicted=_sum(self.predicted, since, until) or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvents:
    """Events at or below each edge of a histogram."""

    by_edge: Mapping[float, Events]
    """Upper edges in seconds, ascending."""
    limit_seconds: float | None = None

    def tally(self, since: float, until: float) -> Tally | None:
        """Return the buckets after one time and until another, None without the one of all."""
        counts = {edge: _sum(events, since, until) for edge, events in self.by_edge.items()}
        total = counts.get(inf)
        if total is None:
            return None
        # A server may count an event at its edge a moment before it counts it among all.
        buckets = tuple((edge, min(n, total)) for edge, n in counts.items() if n is not None)
        return Tally(total=total, bad=self._above_limit(buckets, total), buckets=buckets)

    def _above_limit(self, buckets: Sequence[tuple[float, float]], total: float) -> float:
        if self.limit_seconds is None:
            return 0.0
        return total - next(count for edge, count in buckets if edge >= self.limit_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Readings of a gauge."""

    values: Events

    def tally(self, since: float, until: float) -> Tally | None:
        """Return how many readings there were and their sum."""
        those = [value for time, value in self.values if since < time <= until]
        return Tally(total=float(len(those)), bad=sum(those)) if those else None


def timed_events(
    series: Sequence[Series],
    heard: Mapping[tuple[str, ...], Heard],
    *,
    seconds_per_unit: float,
    limit_seconds: float | None,
) -> TimedEvents:
    """Return the events of a classic histogram; edges are read as numbers ("0.50" is 0.5)."""
    by_edge: dict[float, dict[_Histogram, Series]] = {}
    for one in series:
        edge = _edge(one.labels.get("le", ""))
        if edge is not None:
            histograms = by_edge.setdefault(edge * seconds_per_unit, {})
            whose = frozenset((k, v) for k, v in one.labels.items() if k != "le")
            histograms[whose] = _joined(histograms.get(whose), one)
    # An edge that only some pods have says nothing about all of them.
    everyone = by_edge.get(inf, {}).keys()
    events = {
        edge: grown(by_edge[edge].values(), heard)
        for edge in sorted(by_edge)
        if by_edge[edge].keys() >= everyone
    }
    return TimedEvents(by_edge=events, limit_seconds=limit_seconds)


_Histogram = frozenset[tuple[str, str]]


def _joined(known: Series | None, other: Series) -> Series:
    """One edge may be spelt in two ways within a window: Prometheus 3 writes "1.0" for "1"."""
    if known is None:
        return other
    return Series(labels=known.labels, samples=tuple(sorted({*known.samples, *other.samples})))


def _edge(text: str) -> float | None:
    try:
        edge = float(text)
    except ValueError:
        return None
    return None if isnan(edge) else edge


def _sum(events: Events, since: float, until: float) -> float | None:
    counts = [count for time, count in events if since < time <= until]
    return sum(counts) if counts else None
