"""Windows: blocks merged until each holds enough of the canary to be worth judging."""

from __future__ import annotations

from collections.abc import Sequence

from serinus.evidence.ledger import Block

ROUNDING = 1e-3
"""Seconds: times are exact to the microsecond."""


def windows(
    blocks: Sequence[Block], min_samples: float, shortest_seconds: float = 0.0
) -> tuple[Block, ...]:
    """Return the newest blocks merged backward into windows, oldest first.

    Each holds at least so many canary samples and lasts at least so long. They end with the
    newest block, so that what has just been seen is judged at once; what is left over of the
    oldest is no window.
    """
    closed: list[Block] = []
    growing: Block | None = None
    for block in reversed(blocks):
        growing = block if growing is None else block + growing
        seconds = (growing.until - growing.since).total_seconds()
        if growing.canary.total >= min_samples and seconds >= shortest_seconds - ROUNDING:
            closed.append(growing)
            growing = None
    return tuple(reversed(closed))
