"""How distributions are counted: each bin of each feature, beside what training data held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serinus.observe.fetch import Answers, Fetch
from serinus.observe.samples import Samples
from serinus.observe.tracked import Tracked
from serinus.signals.counts import Heard
from serinus.signals.distributions import binned_events, latest
from serinus.signals.doubts import gravest
from serinus.signals.signal import Binned
from serinus.signals.tallies import Countable
from serinus.signals.tally import Bins


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedBins:
    """One objective's way from counters of bins to what can be tallied."""

    signal: Binned
    samples: Samples
    captured: Bins
    """Of stable's traffic, where that is what is compared with."""

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""
        parts = (self.signal.seen, self.signal.trained)
        return self.samples.fetches([part for part in parts if part is not None])

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""
        seen, tracks = (self.signal.seen,), self.samples.tracks
        heard = {
            revision: self.samples.heard(answers, seen, revision)
            for revision in (tracks.canary, tracks.stable)
        }
        doubts = (self.samples.doubt(answers, seen, *each) for each in heard.items())
        return Tracked(
            canary=self._events(answers, tracks.canary, heard[tracks.canary]),
            stable=self._events(answers, tracks.stable, heard[tracks.stable]),
            doubt=gravest(doubts),
        )

    def silence(self, answers: Answers) -> str:
        """Return what is missing when the answers give no block."""
        return self.samples.silence(answers, (self.signal.seen,))

    def _events(
        self, answers: Answers, revision: str, heard: Mapping[tuple[str, ...], Heard]
    ) -> Countable:
        seen, trained = self.samples.of(answers, (self.signal.seen,), revision), self.captured
        if self.signal.trained is not None:
            trained = latest(self.samples.of(answers, (self.signal.trained,), revision))
        return binned_events(seen, trained, heard)
