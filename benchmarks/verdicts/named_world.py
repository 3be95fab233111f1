"""A world that is a cell by itself: what it is called is what its traffic is drawn by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self
from zlib import crc32

from benchmarks.verdicts.scenario import Seeds


@dataclass(frozen=True, kw_only=True)
class NamedWorld:
    """What such worlds share; each has a `name` that tells it from all others."""

    rate: float
    runs: int = 1
    seconds: int = 3600
    look_seconds: int = 15
    onset_seconds: float = 0.0
    seeds: Seeds = field(default=Seeds.REPORTED, repr=False)

    def of(self, runs: int) -> Self:
        return replace(self, runs=runs)

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def looks(self) -> int:
        return self.seconds // self.look_seconds

    @property
    def seed(self) -> int:
        return crc32(f"{self.seeds}{self.name}".encode())

    @property
    def stream(self) -> tuple[int, ...]:
        return (self.seed,)
