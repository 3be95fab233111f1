"""Frames: what each pod counted, minute by minute, out of counters on a grid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from serinus.evidence.binned import comparable, memberships
from serinus.evidence.wealth import Nats
from serinus.observe.ask import MetricsReader
from serinus.signals.compile import Counted, Part, Timed, Tracks
from serinus.signals.distributions import by_label
from serinus.signals.series import ScrapeLabels, Series
from serinus.signals.signal import Binned, Signal

MINUTE_SECONDS = 60
MOST_POINTS = 10_000
"""Of a series in one answer; Prometheus gives no more than 11,000."""
ANY_REVISION = "[0-9a-f]{10}"
"""As a pattern: pods of all revisions of a model, and of no model whose name begins alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Events of each pod in each minute; NaN where the pod was not there."""

    until: Nats
    """Ends of the minutes (Unix seconds): (minutes,)."""
    pods: tuple[str, ...]
    total: Nats
    """(pods, minutes)."""
    bad: Nats
    """(pods, minutes, kinds): one kind, or for latency what took longer than each edge."""
    edges: tuple[float, ...] = ()
    """Finite upper edges in seconds, of latency."""
    bins: tuple[str, ...] = ()
    """Of a distribution: the kinds are its events, see evidence.binned."""


def is_told_by_pod(signal: Signal) -> TypeGuard[Counted | Timed | Binned]:
    """Return whether each pod's own events can be told: not those of an expression or a proxy."""
    if not isinstance(signal, Counted | Timed | Binned):
        return False
    return all(part.workload is None for part in _parts(signal))


async def frames_of(
    signal: Counted | Timed | Binned,
    tracks: Tracks,
    metrics: MetricsReader,
    since: datetime,
    until: datetime,
) -> Frames:
    """Return what the pods of a model counted between two times.

    Args:
        signal: how an objective is counted, compiled for these tracks.
        tracks: of `ANY_REVISION`.
        metrics: asked in stretches that Prometheus can answer.
        since: rounded to minutes, as is `until`.
        until: the end of the last minute.

    Raises:
        OutsideUnavailable, QueryRefused: as the metrics reader has it.
    """
    grid = np.arange(_minute(since), _minute(until) + 1, dtype=float) * MINUTE_SECONDS
    answers: dict[str, list[Series]] = {}
    for query in dict.fromkeys(part.query for part in _parts(signal)):
        answers[query] = [
            one async for one in _in_stretches(_narrowed(query, tracks), metrics, grid)
        ]
    counters = _Counters(grid, tracks.labels)
    if isinstance(signal, Timed):
        return _of_durations(signal, counters, _kept(signal.buckets, answers))
    if isinstance(signal, Binned):
        return _of_values(counters, _kept((signal.seen,), answers))
    return _of_events(signal, counters, answers)


async def _in_stretches(query: str, metrics: MetricsReader, grid: Nats) -> AsyncIterator[Series]:
    for first in range(0, len(grid), MOST_POINTS):
        stretch = grid[first : first + MOST_POINTS]
        since, until = (datetime.fromtimestamp(float(at), UTC) for at in (stretch[0], stretch[-1]))
        for one in await metrics.evaluate(query, since, until, MINUTE_SECONDS):
            yield one


def _narrowed(query: str, tracks: Tracks) -> str:
    """A preset's query asks for the pods of all models, since all of them share its answer."""
    return query.replace(f'{tracks.labels.pod}!=""', tracks.matchers(tracks.stable))


