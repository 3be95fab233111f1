"""The grid of blocks: which stretches of time are due, and what must be fetched for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import takewhile
from math import ceil, floor, inf

from serinus.resource.objective import Objective
from serinus.signals.tallies import Countable
from serinus.signals.tally import Tally

MOST_INTERVALS = 20
LONGEST_SECONDS = 3600.0
"""What is further back than both is skipped, not guessed, after an outage of ours."""

WINDOW_INTERVALS = 2
"""What a window of samples holds at least: who looks a little late asks the same question."""

LOOKBACK_SCRAPES = 4
"""How many scrapes before a block may fail until its counters' base is out of sight."""

NOT_COUNTED = {"advisory", "weight", "on_no_data", "on_error", "patience"}
"""Fields that say what is done, not what is counted: changing them throws no evidence away."""

_SAME_TIME_SECONDS = 1e-5
"""Stored times are exact to the microsecond."""


@lru_cache(maxsize=4096)
def objective_key(objective: Objective) -> str:
    """Return what an objective's blocks are kept under: one that is changed is another one.

    Only what was written counts, so that a default added by an upgrade starts nothing anew.
    """
    written = objective.model_dump(
        mode="json", by_alias=True, exclude=NOT_COUNTED, exclude_defaults=True
    )
    text = json.dumps(written, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The stretch of time that is over and not counted yet (Unix seconds)."""

    since: float
    until: float
    """A point of the grid: a multiple of its spacing, so that all resources ask for the same."""
    spacing_seconds: float
    """Between two points of the grid."""
    scrape_interval_seconds: float
    interval_seconds: float
    """Between two looks."""
    step_entered_at: float | None = None
    """Where a block ends off the grid: what a step shows counts from its first moment."""

    @property
    def points(self) -> Iterator[float]:
        """The points at which a block may end: the grid's, and where a step was entered."""
        first = floor((self.since + _SAME_TIME_SECONDS) / self.spacing_seconds) + 1
        last = round(self.until / self.spacing_seconds)
        before = self.since + _SAME_TIME_SECONDS
        for point in (count * self.spacing_seconds for count in range(first, last + 1)):
            entered = self.step_entered_at
            if entered is not None and before < entered < point - _SAME_TIME_SECONDS:
                yield entered
            yield point
            before = point + _SAME_TIME_SECONDS

    @property
    def window_seconds(self) -> float:
        """How far back from `until` samples are needed, the counters' base included.

        Rounded up to few lengths, so that resources with different backlogs still share answers.
        """
        ordinary_seconds = WINDOW_INTERVALS * self.interval_seconds
        seconds = max(ordinary_seconds, self.until - self.since) - _SAME_TIME_SECONDS
        rounded = 1 << (ceil(seconds / self.spacing_seconds) - 1).bit_length()
        lookback = LOOKBACK_SCRAPES * self.scrape_interval_seconds
        return rounded * self.spacing_seconds + lookback


def due(
    *,
    counted_until: float,
    now: float,
    interval_seconds: float,
    scrape_interval_seconds: float,
    step_entered_at: float | None = None,
) -> Due | None:
    """Return what is due, None if that is nothing yet.

    The newest scrape may still be under way, so blocks end a scrape interval before now.
    """
    spacing = spacing_seconds(interval_seconds, scrape_interval_seconds)
    last = floor((now - scrape_interval_seconds) / spacing) * spacing
    longest = min(MOST_INTERVALS * interval_seconds, LONGEST_SECONDS)
    since = max(counted_until, last - max(1, floor(longest / spacing)) * spacing)
    if last - since < _SAME_TIME_SECONDS:
        return None
    return Due(
        since=since,
        until=last,
        spacing_seconds=spacing,
        scrape_interval_seconds=scrape_interval_seconds,
        interval_seconds=interval_seconds,
        step_entered_at=step_entered_at,
    )


def next_due_at(*, now: float, interval_seconds: float, scrape_interval_seconds: float) -> float:
    """Return when the next point of the grid is over: no block can be closed before."""
    spacing = spacing_seconds(interval_seconds, scrape_interval_seconds)
    points_over = floor((now - scrape_interval_seconds) / spacing)
    return (points_over + 1) * spacing + scrape_interval_seconds


def spacing_seconds(interval_seconds: float, scrape_interval_seconds: float) -> float:
    """Return how far apart the grid's points are: a whole part of the interval.

    As fine as scrapes allow, so that a look needs to wait for nothing but the newest scrape.
    """
    parts = max(1, floor(interval_seconds / scrape_interval_seconds + _SAME_TIME_SECONDS))
    return interval_seconds / parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Both tracks tallied over one stretch of time (Unix seconds)."""

    since: float
    until: float
    canary: Tally
    stable: Tally


def close(
    due: Due,
    canary: Countable,
    stable: Countable,
    *,
    compares: bool,
    doubted_since: float = inf,
) -> list[Closed]:
    """Return the blocks that can be closed, each at the first point where there is data.

    A block waits for a sample of the canary, however long, since counters lose nothing in
    between; and, where stable is compared with, for one of stable, but only as long as a few
    scrapes: beyond that its tally is empty and compares with nothing. No block reaches to where
    what was shown is in doubt: it stays open, and so all that was shown since is looked at again.

    Where a step was entered before the canary's next scrape, the block that waits for it begins
    there: its first sample reaches back before the step by less than a scrape, as that of a block
    which follows upon another does.
    """
    patience = LOOKBACK_SCRAPES * due.scrape_interval_seconds
    closed: list[Closed] = []
    since = begins = due.since
    for point in takewhile(lambda point: point < doubted_since, due.points):
        canary_tally, stable_tally = canary.tally(since, point), stable.tally(since, point)
        if canary_tally is None:
            if point == due.step_entered_at and point - since < due.scrape_interval_seconds:
                begins = point
            continue
        if stable_tally is None and compares and point - since < patience:
            continue
        closed.append(
            Closed(since=begins, until=point, canary=canary_tally, stable=stable_tally or Tally())
        )
        since = begins = point
    return closed
