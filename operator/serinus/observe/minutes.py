"""Pods' past, minute by minute, and split in two as if some of the pods were a canary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from serinus.evidence.binned import comparable, memberships
from serinus.evidence.dispersion import Split
from serinus.evidence.latency_bets import TAIL_COMPARED
from serinus.evidence.wealth import Nats
from serinus.signals.compile import Counted, Proof, Timed
from serinus.signals.counts import Events, Heard, grown, hear
from serinus.signals.distributions import by_label
from serinus.signals.part import Part
from serinus.signals.series import ScrapeLabels, Series
from serinus.signals.signal import Binned
from serinus.signals.tallies import timed_events

MINUTE_SECONDS = 60.0
SETTLING_MINUTES = 2
"""After its start, and after a restart, a pod is cold, which it would be as a canary, too."""
CANARY_PART = 0.1
"""Of the pods, those taken for a canary: what one pod suffers, many suffer less."""

Answered = Mapping[Part, Sequence[Series]]
Edges = tuple[float, ...]
"""The kinds of bad events: edges of a histogram, or of a distribution the number of its bin."""
SHARE: Edges = (0.0,)
"""A share has one kind of bad event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The time looked at."""

    until: float
    """Unix seconds, a whole minute."""
    minutes: int
    labels: ScrapeLabels

    def binned(self, events: Events) -> Nats:
        """Return the events of each minute."""
        counted = np.zeros(self.minutes)
        for time, count in events:
            minute = self.minute(time)
            if 0 <= minute < self.minutes:
                counted[minute] += count
        return counted

    def minute(self, time: float) -> int:
        """Return the index of the minute that ends at or after a time."""
        return self.minutes - 1 + ceil((time - self.until) / MINUTE_SECONDS - 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodMinutes:
    """One pod's events: all, and the bad ones by edge or event."""

    total: Nats
    bad: Mapping[float, Nats]


def split_of(
    signal: Counted | Timed | Binned, answered: Answered, past: Past
) -> tuple[Split | None, int]:
    """Return the minutes of all pods split in two, and how many pods there are.

    None where nothing proves that bad events are counted.
    """
    answered = {part: part.of(series) for part, series in answered.items()}
    if not _is_proven(signal, answered):
        return None, 0
    names = sorted({one.labels.get(past.labels.pod, "") for s in answered.values() for one in s})
    bins = _bins(answered)
    pods = [_minutes(signal, _of_pod(answered, name, past), past, bins) for name in names]
    return split_in_two(pods)


def split_in_two(pods: Sequence[PodMinutes]) -> tuple[Split | None, int]:
    """Return the minutes of pods split in two, and how many of them have counted anything.

    Each tenth of the pods, one pod at least, is taken for a canary in turn, so that which of them
    it is makes no difference. None of fewer than two.
    """
    pods = [each for each in pods if each.total.any()]
    if len(pods) < 2:
        return None, len(pods)
    edges = _telling_edges(pods)
    size = max(1, round(CANARY_PART * len(pods)))
    return _split(pods, size, edges), len(pods)


def _is_proven(signal: Counted | Timed | Binned, answered: Answered) -> bool:
    if not isinstance(signal, Counted) or signal.proof is Proof.NOTHING:
        return True
    return any(answered[part] for part in signal.marked)


def _of_pod(answered: Answered, name: str, past: Past) -> Answered:
    return {
        part: [one for one in series if one.labels.get(past.labels.pod, "") == name]
        for part, series in answered.items()
    }


def _bins(answered: Answered) -> tuple[str, ...]:
    """The bins of a distribution; all pods of a revision have the same."""
    labels = dict.fromkeys(by_label(one for series in answered.values() for one in series), 1.0)
    return comparable(labels, labels)


