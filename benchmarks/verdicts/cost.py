"""What a look's evidence costs: the time and memory of an objective, as the operator keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from time import process_time

import numpy as np

from benchmarks.verdicts.durations import EDGES
from serinus.evidence.account import write_account
from serinus.evidence.block import Block
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Ledger
from serinus.evidence.sequential import Hearing, Progress, judge_together, parts_of
from serinus.resource.objective import Kind, Objective, Preset, WorseThanStable
from serinus.signals.tally import Tally

MODELS = 1000
LOOKS = 12
START = datetime(2030, 1, 1, tzinfo=UTC)
LOOK = timedelta(seconds=15)

OBJECTIVES = {
    str(preset): Objective(
        preset=preset, limit=limit, worse_than_stable=WorseThanStable(by=margin)
    )
    for preset, limit, margin in (
        (Preset.ERROR_RATE, "1%", "0.5%"),
        (Preset.NULL_OUTPUTS, "2%", "1%"),
        (Preset.MISSING_INPUTS, "5%", "1%"),
        (Preset.LATENCY, "250ms", "10%"),
    )
}
"""What a model usually has."""
RATES = ErrorRates(false_rollback=0.01, false_promote=0.05)
PROGRESS = Progress(weight_percent=10, next_weight_percent=25, step_entered_at=START)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one objective."""

    milliseconds: float
    """Of processor time, of a look."""
    state_bytes: int
    """Of the largest account."""


def measured() -> Cost:
    """Look at many models, one after the other, as their daemons do."""
    ledgers, spent = [Ledger(rollout="bbb/1")] * MODELS, []
    for look in range(LOOKS):
        new = {name: (_block(each, look),) for name, each in OBJECTIVES.items()}
        started = process_time()
        ledgers = [_looked(ledger, new) for ledger in ledgers]
        spent.append(process_time() - started)
    return Cost(
        milliseconds=float(1000 * np.median(spent) / MODELS / len(OBJECTIVES)),
        state_bytes=max(_size(write_account(account)) for account in ledgers[0].accounts.values()),
    )


def _looked(ledger: Ledger, new: Mapping[str, tuple[Block, ...]]) -> Ledger:
    """Bet on what is new and judge by it, as `decide.verdicts` does."""
    ledger = ledger.extended(new).staked(OBJECTIVES, new, START)
    parts = parts_of(ledger.weights, tuple(OBJECTIVES))
    hearings = [
        Hearing(
            objective=each,
            blocks=ledger.of(name),
            whole=ledger.sums.get(name),
            told=ledger.told_of(name),
            part=parts[name],
        )
        for name, each in OBJECTIVES.items()
    ]
    judge_together(hearings, RATES, PROGRESS)
    return ledger


def _block(objective: Objective, look: int) -> Block:
    tally = _slow_ones if objective.kind is Kind.LATENCY else _bad_ones
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


def _size(account: object) -> int:
    return len(json.dumps(account, separators=(",", ":")).encode())
