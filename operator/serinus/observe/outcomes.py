"""How outcomes are counted: by the version that their series name, whichever pod shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from serinus.observe.fetch import Answers, Fetch
from serinus.observe.samples import Samples
from serinus.observe.tracked import Tracked
from serinus.servers.selectors import read_selector
from serinus.signals.counts import Events, grown
from serinus.signals.doubts import gravest, same_for_both, told_twice
from serinus.signals.part import Part
from serinus.signals.series import Series
from serinus.signals.signal import Attributed
from serinus.signals.tallies import SharedEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedOutcomes:
    """One objective's way from counters that name a version to what can be tallied."""

    signal: Attributed
    samples: Samples

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""
        outcomes = self.samples.fetches([Part(query=query) for query in self._queries])
        predicted = self.signal.predicted
        return (*outcomes, *(self._earlier.fetches([predicted]) if predicted else ()))

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""
        total, marked = self.signal.total, self.signal.marked
        whole = (self._series(answers, each) for each in (total.canary, total.stable))
        canary = self._events(answers, total.canary, marked.canary)
        return Tracked(
            canary=replace(canary, predicted=self._predicted(answers)),
            stable=self._events(answers, total.stable, marked.stable),
            doubt=gravest(
                (same_for_both(total.canary, total.stable), *(told_twice(each) for each in whole))
            ),
        )

    def silence(self, _answers: Answers) -> str:
        """Return what is missing when the answers give no block."""
        return f"nobody shows {self.signal.total.canary}"

    @property
    def _queries(self) -> tuple[str, ...]:
        total, marked = self.signal.total, self.signal.marked
        if self.signal.shared_query is not None:
            return (self.signal.shared_query,)
        return (total.canary, marked.canary, total.stable, marked.stable)

    @property
    def _earlier(self) -> Samples:
        """Of the time when what is labelled now was predicted."""
        late, due = self.signal.delay_seconds, self.samples.due
        return replace(
            self.samples, due=replace(due, since=due.since - late, until=due.until - late)
        )

    def _predicted(self, answers: Answers) -> Events:
        """The canary's predictions, each as late as labels come."""
        part, earlier = self.signal.predicted, self._earlier
        if part is None:
            return ()
        canary = self.samples.tracks.canary
        heard = earlier.heard(answers, (part,), canary)
        events = grown(earlier.of(answers, (part,), canary), heard)
        return tuple((time + self.signal.delay_seconds, count) for time, count in events)

    def _events(self, answers: Answers, total: str, marked: str) -> SharedEvents:
        all_of_them, some = (self._series(answers, each) for each in (total, marked))
        heard = self.samples.heard_of(answers, [*all_of_them, *some])
        are_good = self.signal.marked_are_good
        return SharedEvents(
            total=grown(all_of_them, heard),
            marked=grown(some, heard),
            marked_are_good=are_good,
            is_proven=_is_seen(some) or not are_good,
        )

    def _series(self, answers: Answers, selector: str) -> Sequence[Series]:
        shared, tracks = self.signal.shared_query, self.samples.tracks
        if shared is None:
            return self.samples.whole(answers, selector)
        part = Part(query=shared, keep=read_selector(selector))
        return self.samples.of(answers, (part,), *dict.fromkeys((tracks.canary, tracks.stable)))


def _is_seen(series: Sequence[Series]) -> bool:
    return any(one.samples for one in series)
