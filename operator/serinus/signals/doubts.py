"""Doubts: where what Prometheus shows can't be what was counted, so that nothing is made of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, pairwise
from math import ceil, inf

from serinus.signals.counts import TARGET_LABELS, Heard, readable, summed_by_time
from serinus.signals.series import Sample, Series

SETTLED_AFTER_SCRAPES = 20
"""Two processes that answer in turn go for so long without a fall once in 50,000 times."""
FALLS_OF_NO_COUNTER = 3
SAMPLES_A_FALL = 3
"""Of two counters put together every second sample falls, of one that begins anew fewer do."""
SHARE_OF_NO_COUNTER = 0.1
"""An expression falls when a pod goes; one that falls so often is no sum of counters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why nothing can be counted for now."""

    since: float
    """Unix seconds: what was shown from then on counts for nothing yet."""
    message: str


def gravest(doubts: Iterable[Doubt | None]) -> Doubt | None:
    """Return the doubt that leaves the least to be counted, None without any."""
    return min((each for each in doubts if each), key=lambda each: each.since, default=None)


def shown_twice(series: Sequence[Series], ups: Iterable[Series], pod_label: str) -> Doubt | None:
    """Return the doubt about counters of one pod that are one counter, scraped or told twice.

    Whatever is a label of `up` says where a series was scraped and by whom. Two series of a pod
    that differ in nothing else, and whose samples are one rising line if they are put together,
    are one counter: by two scrape jobs, or by two replicas of Prometheus that nobody made one.
    """
    where = {*TARGET_LABELS, *(name for up in ups for name in up.labels)} - {"__name__"}
    alike: dict[tuple[str, frozenset[tuple[str, str]]], list[Series]] = {}
    for one in series:
        own = frozenset(pair for pair in one.labels.items() if pair[0] not in where)
        alike.setdefault((one.labels.get(pod_label, ""), own), []).append(one)
    pairs = ((pod, pair) for (pod, _), those in alike.items() for pair in combinations(those, 2))
    return gravest(_twice(pod, one, other) for pod, (one, other) in pairs)


def _twice(pod: str, one: Series, other: Series) -> Doubt | None:
    if one.labels == other.labels:
        return told_twice((one, other))
    if not _are_one_counter(one, other):
        return None
    names = sorted(one.labels.keys() | other.labels.keys())
    differing = [name for name in names if one.labels.get(name) != other.labels.get(name)]
    this, that = (
        ", ".join(f"{name}={each.labels.get(name, '')}" for name in differing)
        for each in (one, other)
    )
    return Doubt(
        since=-inf,
        message=f"pod {pod} is there twice, as {this} and as {that}, and each event would count "
        "twice: leave one scrape job, or let the store make one of two replicas",
    )


def told_twice(series: Iterable[Series]) -> Doubt | None:
    """Return the doubt about an answer that has two series with the same labels."""
    seen = set()
    for one in series:
        labels = frozenset(one.labels.items())
        if labels in seen:
            return Doubt(
                since=-inf,
                message=f"Prometheus told {_named(one.labels)} twice in one answer: something "
                "before it puts answers together and does not look for what is the same",
            )
        seen.add(labels)
    return None


def same_for_both(canary: str, stable: str) -> Doubt | None:
    """Return the doubt about queries that ask the same of both tracks.

    Those that tell tracks by the model's version do, where only something else is new.
    """
    if canary != stable:
        return None
    return Doubt(
        since=-inf,
        message="its query is the same for canary and stable, so that it compares nothing: tell "
        "them apart by $(selector) among its label matchers",
    )


def _named(labels: Mapping[str, str]) -> str:
    shown = sorted(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return f"{labels.get('__name__', '')}{{{','.join(shown)}}}"


def _are_one_counter(one: Series, other: Series) -> bool:
    """Counters that have counted nothing yet can't be told apart, and need not be.

    Put together, two counters fall at every other sample, and one only where it began anew: a
    fall that neither of its two series need show by itself.
    """
    first, second = list(readable(one)), list(readable(other))
    if not all(any(value > 0 for _, value in each) for each in (first, second)):
        return False
    together = _side_by_side(first, second)
    seldom = ceil((len(together) - 1) / SAMPLES_A_FALL)
    return _falls(together) <= max(_falls(first), _falls(second)) + seldom


def _side_by_side(one: Sequence[Sample], other: Sequence[Sample]) -> list[Sample]:
    """Return the samples of two series from where both are there, and one before and after it."""
    together = sorted({*one, *other})
    since, until = max(one[0], other[0]), min(one[-1], other[-1])
    first, last = sorted((together.index(since), together.index(until)))
    return together[max(0, first - 1) : last + 2]


def _falls(samples: Iterable[tuple[float, float]]) -> int:
    return sum(later < before for (_, before), (_, later) in pairwise(samples))


def unsettled(
    heard: Iterable[Heard],
    running_since: Mapping[str, float],
    began_before: Mapping[str, Sequence[float]],
    until: float,
) -> Doubt | None:
    """Return the doubt about counters that began anew though nobody restarted their container.

    A process of its own that a container started again is one such case, once. Several processes
    that answer one endpoint in turn, each with counters of its own, are another, and so is
    whatever sets counters to zero as they are read: counted, that would be the events of days in
    every scrape. So the first fall already waits for what follows it.

    Args:
        heard: of each target.
        running_since: Unix seconds at which the youngest process of a pod began, by the pod; of
            one that is gone there is nothing to wait for, but for the time.
        began_before: Unix seconds at which other processes of a pod began, as far as is known.
        until: Unix seconds of the newest scrape there may be.
    """
    return gravest(
        _unsettled(each, running_since.get(each.pod), began_before.get(each.pod, ()), until)
        for each in heard
    )


def _unsettled(
    heard: Heard, running_since: float | None, began_before: Sequence[float], until: float
) -> Doubt | None:
    later, chain = until, list[float]()
    known = began_before if running_since is None else (*began_before, running_since)
    for fall in reversed(heard.restarts):
        has_settled = _scrapes(heard, fall, later) > SETTLED_AFTER_SCRAPES
        if running_since is None and len(chain) < FALLS_OF_NO_COUNTER:
            has_settled = later - fall > SETTLED_AFTER_SCRAPES * heard.spacing_seconds
        if has_settled:
            break
        if not any(_explains(began_at, heard, fall) for began_at in known):
            chain.append(fall)
            later = fall
    return _began_anew(heard, chain) if chain else None


def _scrapes(heard: Heard, after: float, until: float) -> int:
    return bisect_right(heard.times, until) - bisect_right(heard.times, after)


def _began_anew(heard: Heard, chain: Sequence[float]) -> Doubt:
    since, last_at = chain[-1], chain[0]
    last = f"{datetime.fromtimestamp(last_at, UTC):%H:%M:%S}"
    said = f"counters of pod {heard.pod} began anew, last at {last}, and its container"
    if len(chain) == 1:
        message = f"{said} did not: what they show counts after {SETTLED_AFTER_SCRAPES} scrapes"
    else:
        scrapes = _scrapes(heard, since, last_at) + 1
        message = (
            f"{said} did not: {len(chain)} times in {scrapes} scrapes. Do several processes "
            "answer there in turn, or are counters set to zero as they are read?"
        )
    return Doubt(since=since, message=message)


def _explains(began_at: float, heard: Heard, fall: float) -> bool:
    """A process began after the scrape before, but for clocks that go differently."""
    before = bisect_left(heard.times, fall) - 1
    earliest = heard.times[before] if before >= 0 else -inf
    return earliest - heard.spacing_seconds <= began_at <= fall + heard.spacing_seconds


def no_counter(series: Sequence[Series]) -> Doubt | None:
    """Return the doubt about an expression that falls as no sum of counters does."""
    sums = sorted(summed_by_time(series).items())
    falls = _falls(sums)
    if falls < FALLS_OF_NO_COUNTER or falls <= SHARE_OF_NO_COUNTER * len(sums):
        return None
    message = f"its query fell {falls} times within {len(sums)} points: no sum of counters does"
    return Doubt(since=-inf, message=message)
