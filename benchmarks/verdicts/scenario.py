"""A scenario: how much traffic, what disturbs both tracks, and what is wrong with the canary."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self
from zlib import crc32


class Seeds(StrEnum):
    """Which traffic: what something was chosen by can't tell how good the choice is."""

    TUNING = ""
    """The bets' weights, ratios and first stakes and the dispersion's error were chosen here."""
    REPORTED = "reported"
    """Seen by nobody before all of that was fixed; every figure comes from here."""


class Disturbance(StrEnum):
    """What happens although nothing is wrong with the canary."""

    IID = "iid"
    """Every request goes wrong by itself."""
    BETABIN = "betabin"
    """Each track has a gamma effect of its own every minute, with a spread of 50 %."""
    COMMON = "common"
    """Outages and a slow drift hit both tracks; a small drift is each track's own."""
    ARMBURST = "armburst"
    """Outages that hit one track only: for a while the same thing as a regression."""
    BAD_CLIENTS = "bad clients"
    """Bursts of requests that no version could answer, routed at random as all others."""
    PETSHOP_LOW = "petshop low"
    PETSHOP_SEARCH = "petshop search"
    PETSHOP_HIGH = "petshop high"
    """Recorded shares of bad requests, those of both tracks (recorded/README.md)."""
    AZURE_CONVERSATION = "azure conversation"
    AZURE_CODE = "azure code"
    """Recorded arrivals; every request goes wrong by itself."""


MADE = tuple(each for each in Disturbance if " " not in each or each is Disturbance.BAD_CLIENTS)
RECORDED = tuple(each for each in Disturbance if each not in MADE)
ARRIVALS_RECORDED = (Disturbance.AZURE_CONVERSATION, Disturbance.AZURE_CODE)
SHARES_RECORDED = tuple(each for each in RECORDED if each not in ARRIVALS_RECORDED)
"""Those of bad requests: a base that is asked for is not theirs."""

MARGIN = 0.005
LONGER_SECONDS = 4 * 3600
"""An hour is too short for a small effect in little traffic, even to the oracle."""
LONGEST_SECONDS = 24 * 3600
"""And four are for the smallest: the long form gives them a day."""
TELLS_LITTLE = 0.01
"""Requests a second times the effect squared, over the share of bad ones: the less, the longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One cell of the benchmark."""

    rate: float
    """Requests a second, of both tracks together."""
    base: float
    """Share of them that is bad on stable."""
    excess: float = 0.0
    """By how much the canary's share is larger."""
    disturbance: Disturbance = Disturbance.IID
    onset_seconds: float = 0.0
    """When the canary goes bad."""
    seconds: int = 3600
    look_seconds: int = 15
    service: int = field(default=0, repr=False)
    """Which of many services alike, each with traffic of its own."""
    seeds: Seeds = field(default=Seeds.REPORTED, repr=False)

    @property
    def looks(self) -> int:
        return self.seconds // self.look_seconds

    @property
    def name(self) -> str:
        where = f"{self.disturbance}, {self.rate:g} req/s, base {self.base:.4g}"
        return where if not self.excess else f"{where}, +{100 * self.excess:g} pt"

    @property
    def seed(self) -> int:
        """The same traffic wherever a cell is run, whatever else runs beside it."""
        service = f" {self.service}" if self.service else ""
        return crc32(f"{self.seeds}{self!r}{service}".encode())

    def lasting(self, seconds: int) -> Self:
        return replace(self, seconds=seconds)


def seconds_to_tell(cell: Scenario) -> int:
    """Return how long a cell has to be for a regression of a margin or more to show."""
    effect, share = cell.excess, cell.base + cell.excess
    if effect >= MARGIN and cell.rate * effect**2 / share <= TELLS_LITTLE:
        return LONGEST_SECONDS
    is_small = cell.rate * effect <= 0.1 or effect < cell.base
    return LONGER_SECONDS if is_small else cell.seconds
