"""The block: both tracks counted over the same stretch of time, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serinus.signals.tally import Bins, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Both tracks counted over the same stretch of time."""

    since: datetime
    until: datetime
    canary: Tally
    stable: Tally

    def __add__(self, later: Block) -> Block:
        """Return both blocks as one."""
        return Block(
            since=min(self.since, later.since),
            until=max(self.until, later.until),
            canary=self.canary + later.canary,
            stable=self.stable + later.stable,
        )


def write_block(block: Block) -> list[Any]:
    """Return a block as JSON has it."""
    times = [block.since.isoformat(), block.until.isoformat()]
    return [*times, *(write_tally(tally) for tally in (block.canary, block.stable))]


def read_block(raw: list[Any]) -> Block:
    """Return a block that was written."""
    since, until, canary, stable = raw
    return Block(
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        canary=read_tally(canary),
        stable=read_tally(stable),
    )


def write_tally(tally: Tally) -> list[Any]:
    """Return a tally as JSON has it, which knows no infinity: the last edge becomes null."""
    buckets = [
        [None if edge == float("inf") else write_number(edge), write_number(count)]
        for edge, count in tally.buckets
    ]
    more: list[Any] = [buckets, _write_bins(tally.bins), _write_bins(tally.trained)]
    more.append(write_number(tally.predicted))
    while more and not more[-1]:
        more.pop()
    return [write_number(tally.total), write_number(tally.bad), *more]


def read_tally(raw: list[Any]) -> Tally:
    """Return a tally that was written."""
    buckets, bins, trained = (raw[place] if len(raw) > place else () for place in (2, 3, 4))
    predicted = float(raw[5]) if len(raw) > 5 else 0.0
    edges = tuple((float("inf") if edge is None else float(edge), float(n)) for edge, n in buckets)
    return Tally(
        total=float(raw[0]),
        bad=float(raw[1]),
        buckets=edges,
        bins=_read_bins(bins),
        trained=_read_bins(trained),
        predicted=predicted,
    )


def _write_bins(bins: Bins) -> dict[str, dict[str, float]]:
    return {
        feature: {label: write_number(count) for label, count in counts.items()}
        for feature, counts in bins.items()
    }


def _read_bins(raw: Any) -> Bins:
    return {
        feature: {label: float(count) for label, count in counts.items()}
        for feature, counts in dict(raw).items()
    }


def write_number(number: float) -> float:
    """Whole numbers are written without a fraction: a ConfigMap holds 1 MiB and no more."""
    return int(number) if float(number).is_integer() else number
