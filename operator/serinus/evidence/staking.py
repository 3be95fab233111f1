"""Staking: new blocks bet on, for all objectives of a look at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import floor

import numpy as np

from serinus.evidence.account import Account, Entry, Told
from serinus.evidence.bets import Bets
from serinus.evidence.block import Block
from serinus.evidence.counts import Counts, most_bad
from serinus.evidence.stakes import (
    Stakes,
    begun,
    evidence_against,
    evidence_within,
    extended,
    one_of,
    stacked,
    worked_out,
)
from serinus.evidence.terms import bets_on, bets_on_shares
from serinus.evidence.variation import GUESSED, Variation
from serinus.evidence.wealth import UNITS_PER_NAT
from serinus.resource.objective import Kind, Objective


def staked(
    accounts: Mapping[str, Account],
    objectives: Mapping[str, Objective],
    blocks: Mapping[str, Sequence[Block]],
    step_entered_at: datetime | None,
    variations: Mapping[str, Variation],
) -> dict[str, Account]:
    """Return the accounts with new blocks counted, oldest first.

    Args:
        accounts: by the objective's digest.
        objectives: of these accounts.
        blocks: the new ones.
        step_entered_at: when the weight was set last.
        variations: how much counts vary, where more than a guess is known of that.
    """
    after = dict(accounts)
    for number in range(max((len(those) for those in blocks.values()), default=0)):
        entries = {
            digest: entry
            for digest, those in blocks.items()
            if number < len(those)
            and (entry := after[digest].entry(objectives[digest], those[number], step_entered_at))
        }
        after |= _entered(after, objectives, entries, variations)
    return after


def told(
    accounts: Mapping[str, Account],
    objectives: Mapping[str, Objective],
    variations: Mapping[str, Variation],
) -> dict[str, Told]:
    """Return what the bets of each account say, the open minute included."""
    said = dict.fromkeys(accounts, Told())
    known = {digest: each for digest, each in accounts.items() if each.stakes is not None}
    groups = _alike(list(known), objectives)
    all_bets = [_bets(each, objectives, known[each[0]], variations) for each in groups]
    both = zip(groups, all_bets, strict=True)
    staked_so_far = [_stacked(bets, [known[each] for each in group]) for group, bets in both]
    after = worked_out(all_bets, staked_so_far)
    for group, bets, stakes in zip(groups, all_bets, after, strict=True):
        against = evidence_against(bets, stakes).tolist()
        within = evidence_within(bets, stakes).tolist()
        bad = most_bad(stakes.before, stakes.open).tolist()
        for place, digest in enumerate(group):
            said[digest] = Told(
                against=_rounded(against[place]),
                within=tuple(_rounded(each) for each in within[place]),
                bad=bad[place],
            )
    return said


def _alike(digests: Sequence[str], objectives: Mapping[str, Objective]) -> list[list[str]]:
    """Shares are one batch; each histogram has edges of its own, each distribution its bins."""
    shares = [each for each in digests if objectives[each].kind is Kind.SHARE]
    others = [[each] for each in digests if each not in shares]
    return [shares, *others] if shares else others


def _bets(
    group: Sequence[str],
    objectives: Mapping[str, Objective],
    counted_by: Account | Entry,
    variations: Mapping[str, Variation],
) -> Bets:
    dispersions = tuple(variations.get(each, GUESSED).dispersion for each in group)
    those = tuple(objectives[each] for each in group)
    return _bets_of(those, counted_by.edges, counted_by.bins, dispersions)


@lru_cache(maxsize=4096)
def _bets_of(
    objectives: tuple[Objective, ...],
    edges: tuple[float, ...],
    bins: tuple[str, ...],
    dispersions: tuple[float, ...],
) -> Bets:
    """The same ones at every look; most models ask for the same, too."""
    if objectives[0].kind is not Kind.SHARE:
        return bets_on(objectives[0], edges, dispersions[0], bins)
    return bets_on_shares(objectives, dispersions)


def _entered(
    accounts: Mapping[str, Account],
    objectives: Mapping[str, Objective],
    entries: Mapping[str, Entry],
    variations: Mapping[str, Variation],
) -> dict[str, Account]:
    """Return the accounts with entries counted, all of them worked out at once."""
    groups = _alike(list(entries), objectives)
    all_bets = [_bets(group, objectives, entries[group[0]], variations) for group in groups]
    counted = [
        _extended(bets, [accounts[each] for each in group], [entries[each] for each in group])
        for group, bets in zip(groups, all_bets, strict=True)
    ]
    return {
        digest: accounts[digest].after(entries[digest], stakes, place)
        for group, stakes in zip(groups, worked_out(all_bets, counted), strict=True)
        for place, digest in enumerate(group)
    }


def _extended(bets: Bets, accounts: Sequence[Account], entries: Sequence[Entry]) -> Stakes:
    return extended(
        bets,
        _stacked(bets, accounts, len(entries[0].row.bad_canary)),
        Counts.of([each.row for each in entries]),
        np.array([each.begins_minute for each in entries]),
        np.array([each.begins_step for each in entries]),
    )


def _stacked(bets: Bets, accounts: Sequence[Account], kinds: int = 1) -> Stakes:
    """The stakes of these accounts as one batch: mostly what the look before has left."""
    batch = accounts[0].stakes
    if batch is not None and _are_all_of(batch, accounts):
        return batch
    return stacked(
        [
            one_of(each.stakes, each.place) if each.stakes else begun(bets, 1, kinds)
            for each in accounts
        ]
    )


def _are_all_of(batch: Stakes, accounts: Sequence[Account]) -> bool:
    places = [each.place for each in accounts if each.stakes is batch]
    return places == list(range(len(batch.minutes))) and len(places) == len(accounts)


def _rounded(nats: float) -> float:
    return floor(nats * UNITS_PER_NAT) / UNITS_PER_NAT
