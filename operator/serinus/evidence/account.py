"""The account of one objective: what is staked on it, between looks and after a restart.

One look more adds a block and forgets it, so that the verdict after a restart is the one there
would have been without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np

from serinus.evidence.bets import ALONE
from serinus.evidence.block import Block, write_number
from serinus.evidence.counts import Counts, Row
from serinus.evidence.margins import MULTIPLES
from serinus.evidence.slots import read_wealth
from serinus.evidence.stakes import Stakes, one_of
from serinus.evidence.tables import bins_of, edges_of, tabulated
from serinus.evidence.wealth import log_total
from serinus.resource.objective import Objective

MINUTE_SECONDS = 60.0


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
    bins: tuple[str, ...]
    row: Row
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
    bins: tuple[str, ...] = ()
    """Of a distribution, what is counted: see evidence.binned."""
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
        edges, bins = self.edges, self.bins
        if self.stakes is None:
            edges, bins = edges_of(objective, block), bins_of(objective, block)
        row = tabulated(objective, block, edges, bins)
        if row is None:
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
            bins=bins,
            row=row,
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

    @property
    def minutes(self) -> int:
        """How many were bet on and are over."""
        return int(self.stakes.minutes[self.place]) if self.stakes is not None else 0

    @property
    def is_compared(self) -> bool:
        """Whether all there is against the canary comes of minutes that stable was seen in."""
        stakes = self.stakes
        if stakes is None or ALONE not in stakes.slots.spans:
            return False
        is_seen = stakes.open.stable[self.place] > 0
        alone = stakes.wealth[self.place, stakes.slots.spans[ALONE]]
        return bool(is_seen and log_total(alone) <= 0)

    def after(self, entry: Entry, stakes: Stakes, place: int) -> Account:
        """Return the account with an entry whose stakes have been worked out, among others."""
        return Account(
            edges=entry.edges,
            bins=entry.bins,
            stakes=stakes,
            place=place,
            since=entry.since,
            until=entry.until,
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
    bins = {"bins": list(account.bins)} if account.bins else {}
    return {
        "edges": [write_number(edge) for edge in account.edges],
        **bins,
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
    slots, wealth = read_wealth(raw["bets"])
    stakes = Stakes(
        slots=slots,
        minutes=np.array([raw["minutes"]], dtype=np.int64),
        is_new_step=np.array([raw["new"]], dtype=bool),
        before=_read_counts(raw["before"]),
        open=_read_counts(raw["open"]),
        wealth=wealth,
    )
    since, until = (raw[name] and datetime.fromisoformat(raw[name]) for name in ("since", "until"))
    edges = tuple(float(edge) for edge in raw["edges"])
    bins = tuple(str(each) for each in raw.get("bins", ()))
    return Account(edges=edges, bins=bins, stakes=stakes, since=since, until=until)


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