class _Counters:
    """Counters on a grid, differenced all at once."""

    def __init__(self, grid: Nats, labels: ScrapeLabels) -> None:
        self.grid, self.labels = grid, labels

    def pods(self, series: Iterable[Series]) -> tuple[str, ...]:
        """Return whose they are, in order."""
        return tuple(sorted({one.labels.get(self.labels.pod, "") for one in series}))

    def seen(self, series: Iterable[Series], pods: Sequence[str]) -> Nats:
        """Return 1 where a pod showed any of them at a point of the grid: (pods, points)."""
        found = np.zeros((len(pods), len(self.grid)))
        for one in series:
            found[self._row(one, pods), self._places(one)] = 1.0
        return found

    def grown(self, series: Iterable[Series], pods: Sequence[str], seen: Nats) -> Nats:
        """Return what the counters of each pod grew by in each minute: (pods, minutes).

        As signals.counts does it from raw samples: a counter that falls began anew, one that
        appears on a pod that was there began at zero, and one that comes with its pod began
        somewhere.
        """
        found = np.zeros((len(pods), len(self.grid) - 1))
        for values, row in self._joined(series, pods):
            before, after = values[:-1], values[1:]
            was_there = seen[row, :-1] > 0
            from_zero = np.isnan(before) & was_there | (after < before)
            gain = np.where(from_zero, after, after - before)
            found[row] += np.nan_to_num(gain)
        return found

    def _joined(self, series: Iterable[Series], pods: Sequence[str]) -> Iterator[tuple[Nats, int]]:
        """Join the stretches that one counter was asked for in."""
        values: dict[frozenset[tuple[str, str]], tuple[Nats, int]] = {}
        for one in series:
            key = frozenset(one.labels.items())
            fresh = (np.full(len(self.grid), np.nan), self._row(one, pods))
            known, _ = values.setdefault(key, fresh)
            known[self._places(one)] = [value for _, value in one.samples]
        yield from values.values()

    def _row(self, one: Series, pods: Sequence[str]) -> int:
        return pods.index(one.labels.get(self.labels.pod, ""))

    def _places(self, one: Series) -> npt.NDArray[np.int64]:
        times = np.array([at for at, _ in one.samples])
        places: npt.NDArray[np.int64] = np.rint((times - self.grid[0]) / MINUTE_SECONDS).astype(
            np.int64
        )
        return places


def _of_events(
    signal: Counted, counters: _Counters, answers: Mapping[str, Sequence[Series]]
) -> Frames:
    total = _kept(signal.total, answers)
    marked = _kept(signal.marked, answers)
    pods = counters.pods(total)
    marked = [one for one in marked if one.labels.get(counters.labels.pod, "") in pods]
    seen = counters.seen(total, pods)
    events, of_them = (counters.grown(those, pods, seen) for those in (total, marked))
    bad = np.maximum(0.0, events - of_them) if signal.marked_are_good else of_them
    bad = np.minimum(bad, events)[:, :, None]
    return _frames(counters.grid, pods, seen, events, bad)


def _of_durations(signal: Timed, counters: _Counters, series: Sequence[Series]) -> Frames:
    pods = counters.pods(series)
    seen = counters.seen(series, pods)
    by_edge: dict[float, list[Series]] = {}
    for one in series:
        edge = float(one.labels.get("le", "nan")) * signal.seconds_per_unit
        by_edge.setdefault(edge, []).append(one)
    within = {edge: counters.grown(those, pods, seen) for edge, those in by_edge.items()}
    events = within.get(inf, np.zeros((len(pods), len(counters.grid) - 1)))
    edges = tuple(sorted(edge for edge in within if edge < inf))
    slower = [np.maximum(0.0, events - within[edge]) for edge in edges]
    bad = np.stack(slower, axis=-1) if slower else np.zeros((*events.shape, 1))
    return _frames(counters.grid, pods, seen, events, bad, edges)


def _of_values(counters: _Counters, series: Sequence[Series]) -> Frames:
    """Edges of all revisions there were: those of one tell of its own pods."""
    pods = counters.pods(series)
    seen = counters.seen(series, pods)
    values = {x: counters.grown(those, pods, seen) for x, those in by_label(series).items()}
    labels = dict.fromkeys(values, 1.0)
    bins = comparable(labels, labels)
    if not bins:
        nothing = np.zeros((len(pods), len(counters.grid) - 1))
        return _frames(counters.grid, pods, seen, nothing, nothing[:, :, None])
    counted = np.stack(list(values.values()), axis=-1)
    bad = counted @ memberships(list(values), bins)
    frames = _frames(counters.grid, pods, seen, counted.sum(axis=-1), bad)
    return replace(frames, bins=bins)


def _frames(
    grid: Nats,
    pods: tuple[str, ...],
    seen: Nats,
    events: Nats,
    bad: Nats,
    edges: tuple[float, ...] = (),
) -> Frames:
    is_there = (seen[:, :-1] > 0) & (seen[:, 1:] > 0)
    return Frames(
        until=grid[1:],
        pods=pods,
        total=np.where(is_there, events, np.nan),
        bad=np.where(is_there[:, :, None], bad, np.nan),
        edges=edges,
    )


def _parts(signal: Counted | Timed | Binned) -> tuple[Part, ...]:
    if isinstance(signal, Binned):
        return (signal.seen,)
    return signal.buckets if isinstance(signal, Timed) else (*signal.total, *signal.marked)


def _kept(parts: Iterable[Part], answers: Mapping[str, Sequence[Series]]) -> list[Series]:
    return [
        one
        for part in parts
        for one in answers[part.query]
        if part.keep is None or part.keep.accepts(one.labels)
    ]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // MINUTE_SECONDS)
