"""Faults that were put into a shop and recorded: the canary has them, stable what it has else."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.recordings import recording
from benchmarks.verdicts.scenario import Disturbance, Scenario, Seeds
from benchmarks.verdicts.world import World, world_of

FILE = Path(__file__).with_name("recorded") / "petshop-faults.csv"
STEP_SECONDS = 300


class Cause(StrEnum):
    """What was broken; seen is what the shop's own pages answered."""

    SEARCH = "search"
    """1 or 2 % of searches fail."""
    LISTING = "listing"
    """2 or 5 % of listings fail."""
    PAYMENT = "payment"
    """Payments fail."""
    LAMBDA = "lambda"
    """A function that follows payments throws."""


TRAFFIC = {"low": Disturbance.PETSHOP_LOW, "high": Disturbance.PETSHOP_HIGH}
"""Without any fault, by the name of the load that both were recorded under."""


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """A cell whose canary has a fault from the start; each run has another recording of it."""

    traffic: str
    cause: Cause
    rate: float
    seconds: int = 3600
    seeds: Seeds = field(default=Seeds.REPORTED, repr=False)

    @property
    def name(self) -> str:
        share = 100 * (self.base + self.excess)
        return (
            f"petshop {self.traffic}, {self.cause} fails, {self.rate:g} req/s, "
            f"{100 * self.base:.2g} % to {share:.2g} %"
        )

    @property
    def seed(self) -> int:
        return crc32(f"{self.seeds}{self!r}".encode())

    @property
    def base(self) -> float:
        """Share of bad requests without the fault."""
        shares = recording(TRAFFIC[self.traffic]).bad_shares
        return 0.0 if shares is None else float(shares.mean())

    @property
    def excess(self) -> float:
        """What the fault adds to it."""
        return float(fault_shares(self.traffic, self.cause).mean()) - self.base

    def of(self, runs: int) -> World:
        """Return the shop as it was without a fault, and the canary as it was with one."""
        scenario = Scenario(
            rate=self.rate,
            base=self.base,
            disturbance=TRAFFIC[self.traffic],
            seconds=self.seconds,
            seeds=self.seeds,
        )
        known = fault_shares(self.traffic, self.cause)
        step = np.arange(scenario.looks) * scenario.look_seconds // STEP_SECONDS
        shares = known[np.arange(runs) % len(known)][:, step % known.shape[1]]
        return replace(world_of(scenario, runs), canary_share=shares.T)


@cache
def fault_shares(traffic: str, cause: Cause) -> Floats:
    """Return shares of bad requests while a fault lasted: (recordings, steps of five minutes)."""
    rows = [
        row
        for row in csv.DictReader(FILE.read_text().splitlines())
        if (row["traffic"], row["cause"]) == (traffic, cause)
    ]
    shares = [float(row["bad"]) / float(row["requests"]) for row in rows]
    issues = len({row["issue"] for row in rows})
    return np.array(shares).reshape(issues, -1)
