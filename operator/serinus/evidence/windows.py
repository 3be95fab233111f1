"""Windows: blocks merged until each holds enough of the canary to be worth judging."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add

from serinus.evidence.ledger import Block


def pooled(blocks: Iterable[Block]) -> Block | None:
    """Return all blocks as one, None without any."""
    those = tuple(blocks)
    return reduce(add, those) if those else None


def windows(blocks: Iterable[Block], min_samples: float) -> tuple[Block, ...]:
    """Return the blocks merged forward into windows of at least so many canary samples.

    What is left over at the end is no window yet.
    """
    closed: list[Block] = []
    growing: Block | None = None
    for block in blocks:
        growing = block if growing is None else growing + block
        if growing.canary.total >= min_samples:
            closed.append(growing)
            growing = None
    return tuple(closed)
