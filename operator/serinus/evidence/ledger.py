"""The ledger: what was counted for each objective, block by block, for both tracks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from serinus.evidence.block import Block, read_block, write_block
from serinus.signals.tally import Tally

__all__ = ["Block", "Ledger", "Tally", "read_ledger", "write_ledger"]

LEDGER_FORMAT = 1
BLOCKS_KEPT = 80
"""The older ones of more are merged, so that twenty objectives fit into one ConfigMap for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All blocks of one rollout, by the objective's own digest, oldest first."""

    rollout: str = ""
    """Which rollout was watched; a ledger of another one counts for nothing."""
    begun: Mapping[str, datetime] = field(default_factory=dict)
    """From when on each objective is counted; one that is changed later begins later."""
    blocks: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)

    def of(self, objective_digest: str) -> tuple[Block, ...]:
        """Return an objective's blocks, oldest first."""
        return self.blocks.get(objective_digest, ())

    def until(self, objective_digest: str) -> datetime | None:
        """Return the end of the last closed block."""
        blocks = self.of(objective_digest)
        return blocks[-1].until if blocks else None

    def extended(self, new: Mapping[str, Iterable[Block]]) -> Ledger:
        """Return the ledger with closed blocks added, bounded in number."""
        blocks = {digest: _bounded((*self.of(digest), *more)) for digest, more in new.items()}
        return replace(self, blocks={**self.blocks, **blocks})

    def beginning(self, objective_digests: Iterable[str], at: datetime) -> Ledger:
        """Return the ledger for these objectives: new ones begin now, others are gone."""
        begun = {digest: self.begun.get(digest, at) for digest in objective_digests}
        kept = {digest: blocks for digest, blocks in self.blocks.items() if digest in begun}
        return replace(self, begun=begun, blocks=kept)


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Merge neighbours in the older half, the shortest first.

    The further back, the coarser; but a step that takes hours keeps the evidence that it began
    with apart from that of the step before.
    """
    kept = list(blocks)
    while len(kept) > BLOCKS_KEPT:
        older_half = range(len(kept) // 2)
        first = min(older_half, key=lambda i: kept[i + 1].until - kept[i].since)
        kept[first : first + 2] = [kept[first] + kept[first + 1]]
    return tuple(kept)


def write_ledger(ledger: Ledger) -> str:
    """Return the ledger as text for its ConfigMap; equal ledgers give equal texts."""
    blocks = {
        digest: [write_block(block) for block in blocks]
        for digest, blocks in sorted(ledger.blocks.items())
    }
    begun = {digest: at.isoformat() for digest, at in sorted(ledger.begun.items())}
    content = {
        "format": LEDGER_FORMAT,
        "rollout": ledger.rollout,
        "begun": begun,
        "blocks": blocks,
    }
    return json.dumps(content, separators=(",", ":"))


def read_ledger(text: str) -> Ledger:
    """Return the stored ledger; an unreadable or foreign one is an empty one."""
    try:
        content = json.loads(text)
        if content["format"] != LEDGER_FORMAT:
            return Ledger()
        blocks = {k: tuple(read_block(b) for b in v) for k, v in content["blocks"].items()}
        begun = {k: datetime.fromisoformat(v) for k, v in content["begun"].items()}
        return Ledger(rollout=content["rollout"], begun=begun, blocks=blocks)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Ledger()
