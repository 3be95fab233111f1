"""What a look costs: the time and the memory of an objective, as the operator keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from time import perf_counter

import numpy as np

from benchmarks.verdicts.durations import EDGES
from serinus.evidence.account import Account, write_account
from serinus.evidence.block import Block
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.tally import Tally

OBJECTIVES = 300
LOOKS = 12
START = datetime(2030, 1, 1, tzinfo=UTC)
LOOK = timedelta(seconds=15)

ERROR_RATE = Objective(
    preset=Preset.ERROR_RATE, limit="1%", worse_than_stable=WorseThanStable(by="0.5%")
)
LATENCY = Objective(
    preset=Preset.LATENCY, limit="250ms", worse_than_stable=WorseThanStable(by="10%")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one objective."""

    milliseconds: float
    """Of a look."""
    state_bytes: int
    """Of the larger of a share and a latency."""


def measured() -> Cost:
    """Look at many objectives, an error rate and a latency in turn."""
    objectives = [ERROR_RATE, LATENCY] * (OBJECTIVES // 2)
    accounts, spent = [Account()] * len(objectives), []
    for look in range(LOOKS):
        blocks = {each: _block(each, look) for each in (ERROR_RATE, LATENCY)}
        started = perf_counter()
        accounts = [
            account.with_block(objective, blocks[objective], START)
            for account, objective in zip(accounts, objectives, strict=True)
        ]
        for account, objective in zip(accounts, objectives, strict=True):
            account.told(objective)
        spent.append(perf_counter() - started)
    return Cost(
        milliseconds=float(1000 * np.median(spent) / len(objectives)),
        state_bytes=max(_size(each) for each in accounts[:2]),
    )


def _block(objective: Objective, look: int) -> Block:
    tally = _slow_ones if objective is LATENCY else _bad_ones
    since = START + look * LOOK
    return Block(
        since=since, until=since + LOOK, canary=tally(150 + look), stable=tally(1350 - look)
    )


def _bad_ones(total: int) -> Tally:
    return Tally(total=float(total), bad=float(total // 100))


def _slow_ones(total: int) -> Tally:
    finite = np.array(EDGES[:-1])
    within = np.floor(total * (1 - np.exp(-finite / 0.06)))
    counts = (*((float(edge), float(n)) for edge, n in zip(finite, within, strict=True)),)
    return Tally(total=float(total), bad=2.0, buckets=(*counts, (inf, float(total))))


def _size(account: Account) -> int:
    return len(json.dumps(write_account(account), separators=(",", ":")).encode())
