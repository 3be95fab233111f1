"""How each kind of signal is counted: what it fetches, and what the answers hold of each track."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from serinus.observe.binning import CountedBins
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.outcomes import CountedOutcomes
from serinus.observe.samples import Samples
from serinus.observe.tracked import Tracked
from serinus.signals.blocks import Due
from serinus.signals.compile import Counted, Differenced, Expression, Gauged, Proof, Timed
from serinus.signals.counts import Heard, differenced, grown, readings
from serinus.signals.doubts import gravest, no_counter, same_for_both, told_twice
from serinus.signals.part import Part
from serinus.signals.series import Series
from serinus.signals.signal import Attributed, Binned, Signal
from serinus.signals.tallies import Countable, Readings, SharedEvents, timed_events
from serinus.signals.tally import Bins


class Counting(Protocol):
    """One objective's way from answers to what can be tallied."""

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""

    def silence(self, answers: Answers, /) -> str:
        """Return what is missing when the answers give no block."""


def counting(signal: Signal, samples: Samples, captured: Bins) -> Counting:
    """Return how a signal is counted, beside a baseline that was captured if there is one."""
    match signal:
        case Counted():
            return _CountedShare(signal=signal, samples=samples)
        case Timed():
            return _CountedDurations(signal=signal, samples=samples)
        case Differenced():
            return _DifferencedShare(signal=signal, due=samples.due)
        case Gauged():
            return _GaugeReadings(signal=signal, due=samples.due)
        case Attributed():
            return CountedOutcomes(signal=signal, samples=samples)
        case Binned():
            return CountedBins(signal=signal, samples=samples, captured=captured)


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

    def tracked(self, answers: Answers) -> Tracked:
        return _both(self._events, self.samples, answers, self._parts)

    def silence(self, answers: Answers) -> str:
        needs_marked = self.signal.proof is not Proof.NOTHING
        return self.samples.silence(answers, self._parts if needs_marked else self.signal.total)

    def _events(self, answers: Answers, revision: str, heard: HeardTargets) -> SharedEvents:
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
        return self.samples.fetches(self.signal.parts)

    def tracked(self, answers: Answers) -> Tracked:
        return _both(self._events, self.samples, answers, self.signal.parts)

    def silence(self, answers: Answers) -> str:
        shown = self.samples.of(answers, self.signal.natives, self.samples.tracks.canary)
        return self.samples.silence(
            answers, self.signal.natives[:1] if shown else self.signal.buckets[:1]
        )

    def _events(self, answers: Answers, revision: str, heard: HeardTargets) -> Countable:
        buckets, natives = (
            self.samples.of(answers, parts, revision)
            for parts in (self.signal.buckets, self.signal.natives)
        )
        return timed_events(
            self.signal.once(buckets, natives),
            heard,
            seconds_per_unit=self.signal.seconds_per_unit,
            limit_seconds=self.signal.limit_seconds,
        )


HeardTargets = Mapping[tuple[str, ...], Heard]


def _both(
    events: Callable[[Answers, str, HeardTargets], Countable],
    samples: Samples,
    answers: Answers,
    parts: Sequence[Part],
) -> Tracked:
    countables, doubts = [], []
    for revision in (samples.tracks.canary, samples.tracks.stable):
        heard = samples.heard(answers, parts, revision)
        countables.append(events(answers, revision, heard))
        doubts.append(samples.doubt(answers, parts, revision, heard))
    canary, stable = countables
    return Tracked(canary=canary, stable=stable, doubt=gravest(doubts))


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
        return tuple(_on_grid(self.due, query) for query in self._queries)

    @property
    def _queries(self) -> tuple[str, ...]:
        total, marked = self.signal.total, self.signal.marked
        queries = (total.canary, marked.canary, total.stable, marked.stable)
        return tuple(dict.fromkeys(queries))

    def tracked(self, answers: Answers) -> Tracked:
        total, marked = self.signal.total, self.signal.marked
        is_marked_seen = any(self._of(answers, each) for each in (marked.canary, marked.stable))
        canary = self._events(answers, total.canary, marked.canary, is_proven=is_marked_seen)
        stable = self._events(answers, total.stable, marked.stable, is_proven=is_marked_seen)
        told = [self._of(answers, query) for query in self._queries]
        doubts = (doubt(each) for each in told for doubt in (told_twice, no_counter))
        doubt = gravest((same_for_both(total.canary, total.stable), *doubts))
        return Tracked(canary=canary, stable=stable, doubt=doubt)

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

    def tracked(self, answers: Answers) -> Tracked:
        value = self.signal.value
        same = same_for_both(value.canary, value.stable) if self.signal.is_compared else None
        return Tracked(
            canary=self._readings(answers, value.canary),
            stable=self._readings(answers, value.stable),
            doubt=gravest((same, *(told_twice(answers[each]) for each in self.fetches))),
        )

    def silence(self, _answers: Answers) -> str:
        return NO_NUMBER

    def _readings(self, answers: Answers, query: str) -> Readings:
        return Readings(values=readings(answers[_on_grid(self.due, query)]))
