"""How each kind of signal is counted: what it fetches, and what the answers hold of each track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from serinus.observe.binning import CountedBins
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.outcomes import CountedOutcomes
from serinus.observe.samples import Samples
from serinus.signals.blocks import Due
from serinus.signals.compile import (
    Counted,
    Differenced,
    Expression,
    Gauged,
    Part,
    Proof,
    Timed,
    Tracks,
)
from serinus.signals.counts import differenced, grown, readings
from serinus.signals.series import Series
from serinus.signals.signal import Attributed, Binned, Signal
from serinus.signals.tallies import Countable, Readings, SharedEvents, timed_events


class Counting(Protocol):
    """One objective's way from answers to what can be tallied."""

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        """Return what the answers hold of canary and stable."""

    def silence(self, answers: Answers, /) -> str:
        """Return what is missing when the answers give no block."""


def counting(
    signal: Signal, due: Due, tracks: Tracks, pods_started_at: Mapping[str, datetime]
) -> Counting:
    """Return how a signal is counted."""
    samples = Samples(due=due, tracks=tracks, pods_started_at=pods_started_at)
    match signal:
        case Counted():
            return _CountedShare(signal=signal, samples=samples)
        case Timed():
            return _CountedDurations(signal=signal, samples=samples)
        case Differenced():
            return _DifferencedShare(signal=signal, due=due)
        case Gauged():
            return _GaugeReadings(signal=signal, due=due)
        case Attributed():
            return CountedOutcomes(signal=signal, samples=samples)
        case Binned():
            return CountedBins(signal=signal, samples=samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CountedShare:
    signal: Counted
    samples: Samples

    @property
    def _parts(self) -> tuple[Part, ...]:
        return (*self.signal.total, *self.signal.marked)

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        return self.samples.fetches(self._parts)

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        tracks = self.samples.tracks
        return self._events(answers, tracks.canary), self._events(answers, tracks.stable)

    def silence(self, answers: Answers) -> str:
        needs_marked = self.signal.proof is not Proof.NOTHING
        return self.samples.silence(answers, self._parts if needs_marked else self.signal.total)

    def _events(self, answers: Answers, revision: str) -> SharedEvents:
        heard = self.samples.heard(answers, self._parts, revision)
        return SharedEvents(
            total=grown(self.samples.of(answers, self.signal.total, revision), heard),
            marked=grown(self.samples.of(answers, self.signal.marked, revision), heard),
            marked_are_good=self.signal.marked_are_good,
            is_proven=self._is_proven(answers, revision),
        )

    def _is_proven(self, answers: Answers, revision: str) -> bool:
        tracks = self.samples.tracks
        where = {
            Proof.NOTHING: (),
            Proof.ANY_TRACK: (tracks.canary, tracks.stable),
            Proof.OWN_TRACK: (revision,),
        }[self.signal.proof]
        return not where or bool(self.samples.of(answers, self.signal.marked, *where))


@dataclass(frozen=True, slots=True, kw_only=True)
class _CountedDurations:
    signal: Timed
    samples: Samples

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        return self.samples.fetches((self.signal.buckets,))

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        tracks = self.samples.tracks
        return self._events(answers, tracks.canary), self._events(answers, tracks.stable)

    def silence(self, answers: Answers) -> str:
        return self.samples.silence(answers, (self.signal.buckets,))

    def _events(self, answers: Answers, revision: str) -> Countable:
        parts = (self.signal.buckets,)
        return timed_events(
            self.samples.of(answers, parts, revision),
            self.samples.heard(answers, parts, revision),
            seconds_per_unit=self.signal.seconds_per_unit,
            limit_seconds=self.signal.limit_seconds,
        )


NO_NUMBER = "its query gives no number"


def _on_grid(due: Due, query: str) -> Fetch:
    """The window starts on the grid too, one point before the stretch, to difference from."""
    spacing = due.spacing_seconds
    points = -(-due.window_seconds // spacing)
    return Fetch(
        query=query, window_seconds=points * spacing, until=due.until, step_seconds=spacing
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _DifferencedShare:
    signal: Differenced
    due: Due

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        total, marked = self.signal.total, self.signal.marked
        queries = (total.canary, marked.canary, total.stable, marked.stable)
        return tuple(_on_grid(self.due, query) for query in dict.fromkeys(queries))

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        total, marked = self.signal.total, self.signal.marked
        is_marked_seen = any(self._of(answers, each) for each in (marked.canary, marked.stable))
        canary = self._events(answers, total.canary, marked.canary, is_proven=is_marked_seen)
        stable = self._events(answers, total.stable, marked.stable, is_proven=is_marked_seen)
        return canary, stable

    def silence(self, _answers: Answers) -> str:
        return NO_NUMBER

    def _events(
        self, answers: Answers, total: str, marked: str, *, is_proven: bool
    ) -> SharedEvents:
        total_events, marked_events = differenced(
            self._of(answers, total),
            self._of(answers, marked),
            step_seconds=self.due.spacing_seconds,
        )
        are_good = self.signal.marked_are_good
        return SharedEvents(
            total=total_events,
            marked=marked_events,
            marked_are_good=are_good,
            is_proven=is_proven or not are_good,
        )

    def _of(self, answers: Answers, query: str) -> Sequence[Series]:
        return answers[_on_grid(self.due, query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _GaugeReadings:
    signal: Gauged
    due: Due

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        value: Expression = self.signal.value
        queries = dict.fromkeys((value.canary, value.stable))
        return tuple(_on_grid(self.due, query) for query in queries)

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        value = self.signal.value
        return self._readings(answers, value.canary), self._readings(answers, value.stable)

    def silence(self, _answers: Answers) -> str:
        return NO_NUMBER

    def _readings(self, answers: Answers, query: str) -> Readings:
        return Readings(values=readings(answers[_on_grid(self.due, query)]))
