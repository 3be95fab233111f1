"""How outcomes are counted: by the version that their series name, whichever pod shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serinus.observe.fetch import Answers, Fetch
from serinus.observe.samples import Samples
from serinus.observe.tracked import Tracked
from serinus.signals.compile import Part
from serinus.signals.counts import grown
from serinus.signals.doubts import gravest, same_for_both, told_twice
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
        total, marked = self.signal.total, self.signal.marked
        queries = (total.canary, marked.canary, total.stable, marked.stable)
        return self.samples.fetches([Part(query=query) for query in queries])

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""
        total, marked = self.signal.total, self.signal.marked
        whole = (self.samples.whole(answers, each) for each in (total.canary, total.stable))
        return Tracked(
            canary=self._events(answers, total.canary, marked.canary),
            stable=self._events(answers, total.stable, marked.stable),
            doubt=gravest(
                (same_for_both(total.canary, total.stable), *(told_twice(each) for each in whole))
            ),
        )

    def silence(self, _answers: Answers) -> str:
        """Return what is missing when the answers give no block."""
        return f"nobody shows {self.signal.total.canary}"

    def _events(self, answers: Answers, total: str, marked: str) -> SharedEvents:
        all_of_them, some = (self.samples.whole(answers, each) for each in (total, marked))
        heard = self.samples.heard_of(answers, [*all_of_them, *some])
        are_good = self.signal.marked_are_good
        return SharedEvents(
            total=grown(all_of_them, heard),
            marked=grown(some, heard),
            marked_are_good=are_good,
            is_proven=_is_seen(some) or not are_good,
        )


def _is_seen(series: Sequence[Series]) -> bool:
    return any(one.samples for one in series)
