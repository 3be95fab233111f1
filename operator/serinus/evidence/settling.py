"""Settling: what bets of many shapes come to after a block, those of one width at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from serinus.evidence.wealth import Nats, Units, grown, invested, log_total


class Bet(NamedTuple):
    """One bet of one batch, on a block."""

    wealth: Units
    """Before the block: (batch, alternatives), or (batch, margins, alternatives)."""
    weights: Nats
    """Of the alternatives, as the wealth has them but for the cash."""
    log_values: Nats
    """Of each of them in this block."""
    share: Nats
    """Of the cash that is bet, for each cash."""


class Settled(NamedTuple):
    """What a bet has come to."""

    wealth: Units
    total: Nats
    """Logarithm of all of it."""


def settled(bets: Sequence[Bet]) -> list[Settled]:
    """Return what each bet comes to."""
    after: dict[int, Settled] = {}
    for places in _alike(bets):
        those = [bets[place] for place in places]
        wealth = _grown(those)
        total, first = log_total(wealth), 0
        for place, each in zip(places, those, strict=True):
            last, shape = first + len(each.share), each.wealth.shape
            after[place] = Settled(
                wealth[first:last].reshape(shape), total[first:last].reshape(shape[:-1])
            )
            first = last
    return [after[place] for place in range(len(bets))]


def _alike(bets: Sequence[Bet]) -> Iterable[list[int]]:
    """Places of bets with as many alternatives: many small ones are what costs most."""
    groups: dict[int, list[int]] = {}
    for place, each in enumerate(bets):
        groups.setdefault(each.wealth.shape[-1], []).append(place)
    return groups.values()


def _grown(bets: Sequence[Bet]) -> Units:
    """Return the wealth of bets with as many alternatives as rows, one below the other."""
    width = bets[0].wealth.shape[-1]
    wealth = np.concatenate([each.wealth.reshape(-1, width) for each in bets])
    weights = np.concatenate([each.weights.reshape(-1, width - 1) for each in bets])
    values = np.concatenate([each.log_values.reshape(-1, width - 1) for each in bets])
    share = np.concatenate([each.share for each in bets])
    return grown(invested(wealth, share, weights), values)
