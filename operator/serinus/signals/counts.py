"""Count what counters counted: raw samples differenced with resets, births and restarts.

`increase()` extrapolates, loses what a counter shows in its first sample and what a pod counted
last; here every event that was scraped is counted once, and nothing else is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, isfinite

from serinus.signals.series import Series

Events = tuple[tuple[float, float], ...]
"""(Unix seconds of the scrape, events since the scrape before it)."""

TARGET_LABELS = ("namespace", "pod", "container", "endpoint", "instance", "job")
"""What tells one scraped endpoint from another; `up` carries the same ones."""

SAME_SCRAPE_SPACINGS = 0.6
"""Two samples nearer than this, in scrape intervals, may be of one scrape (deduplicated HA)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of the scrapes of one target."""

    pod: str = ""
    times: tuple[float, ...] = ()
    """Scrapes that went well, oldest first (Unix seconds)."""
    restarts: tuple[float, ...] = ()
    """First scrapes after a restart of its process."""
    is_young: bool = False
    """Whether its pod started within the time looked at."""
    spacing_seconds: float = 15.0

    def first_between(self, after: float, before: float) -> float | None:
        """Return the first scrape in between that belongs to neither of two samples."""
        apart = SAME_SCRAPE_SPACINGS * self.spacing_seconds
        index = bisect_left(self.times, after + apart)
        if index < len(self.times) and self.times[index] <= before - apart:
            return self.times[index]
        return None

    def has_restarted(self, after: float, until: float) -> bool:
        """Return whether its process restarted after one scrape and until another."""
        return bisect_right(self.restarts, after) < bisect_right(self.restarts, until)


def target_of(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return what identifies the endpoint that a series was scraped from."""
    return tuple(labels.get(name, "") for name in TARGET_LABELS)


def hear(
    series: Iterable[Series],
    ups: Iterable[Series],
    *,
    young_pods: frozenset[str],
    pod_label: str,
    spacing_seconds: float,
) -> dict[tuple[str, ...], Heard]:
    """Return what raw samples tell of the scrapes of each target.

    Args:
        series: all counters at hand, of any metric: one that is there tells of others' absence.
        ups: series of `up`, 1 where a scrape went well; without them the counters must do.
        young_pods: names of pods that started within the time looked at.
        pod_label: the label that holds a pod's name.
        spacing_seconds: the scrape interval.
    """
    siblings: dict[tuple[str, ...], list[Series]] = {}
    times: dict[tuple[str, ...], set[float]] = {}
    for one in series:
        target = target_of(one.labels)
        siblings.setdefault(target, []).append(one)
        times.setdefault(target, set()).update(time for time, _ in one.samples)
    for up in ups:
        went_well = (time for time, value in up.samples if value == 1)
        times.setdefault(target_of(up.labels), set()).update(went_well)
    heard: dict[tuple[str, ...], Heard] = {}
    for target, those in siblings.items():
        pod, well = those[0].labels.get(pod_label, ""), tuple(sorted(times[target]))
        known = Heard(
            pod=pod, times=well, is_young=pod in young_pods, spacing_seconds=spacing_seconds
        )
        heard[target] = replace(known, restarts=_restarts(those, known))
    return heard


def _restarts(siblings: Sequence[Series], heard: Heard) -> tuple[float, ...]:
    """The largest counter is the last to catch up after a restart, so it is the one that tells.

    Any other may fall because the program forgot one label value, which restarts nothing.
    """
    restarts = set()
    for one in siblings:
        for (before, old), (time, value) in pairwise(readable(one)):
            missed_at = heard.first_between(before, time)
            if (value < old or missed_at is not None) and one is _largest(siblings, time):
                restarts.add(time if missed_at is None else missed_at)
    return tuple(sorted(restarts))


def _largest(siblings: Sequence[Series], before: float) -> Series:
    """What comes after a restart may have outgrown it: only what was seen before it counts."""

    def size(one: Series) -> float:
        return max((value for time, value in readable(one) if time < before), default=0.0)

    return max(siblings, key=size)


def grown(series: Iterable[Series], heard: Mapping[tuple[str, ...], Heard]) -> Events:
    """Return the events that counters counted, by the scrape that showed them."""
    unheard = Heard()
    events = (
        event for one in series for event in _grown(one, heard.get(target_of(one.labels), unheard))
    )
    return tuple(sorted(events))


def _grown(one: Series, heard: Heard) -> Iterator[tuple[float, float]]:
    before: tuple[float, float] | None = None
    for time, value in readable(one):
        if before is None:
            # Without a sample to start from: from zero if it was not there, else from here.
            yield time, value if _is_born(one, heard, time) else 0.0
        elif value < before[1] or _is_anew(heard, before[0], time):
            yield time, value
        else:
            yield time, value - before[1]
        before = (time, value)


def _is_born(one: Series, heard: Heard, time: float) -> bool:
    if one.samples[0][0] < time:  # it was there before, only unreadable
        return False
    return heard.is_young or heard.first_between(-inf, time) is not None


def _is_anew(heard: Heard, before: float, time: float) -> bool:
    """A process never forgets a counter, so one that was away belongs to a new process."""
    if heard.has_restarted(before, time):
        return True
    return heard.first_between(before, time) is not None


def readable(one: Series) -> Iterator[tuple[float, float]]:
    """Yield a counter's samples; what can't be a count is taken for the one before.

    The counter was there all the same.
    """
    last: float | None = None
    for time, value in one.samples:
        if isfinite(value) and value >= 0:
            last = value
        if last is not None:
            yield time, last


def differenced(
    total: Sequence[Series], marked: Sequence[Series], *, step_seconds: float
) -> tuple[Events, Events]:
    """Return the events between points of a grid where neither of two expressions fell.

    A fall leaves the stretch out for both: half of it would count bad events of no requests.
    """
    totals, marks = summed_by_time(total), summed_by_time(marked)
    total_events, marked_events = [], []
    times = sorted(totals)
    for before, time in pairwise(times):
        if time - before > 1.5 * step_seconds:  # a hole in the answer
            continue
        new_total = totals[time] - totals[before]
        new_marked = marks.get(time, 0.0) - marks.get(before, 0.0)
        if new_total >= 0 and new_marked >= 0:
            total_events.append((time, new_total))
            marked_events.append((time, new_marked))
    return tuple(total_events), tuple(marked_events)


def summed_by_time(series: Sequence[Series]) -> dict[float, float]:
    """Return the sum of all series at each time, of what is a number."""
    sums: dict[float, float] = {}
    for one in series:
        for time, value in one.samples:
            if isfinite(value):
                sums[time] = sums.get(time, 0.0) + value
    return sums


def readings(series: Sequence[Series]) -> Events:
    """Return one reading a time: the mean over the series an expression gave."""
    values: dict[float, list[float]] = {}
    for one in series:
        for time, value in one.samples:
            if isfinite(value):
                values.setdefault(time, []).append(value)
    return tuple((time, sum(those) / len(those)) for time, those in sorted(values.items()))
