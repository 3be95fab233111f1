"""How a track is counted whose model server is another one than the other track's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

from serinus.observe.fetch import Answers, Fetch
from serinus.observe.tracked import Tracked
from serinus.resource.comparison import is_of_the_server
from serinus.resource.objective import Objective
from serinus.resource.revision import Shows
from serinus.servers.preset import ingredients_of
from serinus.signals.compile import Tracks
from serinus.signals.doubts import Doubt, gravest
from serinus.signals.signal import Signal, signal_of
from serinus.signals.tally import Tally


class OfBothTracks(Protocol):
    """A way of counting both tracks alike."""

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""

    def silence(self, answers: Answers, /) -> str:
        """Return what is missing when the answers give no block."""


def signal_on(
    shows: Shows, source: str | None, objective: Objective, tracks: Tracks
) -> Signal | None:
    """Return what an objective's numbers are made of on a server; None where it shows none."""
    ingredients = ingredients_of(shows.server, source)
    if is_of_the_server(objective) and str(objective.preset) not in ingredients.presets:
        return None
    return signal_of(objective, ingredients, replace(tracks, served_name=shows.served_name))


def apart(
    count: Callable[[Signal], OfBothTracks], canary: Signal, stable: Signal | None, trouble: str
) -> OfBothTracks:
    """Return how an objective is counted.

    Args:
        count: how its numbers are counted that are the same for both tracks.
        canary: what the canary's are made of.
        stable: what stable's are made of; None where its server shows no such thing.
        trouble: why it can't be judged in that case, "" where it can.
    """
    own = count(canary)
    if stable == canary:
        return own
    if stable is None:
        return CountedAlone(of_canary=own, trouble=trouble)
    return CountedApart(of_canary=own, of_stable=count(stable))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedApart:
    """The canary as its server shows it, and stable as its own does."""

    of_canary: OfBothTracks
    of_stable: OfBothTracks

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""
        return tuple(dict.fromkeys((*self.of_canary.fetches, *self.of_stable.fetches)))

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of canary and stable."""
        canary, stable = self.of_canary.tracked(answers), self.of_stable.tracked(answers)
        doubt = gravest((canary.doubt, stable.doubt))
        return Tracked(canary=canary.canary, stable=stable.stable, doubt=doubt)

    def silence(self, answers: Answers) -> str:
        """Return what is missing of the canary."""
        return self.of_canary.silence(answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAlone:
    """The canary alone: stable's server does not show what the objective is about."""

    of_canary: OfBothTracks
    trouble: str = ""
    """Why it can't be judged so, "" where it needs nobody to compare with."""

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What is needed."""
        return self.of_canary.fetches

    def tracked(self, answers: Answers) -> Tracked:
        """Return what the answers hold of the canary."""
        canary = self.of_canary.tracked(answers)
        doubts = (Doubt(since=-inf, message=self.trouble) if self.trouble else None, canary.doubt)
        return Tracked(canary=canary.canary, stable=_Unseen(), doubt=gravest(doubts))

    def silence(self, answers: Answers) -> str:
        """Return what is missing of the canary."""
        return self.trouble or self.of_canary.silence(answers)


@dataclass(frozen=True, slots=True)
class _Unseen:
    def tally(self, since: float, until: float) -> Tally | None:  # noqa: ARG002 - of nothing
        return None