def _minutes(
    signal: Counted | Timed | Binned, answered: Answered, past: Past, bins: tuple[str, ...]
) -> PodMinutes:
    series = [one for those in answered.values() for one in those]
    heard = hear(
        series,
        (),
        young_pods=frozenset(),
        pod_label=past.labels.pod,
        spacing_seconds=MINUTE_SECONDS,
    )
    settled = _settled(heard, past)
    if isinstance(signal, Binned):
        values = {x: past.binned(grown(c, heard)) for x, c in by_label(series).items()}
        return _distributed({x: n * settled for x, n in values.items()}, bins)
    if isinstance(signal, Timed):
        timed = timed_events(
            _once(signal, answered),
            heard,
            seconds_per_unit=signal.seconds_per_unit,
            limit_seconds=None,
        ).by_edge
        total = past.binned(timed.get(inf, ())) * settled
        within = {edge: past.binned(e) * settled for edge, e in timed.items() if edge < inf}
        return PodMinutes(
            total=total, bad={edge: np.maximum(0.0, total - n) for edge, n in within.items()}
        )
    total, marked = (
        past.binned(grown([one for part in parts for one in answered[part]], heard)) * settled
        for parts in (signal.total, signal.marked)
    )
    bad = np.maximum(0.0, total - marked) if signal.marked_are_good else np.minimum(marked, total)
    return PodMinutes(total=total, bad=dict.fromkeys(SHARE, bad))


def _distributed(values: Mapping[str, Nats], bins: tuple[str, ...]) -> PodMinutes:
    """Each event of a distribution, and what it leaves: how much they vary the rarer one tells."""
    counted = np.stack(list(values.values()))
    total, events = counted.sum(axis=0), memberships(list(values), bins).T @ counted
    both = np.concatenate([events, total - events])
    return PodMinutes(total=total, bad={float(n): event for n, event in enumerate(both)})


def _once(signal: Timed, answered: Answered) -> list[Series]:
    buckets, natives = (
        [one for part in parts for one in answered[part]]
        for parts in (signal.buckets, signal.natives)
    )
    return signal.once(buckets, natives)


def _settled(heard: Mapping[tuple[str, ...], Heard], past: Past) -> Nats:
    """Zero in the minutes after a start or a restart of the pod, else one."""
    settled = np.ones(past.minutes)
    starts = {time for each in heard.values() for time in each.restarts}
    starts |= {each.times[0] for each in heard.values() if each.times}
    for minute in (past.minute(time) for time in starts):
        if minute >= 0:  # what was there before has been there for longer
            settled[minute : minute + 1 + SETTLING_MINUTES] = 0.0
    return settled


def _telling_edges(pods: Sequence[PodMinutes]) -> Edges:
    """The edges all pods have that neither nearly all nor hardly any of the events are beyond."""
    common = set.intersection(*(set(each.bad) for each in pods))
    if common == set(SHARE):
        return SHARE
    total = sum(float(each.total.sum()) for each in pods)
    tails = {edge: sum(float(each.bad[edge].sum()) for each in pods) for edge in common}
    low, high = TAIL_COMPARED
    return tuple(sorted(edge for edge, n in tails.items() if low * total <= n <= high * total))


def _split(pods: Sequence[PodMinutes], size: int, edges: Edges) -> Split:
    """Every array is (groups, minutes, edges)."""
    totals = np.stack([each.total for each in pods])
    by_edge = np.array([[each.bad[edge] for edge in edges] for each in pods])
    bad = by_edge.reshape(len(pods), len(edges), totals.shape[1]).swapaxes(1, 2).copy()
    total = np.repeat(totals[:, :, None], len(edges), axis=2)
    canary, bad_canary = _in_groups(total, size), _in_groups(bad, size)
    return Split(
        bad_canary=bad_canary,
        canary=canary,
        bad_stable=bad.sum(axis=0) - bad_canary,
        stable=total.sum(axis=0) - canary,
    )


def _in_groups(of_pods: Nats, size: int) -> Nats:
    """Sum up so many pods each; those left over at the end are in no group."""
    groups, shape = len(of_pods) // size, of_pods.shape[1:]
    together: Nats = of_pods[: groups * size].reshape(groups, size, *shape).sum(axis=1)
    return together
