"""The ledger: what was counted for each objective, block by block, for both tracks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from serinus.evidence.account import (
    Account,
    Told,
    read_account,
    read_told,
    write_account,
    write_told,
)
from serinus.evidence.block import Block, read_block, write_block
from serinus.evidence.budget import shared_out
from serinus.evidence.mismatch import compared
from serinus.evidence.staking import staked, told
from serinus.evidence.terms import is_bet_on
from serinus.resource.objective import Objective
from serinus.signals.tally import Tally

__all__ = ["Block", "Ledger", "Tally", "read_ledger", "write_ledger"]

LEDGER_FORMAT = 1
CHECKPOINT_SECONDS = 60.0
"""What is counted since the last checkpoint is counted anew after a restart."""
STAKES_FORMAT = 1
"""Of accounts; those of another one are made anew from the blocks."""
BLOCKS_KEPT = 80
"""The older ones of more are merged, so that twenty objectives fit into one ConfigMap for ever."""
WIDE_BLOCKS_KEPT = 4
"""The same of distributions: each has hundreds of counts, and all of them are compared at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All blocks of one rollout, by the objective's own digest, oldest first."""

    rollout: str = ""
    """Which rollout was watched; a ledger of another one counts for nothing."""
    begun: Mapping[str, datetime] = field(default_factory=dict)
    """From when on each objective is counted; one that is changed later begins later."""
    blocks: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is staked on each objective, as it is written."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """What that says."""
    weights: Mapping[str, int] = field(default_factory=dict)
    """Each objective's part of the error budget: a logarithm in units of 1e-4 nat."""
    mismatch: tuple[int, ...] = ()
    """What is bet on the canary not getting its weight."""

    def of(self, objective_digest: str) -> tuple[Block, ...]:
        """Return an objective's blocks, oldest first."""
        return self.blocks.get(objective_digest, ())

    def told_of(self, objective_digest: str) -> Told:
        """Return what the bets on an objective say, nothing where there are none."""
        return self.told.get(objective_digest, Told())

    def until(self, objective_digest: str) -> datetime | None:
        """Return the end of the last closed block."""
        blocks = self.of(objective_digest)
        return blocks[-1].until if blocks else None

    def extended(self, new: Mapping[str, Iterable[Block]]) -> Ledger:
        """Return the ledger with closed blocks added, bounded in number."""
        blocks = {digest: _bounded((*self.of(digest), *more)) for digest, more in new.items()}
        return replace(self, blocks={**self.blocks, **blocks})

    def is_worth_storing(self, stored: Ledger) -> bool:
        """Return whether so much was counted since a checkpoint that another one is due."""
        if (self.rollout, self.begun) != (stored.rollout, stored.begun):
            return True
        counted = (
            (self.until(each), stored.until(each) or self.begun[each]) for each in self.blocks
        )
        return any(
            new is not None and (new - old).total_seconds() >= CHECKPOINT_SECONDS
            for new, old in counted
        )

    def beginning(self, objective_digests: Iterable[str], at: datetime) -> Ledger:
        """Return the ledger for these objectives: new ones begin now, others are gone."""
        begun = {digest: self.begun.get(digest, at) for digest in objective_digests}
        kept = {digest: blocks for digest, blocks in self.blocks.items() if digest in begun}
        return replace(self, begun=begun, blocks=kept)

    def staked(
        self,
        objectives: Mapping[str, Objective],
        new: Mapping[str, Iterable[Block]],
        step_entered_at: datetime | None,
    ) -> Ledger:
        """Return the ledger with new blocks bet on and the error budget shared out.

        Args:
            objectives: those there are, by their digests.
            new: blocks that are in the ledger already, but in no account.
            step_entered_at: when the weight was set last; a minute ends there, too.
        """
        bet_on = {digest: each for digest, each in objectives.items() if is_bet_on(each)}
        accounts: dict[str, Account] = {}
        due: dict[str, tuple[Block, ...]] = {}
        for digest in bet_on:
            known = _account(self.accounts.get(digest)) if digest in self.told else None
            due[digest] = self.of(digest) if known is None else tuple(new.get(digest, ()))
            if known is None or due[digest]:
                accounts[digest] = known or Account()
        after = staked(accounts, bet_on, due, step_entered_at)
        written = {**self.accounts, **{d: write_account(each) for d, each in after.items()}}
        said = {**self.told, **told(after, bet_on)}
        against = {digest: each.against for digest, each in self.told.items()}
        return replace(
            self,
            accounts={digest: written[digest] for digest in bet_on},
            told={digest: said[digest] for digest in bet_on},
            weights=shared_out(self.weights, against, list(bet_on)),
        )

    def split_as(
        self, weight_percent: int, new: Iterable[Block], step_entered_at: datetime | None
    ) -> Ledger:
        """Return the ledger with new blocks of one objective held against the weight."""
        since = [b for b in new if step_entered_at is not None and b.since >= step_entered_at]
        return replace(self, mismatch=tuple(compared(self.mismatch, since, weight_percent)))


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Merge neighbours in the older half, the shortest first.

    The further back, the coarser; but a step that takes hours keeps the evidence that it began
    with apart from that of the step before.
    """
    is_wide = any(block.canary.bins for block in blocks)
    kept = [*map(_without_training, blocks[:-1]), *blocks[-1:]] if is_wide else list(blocks)
    most = WIDE_BLOCKS_KEPT if is_wide else BLOCKS_KEPT
    while len(kept) > most:
        older_half = range(len(kept) // 2)
        first = min(older_half, key=lambda i: kept[i + 1].until - kept[i].since)
        kept[first : first + 2] = [kept[first] + kept[first + 1]]
    return tuple(kept)


def _without_training(block: Block) -> Block:
    """What the training data held is told by the newest block alone."""
    canary, stable = (replace(each, trained={}) for each in (block.canary, block.stable))
    return replace(block, canary=canary, stable=stable)


def write_ledger(ledger: Ledger) -> str:
    """Return the ledger as text for its ConfigMap; equal ledgers give equal texts."""
    blocks = {
        digest: [write_block(block) for block in blocks]
        for digest, blocks in sorted(ledger.blocks.items())
    }
    begun = {digest: at.isoformat() for digest, at in sorted(ledger.begun.items())}
    content: dict[str, Any] = {
        "format": LEDGER_FORMAT,
        "rollout": ledger.rollout,
        "begun": begun,
        "blocks": blocks,
    }
    if ledger.accounts:
        content["stakes"] = {
            "format": STAKES_FORMAT,
            "mismatch": list(ledger.mismatch),
            "weights": dict(sorted(ledger.weights.items())),
            "accounts": dict(sorted(ledger.accounts.items())),
            "told": {digest: write_told(each) for digest, each in sorted(ledger.told.items())},
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
        stakes = _read_stakes(content.get("stakes", {}))
        return Ledger(rollout=content["rollout"], begun=begun, blocks=blocks, **stakes)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Ledger()


def _account(raw: Mapping[str, Any] | None) -> Account | None:
    """Return an account, None of what is none: it is made anew from the blocks."""
    if raw is None:
        return None
    try:
        return read_account(raw)
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _read_stakes(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is staked; nothing of another format, which starts over from the blocks."""
    if raw.get("format") != STAKES_FORMAT:
        return {}
    return {
        "accounts": {digest: dict(each) for digest, each in raw["accounts"].items()},
        "told": {digest: read_told(each) for digest, each in raw["told"].items()},
        "mismatch": tuple(int(each) for each in raw["mismatch"]),
        "weights": {digest: int(each) for digest, each in raw["weights"].items()},
    }
