"""The operator's own rule: the engine of serinus.evidence on many rollouts at once.

One objective, `worseThanStable` by a margin; its layers are told apart by what they know of how
much counts vary from minute to minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from benchmarks.verdicts.counts import Flags, Floats, Whole
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Look, Past, Said, Setting
from serinus.evidence.counts import Counts
from serinus.evidence.dispersion import (
    UNVERIFIED_DISPERSION,
    UNVERIFIED_DIVISOR,
    Split,
    measured_dispersion,
)
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.margins import MULTIPLES, TOLERANCE, multiple_for
from serinus.evidence.share_bets import ShareBets
from serinus.evidence.stakes import (
    Stakes,
    begun,
    counted,
    evidence_against,
    evidence_within,
    some_of,
)
from serinus.evidence.wealth import Nats

FALSE_ROLLBACK_RATE = 0.01
FALSE_PROMOTE_RATE = 0.05
SUSPICIOUS = 5.0
"""Evidence against a canary that no proof of a lower step overrules."""
LEAST_BAD_EVENTS = 4
DWELL_SECONDS = 60.0
MINUTE_SECONDS = 60


class Layer(StrEnum):
    """What is known of the service's dispersion."""

    ALONE = "ours, no dispersion"
    """None is assumed: what the share test would be by itself."""
    UNVERIFIED = "ours"
    """Nothing is known: the default without history."""
    MEASURED = "ours, measured dispersion"
    """Four hours of the stable pods, split in two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    layer: Layer = Layer.UNVERIFIED
    margin: float = 0.005
    limit: float | None = None
    weights: tuple[float, ...] = QUARTER_STEPS

    @property
    def name(self) -> str:
        more = "" if self.margin == 0.005 else f", margin {100 * self.margin:g} pt"
        return self.layer + more + ("" if self.limit is None else f", limit {self.limit:.1%}")

    def watch(self, setting: Setting) -> OursWatch:
        """Begin, or go on with what another rule of the same evidence has begun."""
        if setting.shared is None:
            return self._begun(setting)
        if self not in setting.shared:
            setting.shared[self] = self._begun(setting)
        begun_already: OursWatch = setting.shared[self]
        return begun_already

    def _begun(self, setting: Setting) -> OursWatch:
        margin = np.full(setting.runs, self.margin)
        bets = ShareBets(
            margin=margin,
            tolerance=TOLERANCE * margin,
            limit=np.full(setting.runs, np.nan if self.limit is None else self.limit),
            dispersion=_dispersion(self.layer, setting),
            proves=setting.moves,
        )
        divisor = UNVERIFIED_DIVISOR if self.layer is Layer.UNVERIFIED else 1.0
        return OursWatch(
            bets=bets,
            weights=self.weights,
            roll_back_at=float(np.log(divisor / FALSE_ROLLBACK_RATE)),
            stakes=begun(bets, setting.runs),
            bad=np.zeros(setting.runs),
        )


def _dispersion(layer: Layer, setting: Setting) -> Nats:
    match layer:
        case Layer.ALONE:
            return np.zeros(setting.runs)
        case Layer.UNVERIFIED:
            return np.full(setting.runs, UNVERIFIED_DISPERSION)
        case Layer.MEASURED:
            return _measured(setting.past())


def _measured(past: Past) -> Nats:
    """Of each run on its own, as each service has a past of its own."""
    split = Split(
        bad_canary=past.canary_bad[None],
        canary=past.canary[None],
        bad_stable=past.stable_bad[None],
        stable=past.stable[None],
    )
    found = measured_dispersion(split)
    if found is None:
        raise ValueError("this past is too short")
    return found


@dataclass
class OursWatch:
    bets: ShareBets | LatencyBets
    weights: tuple[float, ...]
    roll_back_at: float | Nats
    stakes: Stakes
    bad: Floats
    """Bad requests of the canary so far."""
    heard: list[Nats] = field(default_factory=list)
    """The evidence look by look."""
    places: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Runs that are looked at."""

    def __post_init__(self) -> None:
        self.places = np.arange(len(self.bad))

    @property
    def dispersion(self) -> Nats:
        return self.bets.dispersion

    def look(self, seen: Look) -> Said:
        rolls_back, advances = np.zeros((2, len(seen.weight)), dtype=bool)
        self._leave_out_decided(seen.under_way)
        if len(self.places) < len(seen.weight):
            seen = seen.of(self.places)
        against = self.against(seen)
        rolls_back[self.places] = against >= self.roll_back_at
        if self.bets.proves:
            advances[self.places] = self._advances(seen, against)
        return Said(rolls_back=rolls_back, advances=advances)

    def _leave_out_decided(self, under_way: Flags | None) -> None:
        """Look at half as many once half of them are decided."""
        if under_way is None or 2 * np.sum(under_way[self.places]) > len(self.places):
            return
        kept = np.flatnonzero(under_way[self.places])
        self.places, self.bad = self.places[kept], self.bad[kept]
        self.stakes, self.bets = some_of(self.stakes, kept), self.bets.some(kept)

    def against(self, seen: Look) -> Nats:
        """Return the evidence against each canary at a look, the next or one that was heard."""
        if len(self.heard) * seen.look_seconds < seen.at:
            self.heard.append(self._counted(seen))
        return self.heard[seen.at // seen.look_seconds - 1]

    def _counted(self, seen: Look) -> Nats:
        self.bad = self.bad + seen.counts.canary_bad
        self.stakes = counted(
            self.bets,
            self.stakes,
            self._counts(seen),
            begins_minute=_begins_minute(seen),
            begins_step=seen.is_first_on_step & (seen.at > seen.look_seconds),
        )
        found = evidence_against(self.bets, self.stakes)
        return np.where(self.bad >= LEAST_BAD_EVENTS, found, np.minimum(0.0, found))

    def _counts(self, seen: Look) -> Counts:
        counts = seen.counts
        return Counts(
            bad_canary=counts.canary_bad[:, None],
            canary=counts.canary,
            bad_stable=counts.stable_bad[:, None],
            stable=counts.stable,
        )

    def _advances(self, seen: Look, against: Nats) -> Flags:
        within = evidence_within(self.bets, self.stakes)
        proof = -np.log(FALSE_PROMOTE_RATE)
        step = np.searchsorted(self.weights, seen.weight - 1e-9)
        needed = np.array([MULTIPLES.index(multiple_for(w)) for w in _next_percents(self.weights)])
        is_proven = np.take_along_axis(within, needed[step][:, None], axis=1)[:, 0] >= proof
        is_calm = (against < np.log(SUSPICIOUS)) | (within[:, 0] >= proof)
        advances: Flags = is_proven & is_calm & (seen.on_step_seconds >= DWELL_SECONDS)
        return advances


def _next_percents(weights: tuple[float, ...]) -> tuple[float, ...]:
    return (*(100 * weight for weight in weights[1:]), 100.0)


def _begins_minute(seen: Look) -> Flags:
    since = seen.on_step_seconds - seen.look_seconds
    begins: Flags = (since > 0) & (since % MINUTE_SECONDS == 0)
    return begins
