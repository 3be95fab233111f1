"""How distributions are counted: each bin of each feature, beside what training data held."""

from __future__ import annotations

from dataclasses import dataclass

from serinus.observe.fetch import Answers, Fetch
from serinus.observe.samples import Samples
from serinus.signals.distributions import binned_events
from serinus.signals.signal import Binned
from serinus.signals.tallies import Countable


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedBins:
    """One objective's way from counters of bins to what can be tallied."""

    signal: Binned
    samples: Samples

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""
        return self.samples.fetches((self.signal.seen, self.signal.trained))

    def countables(self, answers: Answers) -> tuple[Countable, Countable]:
        """Return what the answers hold of canary and stable."""
        tracks = self.samples.tracks
        return self._events(answers, tracks.canary), self._events(answers, tracks.stable)

    def silence(self, answers: Answers) -> str:
        """Return what is missing when the answers give no block."""
        return self.samples.silence(answers, (self.signal.seen,))

    def _events(self, answers: Answers, revision: str) -> Countable:
        seen, trained = (self.signal.seen,), (self.signal.trained,)
        return binned_events(
            self.samples.of(answers, seen, revision),
            self.samples.of(answers, trained, revision),
            self.samples.heard(answers, seen, revision),
        )
