"""Raw counter traces: what Prometheus stores of pods that come, go, restart and are missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.verdicts.counts import Counts
from serinus.signals.series import Series

SCRAPE_SECONDS = 5
NAMESPACE, MODEL = "prod", "fraud"
CANARY, STABLE = "bbb", "aaa"
"""Revisions."""
METRIC = "model_requests_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What goes wrong between the counting and the storing."""

    replaced_every_seconds: int = 0
    """A pod of each track is gone then, and a new one takes its place."""
    restarted_every_seconds: int = 0
    """A process starts again from zero, right after a scrape."""
    missed_share: float = 0.0
    """Scrapes that fail."""
    late_share: float = 0.0
    """Scrapes that come up to two seconds late."""
    may_miss_ends: bool = False
    """Whether the last scrape of a look may fail: its counts then show in the next look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All series of one run, and when its pods began."""

    series: tuple[Series, ...]
    pods_started_at: Mapping[str, float]

    @property
    def counters(self) -> tuple[Series, ...]:
        return tuple(one for one in self.series if one.labels["__name__"] != "up")

    @property
    def ups(self) -> tuple[Series, ...]:
        return tuple(one for one in self.series if one.labels["__name__"] == "up")


@dataclass
class _Pod:
    name: str
    offset: float
    """Second within the scrape interval."""
    counters: dict[str, float] = field(default_factory=dict)
    samples: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    ups: list[tuple[float, float]] = field(default_factory=list)

    def count(self, good: int, bad: int) -> None:
        for code, count in (("200", good), ("500", bad)):
            if count:  # a label value appears with its first event
                self.counters[code] = self.counters.get(code, 0.0) + count

    def scrape(self, at: float, *, succeeds: bool) -> None:
        self.ups.append((at, float(succeeds)))
        if succeeds:
            for code, value in self.counters.items():
                self.samples.setdefault(code, []).append((at, value))

    def series(self) -> Iterator[Series]:
        labels = {"namespace": NAMESPACE, "pod": self.name, "instance": self.name}
        for code, samples in self.samples.items():
            yield Series(
                labels={"__name__": METRIC, "code": code, **labels}, samples=tuple(samples)
            )
        yield Series(labels={"__name__": "up", **labels}, samples=tuple(self.ups))


class _Track:
    """The pods of one revision, playing what each look holds."""

    def __init__(self, revision: str, size: int, trouble: Trouble, seed: int) -> None:
        self._revision, self._trouble = revision, trouble
        self._rng = np.random.default_rng(seed)
        self.gone: list[_Pod] = []
        self.alive: list[_Pod] = []
        self.started_at: dict[str, float] = {}
        for _ in range(size):
            self._add(0.0)

    def _add(self, at: float) -> None:
        number = len(self.started_at)
        pod = _Pod(f"{MODEL}-{self._revision}-7d4b9-{number}", 1.0 + number % SCRAPE_SECONDS / 2)
        self.started_at[pod.name] = at
        self.alive.append(pod)

    def play(self, since: float, look_seconds: int, total: int, bad: int) -> None:
        """Spread a look's requests over pods and scrapes; what befalls pods comes first."""
        self._befall(since)
        scrapes = look_seconds // SCRAPE_SECONDS
        slots = len(self.alive) * scrapes
        even = np.full(slots, 1 / slots)
        goods = self._rng.multinomial(total - bad, even).reshape(-1, scrapes)
        bads = self._rng.multinomial(bad, even).reshape(-1, scrapes)
        for pod, its_goods, its_bads in zip(self.alive, goods, bads, strict=True):
            for number in range(scrapes):
                pod.count(int(its_goods[number]), int(its_bads[number]))
                at = since + number * SCRAPE_SECONDS + pod.offset + self._lateness()
                pod.scrape(at, succeeds=not self._misses(is_last=number == scrapes - 1))

    def _befall(self, at: float) -> None:
        trouble = self._trouble
        if _is_time(at, trouble.replaced_every_seconds):
            self.gone.append(self.alive.pop(0))
            self._add(at)
        if _is_time(at, trouble.restarted_every_seconds):
            self.alive[-1].counters.clear()

    def _lateness(self) -> float:
        is_late = self._rng.random() < self._trouble.late_share
        return float(self._rng.uniform(0, 2)) if is_late else 0.0

    def _misses(self, *, is_last: bool) -> bool:
        may_miss = self._trouble.may_miss_ends or not is_last
        return may_miss and bool(self._rng.random() < self._trouble.missed_share)


def _is_time(at: float, every_seconds: int) -> bool:
    return every_seconds > 0 and at > 0 and at % every_seconds == 0


def trace_of(
    looks: Sequence[Counts], run: int, look_seconds: int, trouble: Trouble, start: float
) -> Trace:
    """Return counters that hold the counts of one run, look by look."""
    canary = _Track(CANARY, 2, trouble, 1 + 2 * run)
    stable = _Track(STABLE, 4, trouble, 2 + 2 * run)
    for number, counts in enumerate(looks):
        since = number * look_seconds
        canary.play(since, look_seconds, *_whole(counts.canary[run], counts.canary_bad[run]))
        stable.play(since, look_seconds, *_whole(counts.stable[run], counts.stable_bad[run]))
    pods = [pod for track in (canary, stable) for pod in (*track.gone, *track.alive)]
    started = {**canary.started_at, **stable.started_at}
    return Trace(
        series=tuple(_moved(one, start) for pod in pods for one in pod.series()),
        pods_started_at={name: start + at for name, at in started.items()},
    )


def _whole(total: float, bad: float) -> tuple[int, int]:
    return int(total), int(bad)


def _moved(one: Series, start: float) -> Series:
    return Series(
        labels=one.labels, samples=tuple((start + at, value) for at, value in one.samples)
    )
