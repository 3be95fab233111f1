"""Pooling: many blocks as one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add

from serinus.evidence.block import Block
from serinus.signals.tally import tallied


def pooled(blocks: Iterable[Block]) -> Block | None:
    """Return all blocks as one, None without any."""
    those = tuple(blocks)
    if not those:
        return None
    return Block(
        since=min([block.since for block in those]),
        until=max([block.until for block in those]),
        canary=tallied([block.canary for block in those]),
        stable=tallied([block.stable for block in those]),
    )


def pooled_on(
    known: Block | None, before: tuple[Block, ...], blocks: tuple[Block, ...]
) -> Block | None:
    """Return all blocks as one, given what those before came to.

    Mostly there are some more at the end, which are added. Where older ones were merged meanwhile
    all are added up anew, since a restart does the same, and a sum depends on the order. None of
    distributions, which are large and looked at otherwise.
    """
    if not blocks or blocks[-1].canary.bins:
        return None
    if known is None or not before or blocks[: len(before)] != before:
        return pooled(blocks)
    return reduce(add, blocks[len(before) :], known)
