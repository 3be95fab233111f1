"""The account of one objective: what is staked on it, between looks and after a restart.

One look more adds a block and forgets it, so that the verdict after a restart is the one there
would have been without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, inf, isfinite
from typing import Any

import numpy as np

from serinus.evidence.block import Block, write_number
from serinus.evidence.counts import Counts
from serinus.evidence.margins import MULTIPLES
from serinus.evidence.stakes import Stakes, one_of
from serinus.resource.objective import Kind, Objective
from serinus.signals.tally import Tally

MINUTE_SECONDS = 60.0
MOST_EDGES = 14
"""Of a finer histogram, evenly chosen ones and the one next to the limit: 2 kB are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the bets on an objective say at a look."""

    against: float = 0.0
    """Logarithm of the evidence that the canary is bad, to 1e-4 nat, rounded down."""
    within: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    """The same that 1, 2, 4, 10, 20 margins are excluded."""
    bad: float = 0.0
    """Bad events of the canary so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A block as an account has it."""

    edges: tuple[float, ...]
    counts: Counts
    begins_minute: bool
    begins_step: bool
    since: datetime
    """Of the open minute."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """The stakes on one objective, and the times of the open minute.

    Two are equal if they are written alike: the rest follows from that.
    """

    edges: tuple[float, ...] = ()
    """Of a latency histogram, those that are counted."""
    stakes: Stakes | None = None
    """Those of all objectives that were looked at with it."""
    place: int = 0
    """Its own among them."""
    since: datetime | None = None
    until: datetime | None = None
    """Of the open minute."""

    def entry(
        self, objective: Objective, block: Block, step_entered_at: datetime | None
    ) -> Entry | None:
        """Return what a block is to the account; a minute ends where a step begins, too."""
        edges = self.edges or _edges(objective, block)
        counts = _counts(objective, block, edges)
        if counts is None:
            return None
        begins_step = (
            self.since is not None
            and step_entered_at is not None
            and self.since < step_entered_at <= block.since
        )
        begins_minute = self.until is not None and _minute(self.until) != _minute(block.until)
        is_new = self.since is None or begins_minute or begins_step
        return Entry(
            edges=edges,
            counts=counts,
            begins_minute=begins_minute,
            begins_step=begins_step,
            since=block.since if is_new or self.since is None else self.since,
            until=block.until,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Account):
            return NotImplemented
        return write_account(self) == write_account(other)

    __hash__ = None  # type: ignore[assignment] # its arrays have none

    def after(self, entry: Entry, stakes: Stakes, place: int) -> Account:
        """Return the account with an entry whose stakes have been worked out, among others."""
        return Account(
            edges=entry.edges, stakes=stakes, place=place, since=entry.since, until=entry.until
        )


def write_told(told: Told) -> list[float]:
    """Return what the bets say as JSON has it."""
    return [told.bad, told.against, *told.within]


def read_told(raw: Sequence[float]) -> Told:
    """Return what was written of it."""
    bad, against, *within = (float(number) for number in raw)
    return Told(bad=bad, against=against, within=tuple(within))


def write_account(account: Account) -> dict[str, Any]:
    """Return an account as JSON has it; no fraction but in what was counted."""
    if account.stakes is None:
        return {}
    stakes = one_of(account.stakes, account.place)
    return {
        "edges": [write_number(edge) for edge in account.edges],
        "since": account.since.isoformat() if account.since else None,
        "until": account.until.isoformat() if account.until else None,
        "minutes": int(stakes.minutes[0]),
        "new": bool(stakes.is_new_step[0]),
        "before": _write_counts(stakes.before),
        "open": _write_counts(stakes.open),
        "bets": {name: wealth[0].tolist() for name, wealth in sorted(stakes.closed.items())},
    }


def read_account(raw: Mapping[str, Any]) -> Account:
    """Return an account that was written.

    Raises:
        ValueError: if it is none; KeyError and TypeError, too.
    """
    if not raw:
        return Account()
    stakes = Stakes(
        minutes=np.array([raw["minutes"]], dtype=np.int64),
        is_new_step=np.array([raw["new"]], dtype=bool),
        before=_read_counts(raw["before"]),
        open=_read_counts(raw["open"]),
        closed={name: np.array([wealth], dtype=np.int64) for name, wealth in raw["bets"].items()},
        settled={},
    )
    since, until = (raw[name] and datetime.fromisoformat(raw[name]) for name in ("since", "until"))
    edges = tuple(float(edge) for edge in raw["edges"])
    return Account(edges=edges, stakes=stakes, since=since, until=until)


def _write_counts(counts: Counts) -> list[Any]:
    tracks = ((counts.canary, counts.bad_canary), (counts.stable, counts.bad_stable))
    return [
        [write_number(float(number)) for number in (total[0], *bad[0])] for total, bad in tracks
    ]


def _read_counts(raw: list[list[float]]) -> Counts:
    canary, stable = (np.array([track], dtype=float) for track in raw)
    return Counts(
        canary=canary[:, 0],
        bad_canary=canary[:, 1:],
        stable=stable[:, 0],
        bad_stable=stable[:, 1:],
    )


def _minute(moment: datetime) -> int:
    return ceil(moment.timestamp() / MINUTE_SECONDS)


def _is_count(tally: Tally) -> bool:
    counts = (tally.total, tally.bad, *(count for _, count in tally.buckets))
    return all(isfinite(count) and count >= 0 for count in counts)


def _edges(objective: Objective, block: Block) -> tuple[float, ...]:
    """Choose the edges that are counted: of both tracks where they are compared, few enough."""
    if objective.kind is not Kind.LATENCY:
        return ()
    of_stable = {edge for edge, _ in block.stable.buckets}
    compares = objective.worse_than_stable is not None
    edges = [edge for edge, _ in block.canary.buckets if isfinite(edge)]
    edges = [edge for edge in edges if edge in of_stable or not compares]
    return few_edges(edges, objective.limit_number)


def few_edges(edges: Sequence[float], limit_seconds: float | None) -> tuple[float, ...]:
    """Return the edges of a histogram that are counted, few enough."""
    if len(edges) <= MOST_EDGES:
        return tuple(edges)
    step = len(edges) / (MOST_EDGES - 1)
    chosen = {edges[int(number * step)] for number in range(MOST_EDGES - 1)}
    next_to = (edge for edge in edges if limit_seconds is not None and edge >= limit_seconds)
    return tuple(sorted(chosen | {next(next_to, edges[-1])}))


def _counts(objective: Objective, block: Block, edges: tuple[float, ...]) -> Counts | None:
    """Return a block as counts, None where it can't be one: that is neither good nor bad."""
    stable = block.stable if _is_count(block.stable) else Tally()
    if not _is_count(block.canary):
        return None
    if objective.kind is not Kind.LATENCY:
        return _as_counts(
            block.canary.total,
            [min(block.canary.bad, block.canary.total)],
            stable.total,
            [min(stable.bad, stable.total)],
        )
    canary_slow, stable_slow = _slow(block.canary, edges), _slow(stable, edges)
    if not edges or canary_slow is None:
        return None
    if stable_slow is None:
        return _as_counts(dict(block.canary.buckets)[inf], canary_slow, 0.0, [0.0] * len(edges))
    return _as_counts(
        dict(block.canary.buckets)[inf], canary_slow, dict(stable.buckets)[inf], stable_slow
    )


def _as_counts(canary: float, bad: list[float], stable: float, bad_stable: list[float]) -> Counts:
    return Counts(
        canary=np.array([canary]),
        bad_canary=np.array([bad]),
        stable=np.array([stable]),
        bad_stable=np.array([bad_stable]),
    )


def _slow(tally: Tally, edges: tuple[float, ...]) -> list[float] | None:
    """Return how many took longer than each edge, None where an edge is missing."""
    within = dict(tally.buckets)
    if inf not in within or any(edge not in within for edge in edges):
        return None
    return [max(0.0, within[inf] - within[edge]) for edge in edges]
