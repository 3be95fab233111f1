"""Frames: what each pod counted, minute by minute, out of counters on a grid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf

import numpy as np

from serinus.evidence.binned import comparable, memberships
from serinus.evidence.wealth import Nats
from serinus.observe.ask import MetricsReader
from serinus.replay.counters import MINUTE_SECONDS, Counters
from serinus.resource.label_terms import VERSION_PLACEHOLDER
from serinus.resource.names import workload_name
from serinus.servers.ingredients import Workload
from serinus.signals.compile import Counted, Timed, Tracks
from serinus.signals.distributions import by_label
from serinus.signals.part import Part
from serinus.signals.series import Series
from serinus.signals.signal import Attributed, Binned, Signal

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
    are_of_pods: bool = True
    """Whether each row is a pod's, not all that a proxy saw of a workload."""
    are_outcomes: bool = False
    """Whether they are outcomes, of which no rollout measures how much they vary."""


Countable = Counted | Timed | Binned


def countable(signal: Signal) -> Countable | None:
    """Return how pods, or a proxy of theirs, count an objective; None of an expression.

    Outcomes are those that a pod shows itself, as they are counted where both tracks have one
    version; what tells versions apart and nothing else does not tell pods apart.
    """
    if isinstance(signal, Attributed):
        total, marked = signal.total.stable, signal.marked.stable
        if VERSION_PLACEHOLDER in total:
            return None
        return Counted(
            total=(Part(query=total),),
            marked=(Part(query=marked),),
            marked_are_good=signal.marked_are_good,
        )
    return signal if isinstance(signal, Countable) else None


async def frames_of(
    signal: Countable,
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
    workload = next((part.workload for part in _parts(signal)), None)
    for query in dict.fromkeys(part.query for part in _parts(signal)):
        answers[query] = [
            one async for one in _in_stretches(_narrowed(query, workload, tracks), metrics, grid)
        ]
    whose = workload.label if workload else tracks.labels.pod
    counters = Counters(grid, whose, are_of_pods=workload is None)
    if isinstance(signal, Timed):
        shown = (_kept(parts, answers) for parts in (signal.buckets, signal.natives))
        return _of_durations(signal, counters, signal.once(*shown))
    if isinstance(signal, Binned):
        return _of_values(counters, _kept((signal.seen,), answers))
    return _of_events(signal, counters, answers)


async def _in_stretches(query: str, metrics: MetricsReader, grid: Nats) -> AsyncIterator[Series]:
    for first in range(0, len(grid), MOST_POINTS):
        stretch = grid[first : first + MOST_POINTS]
        since, until = (datetime.fromtimestamp(float(at), UTC) for at in (stretch[0], stretch[-1]))
        for one in await metrics.evaluate(query, since, until, MINUTE_SECONDS):
            yield one


def _narrowed(query: str, workload: Workload | None, tracks: Tracks) -> str:
    """A preset's query asks for the pods of all models, since all of them share its answer."""
    if workload is None:
        return query.replace(f'{tracks.labels.pod}!=""', tracks.matchers(tracks.stable))
    name = workload_name(tracks.model, tracks.stable)
    whose = f'{workload.label}=~"{workload.prefix(tracks.namespace, name)}.*"'
    if workload.namespace_label:
        whose = f'{workload.namespace_label}="{tracks.namespace}",{whose}'
    return query.replace(f'{workload.label}!=""', whose)


def _of_events(
    signal: Counted, counters: Counters, answers: Mapping[str, Sequence[Series]]
) -> Frames:
    total = _kept(signal.total, answers)
    marked = _kept(signal.marked, answers)
    pods = counters.pods(total)
    marked = [one for one in marked if one.labels.get(counters.pod_label, "") in pods]
    seen = counters.seen(total, pods)
    events, of_them = (counters.grown(those, pods, seen) for those in (total, marked))
    bad = np.maximum(0.0, events - of_them) if signal.marked_are_good else of_them
    bad = np.minimum(bad, events)[:, :, None]
    return _frames(counters, pods, seen, events, bad)


def _of_durations(signal: Timed, counters: Counters, series: Sequence[Series]) -> Frames:
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
    return _frames(counters, pods, seen, events, bad, edges)


def _of_values(counters: Counters, series: Sequence[Series]) -> Frames:
    """Edges of all revisions there were: those of one tell of its own pods."""
    pods = counters.pods(series)
    seen = counters.seen(series, pods)
    values = {x: counters.grown(those, pods, seen) for x, those in by_label(series).items()}
    labels = {label: float(np.nansum(counts)) for label, counts in values.items()}
    bins = comparable(labels, labels)
    if not bins:
        nothing = np.zeros((len(pods), len(counters.grid) - 1))
        return _frames(counters, pods, seen, nothing, nothing[:, :, None])
    counted = np.stack(list(values.values()), axis=-1)
    bad = counted @ memberships(list(values), bins)
    frames = _frames(counters, pods, seen, counted.sum(axis=-1), bad)
    return replace(frames, bins=bins)


def _frames(
    counters: Counters,
    pods: tuple[str, ...],
    seen: Nats,
    events: Nats,
    bad: Nats,
    edges: tuple[float, ...] = (),
) -> Frames:
    is_there = (seen[:, :-1] > 0) & (seen[:, 1:] > 0)
    return Frames(
        until=counters.grid[1:],
        pods=pods,
        total=np.where(is_there, events, np.nan),
        bad=np.where(is_there[:, :, None], bad, np.nan),
        edges=edges,
        are_of_pods=counters.are_of_pods,
    )


def _parts(signal: Countable) -> tuple[Part, ...]:
    if isinstance(signal, Binned):
        return (signal.seen,)
    return signal.parts if isinstance(signal, Timed) else (*signal.total, *signal.marked)


def _kept(parts: Iterable[Part], answers: Mapping[str, Sequence[Series]]) -> list[Series]:
    return [one for part in parts for one in part.of(answers[part.query])]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // MINUTE_SECONDS)
