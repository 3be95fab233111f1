"""So many blocks and no more: a ledger fits into one ConfigMap however long a rollout takes."""

from __future__ import annotations

from dataclasses import replace

from serinus.evidence.block import Block

BLOCKS_KEPT = 80
"""The older ones of more are merged, so that twenty objectives fit into one ConfigMap for ever."""
FEWEST_BLOCKS_KEPT = 3
COUNTS_KEPT = 24_000
"""Of each track, over all objectives: at forty bytes for both tracks they fit."""
WIDE_BLOCKS_KEPT = 2
"""The same of distributions: each has hundreds of counts, and all of them are compared at once."""


def bounded(blocks: tuple[Block, ...], objectives: int = 1) -> tuple[Block, ...]:
    """Merge neighbours in the older half, the shortest first.

    Many objectives on wide histograms keep fewer blocks each: all of them share one ConfigMap.

    The further back, the coarser; but a step that takes hours keeps the evidence that it began
    with apart from that of the step before.
    """
    is_wide = any(block.canary.bins for block in blocks)
    kept = [*map(_without_training, blocks[:-1]), *blocks[-1:]] if is_wide else list(blocks)
    most = WIDE_BLOCKS_KEPT if is_wide else _most(blocks, objectives)
    while len(kept) > most:
        older_half = range(len(kept) // 2)
        first = min(older_half, key=lambda i: kept[i + 1].until - kept[i].since)
        kept[first : first + 2] = [kept[first] + kept[first + 1]]
    return tuple(kept)


def _most(blocks: tuple[Block, ...], objectives: int) -> int:
    edges = max((len(each.canary.buckets) for each in blocks[-1:]), default=1)
    share = COUNTS_KEPT // max(1, objectives * edges)
    return max(FEWEST_BLOCKS_KEPT, min(BLOCKS_KEPT, share))


def _without_training(block: Block) -> Block:
    """What the training data held is told by the newest block alone."""
    canary, stable = (replace(each, trained={}) for each in (block.canary, block.stable))
    return replace(block, canary=canary, stable=stable)
