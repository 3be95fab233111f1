"""The ledger: what was counted for each objective, block by block, for both tracks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import InstanceOf

from serinus.evidence.account import (
    Account,
    Told,
    read_account,
    read_told,
    write_account,
    write_told,
)
from serinus.evidence.block import Block, read_block, write_block
from serinus.evidence.bounded import BLOCKS_KEPT, bounded
from serinus.evidence.budget import shared_out
from serinus.evidence.mismatch import compared
from serinus.evidence.pooling import pooled_on
from serinus.evidence.staking import staked, told
from serinus.evidence.terms import is_bet_on
from serinus.evidence.variation import GUESSED, Variation, read_variation, write_variation
from serinus.resource.objective import Objective
from serinus.signals.tally import Tally

__all__ = ["BLOCKS_KEPT", "Block", "Ledger", "Tally", "read_ledger", "write_ledger"]

LEDGER_FORMAT = 1
CHECKPOINT_SECONDS = 60.0
"""What is counted since the last checkpoint is counted anew after a restart."""
VARIATIONS_FORMAT = 1
STAKES_FORMAT = 3
"""Of accounts; those of another one are made anew from the blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All blocks of one rollout, by the objective's own digest, oldest first."""

    rollout: str = ""
    """Which rollout was watched; a ledger of another one counts for nothing."""
    begun: Mapping[str, datetime] = field(default_factory=dict)
    """From when on each objective is counted; one that is changed later begins later."""
    blocks: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    accounts: Mapping[str, InstanceOf[Account]] = field(default_factory=dict)
    """What is staked on each objective; a record of a snapshot has it as it is written."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """What that says."""
    weights: Mapping[str, int] = field(default_factory=dict)
    """Each objective's part of the error budget: a logarithm in units of 1e-4 nat."""
    variations: Mapping[str, Variation] = field(default_factory=dict)
    """How much each objective's counts vary, once the past was asked."""
    sums: Mapping[str, Block] = field(default_factory=dict, compare=False)
    """An objective's blocks as one, where they were added up: follows from them."""
    mismatch: tuple[int, ...] = ()
    """What is bet on the canary not getting its weight."""

    def of(self, objective_digest: str) -> tuple[Block, ...]:
        """Return an objective's blocks, oldest first."""
        return self.blocks.get(objective_digest, ())

    def told_of(self, objective_digest: str) -> Told:
        """Return what the bets on an objective say, nothing where there are none."""
        return self.told.get(objective_digest, Told())

    def variation_of(self, objective_digest: str) -> Variation:
        """Return how much an objective's counts vary, the guess where the past was not asked."""
        return self.variations.get(objective_digest, GUESSED)

    def until(self, objective_digest: str) -> datetime | None:
        """Return the end of the last closed block."""
        blocks = self.of(objective_digest)
        return blocks[-1].until if blocks else None

    def extended(self, new: Mapping[str, Iterable[Block]]) -> Ledger:
        """Return the ledger with closed blocks added, bounded in number."""
        count = len(self.begun)
        blocks = {d: bounded((*self.of(d), *more), count) for d, more in new.items()}
        added_up = ((d, pooled_on(self.sums.get(d), self.of(d), blocks[d])) for d in blocks)
        sums = {d: each for d, each in added_up if each is not None}
        return replace(self, blocks={**self.blocks, **blocks}, sums={**self.sums, **sums})

    def outline(self) -> Ledger:
        """Return how far it got, and nothing of what was counted."""
        newest = {digest: blocks[-1:] for digest, blocks in self.blocks.items()}
        return Ledger(
            rollout=self.rollout, begun=self.begun, blocks=newest, variations=self.variations
        )

    def is_worth_storing(self, stored: Ledger) -> bool:
        """Return whether so much was counted since a checkpoint that another one is due."""
        if (self.rollout, self.begun) != (stored.rollout, stored.begun):
            return True
        if self.variations != stored.variations:
            return True
        counted = (
            (self.until(each), stored.until(each) or self.begun[each]) for each in self.blocks
        )
        return any(
            new is not None and (new - old).total_seconds() >= CHECKPOINT_SECONDS
            for new, old in counted
        )

    def beginning(self, begins: Mapping[str, datetime]) -> Ledger:
        """Return the ledger for these objectives: new ones begin then, others are gone."""
        begun = {digest: self.begun.get(digest, at) for digest, at in begins.items()}
        kept = {digest: blocks for digest, blocks in self.blocks.items() if digest in begun}
        sums = {digest: each for digest, each in self.sums.items() if digest in begun}
        known = {digest: each for digest, each in self.variations.items() if digest in begun}
        return replace(self, begun=begun, blocks=kept, sums=sums, variations=known)

    def knowing(self, variations: Mapping[str, Variation]) -> Ledger:
        """Return the ledger with how much counts vary; all that was counted is bet on by that."""
        if variations == self.variations:
            return self
        same = {
            digest
            for digest in self.accounts
            if variations.get(digest) == self.variations.get(digest)
        }
        accounts = {digest: each for digest, each in self.accounts.items() if digest in same}
        told = {digest: each for digest, each in self.told.items() if digest in same}
        return replace(self, variations=variations, accounts=accounts, told=told)

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
            known = self.accounts.get(digest) if digest in self.told else None
            due[digest] = self.of(digest) if known is None else tuple(new.get(digest, ()))
            if known is None or due[digest]:
                accounts[digest] = known or Account()
        after = staked(accounts, bet_on, due, step_entered_at, self.variations)
        newest = {**self.accounts, **after}
        said = {**self.told, **told(after, bet_on, self.variations)}
        criticality = {digest: each.weight or 1 for digest, each in bet_on.items()}
        against = {digest: each.against for digest, each in self.told.items()}
        return replace(
            self,
            accounts={digest: newest[digest] for digest in bet_on},
            told={digest: said[digest] for digest in bet_on},
            weights=shared_out(self.weights, against, criticality),
        )

    def split_as(
        self, weight_percent: int, new: Iterable[Block], step_entered_at: datetime | None
    ) -> Ledger:
        """Return the ledger with new blocks of one objective held against the weight."""
        since = [b for b in new if step_entered_at is not None and b.since >= step_entered_at]
        return replace(self, mismatch=tuple(compared(self.mismatch, since, weight_percent)))


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
    if ledger.variations:
        known = {digest: write_variation(v) for digest, v in sorted(ledger.variations.items())}
        content["variations"] = {"format": VARIATIONS_FORMAT, "of": known}
    if ledger.accounts:
        content["stakes"] = {
            "format": STAKES_FORMAT,
            "mismatch": list(ledger.mismatch),
            "weights": dict(sorted(ledger.weights.items())),
            "accounts": {d: write_account(each) for d, each in sorted(ledger.accounts.items())},
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
        known = _read_variations(content.get("variations", {}))
        return Ledger(
            rollout=content["rollout"], begun=begun, blocks=blocks, variations=known, **stakes
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Ledger()


def _read_accounts(raw: Mapping[str, Any]) -> dict[str, Account]:
    """Return the accounts that can be read; others are made anew from the blocks."""
    accounts = {}
    for digest, written in raw.items():
        with suppress(ValueError, KeyError, TypeError, IndexError):
            accounts[digest] = read_account(written)
    return accounts


def _read_variations(raw: Mapping[str, Any]) -> dict[str, Variation]:
    """Return what is known of the past; of another format it is asked again."""
    if raw.get("format") != VARIATIONS_FORMAT:
        return {}
    return {digest: read_variation(each) for digest, each in raw["of"].items()}


def _read_stakes(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is staked; nothing of another format, which starts over from the blocks."""
    if raw.get("format") != STAKES_FORMAT:
        return {}
    return {
        "accounts": _read_accounts(raw["accounts"]),
        "told": {digest: read_told(each) for digest, each in raw["told"].items()},
        "mismatch": tuple(int(each) for each in raw["mismatch"]),
        "weights": {digest: int(each) for digest, each in raw["weights"].items()},
    }
