"""Label coverage: the share of the canary's predictions whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

from serinus.evidence.block import Block
from serinus.evidence.wording import percent


def coverage(blocks: Sequence[Block]) -> float | None:
    """Return the share, None where nobody counts predictions.

    Labels that came in a block are held against what was predicted as much earlier as labels are
    late; those of older predictions may be among them, so that it is no more than all.
    """
    predicted = sum(block.canary.predicted for block in blocks)
    if predicted <= 0:
        return None
    return min(1.0, sum(block.canary.total for block in blocks) / predicted)


def told_coverage(blocks: Sequence[Block]) -> str:
    """Return the share in words, "" where it is not known."""
    share = coverage(blocks)
    return "" if share is None else f"{percent(share)} of its predictions have a label"
