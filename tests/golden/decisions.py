"""`python -m tests.golden.decisions` decides on made-up counts and writes the verdicts down.

The counts are from Python's own generator, whose numbers are the same everywhere.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from random import Random

from serinus.evidence.account import write_account
from serinus.evidence.block import Block
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Ledger
from serinus.evidence.sequential import Hearing, Progress, judge_together, parts_of
from serinus.resource.objective import Objective
from serinus.signals.tally import Tally

GOLDEN = Path(__file__).with_suffix(".json")
START = datetime(2030, 1, 1, tzinfo=UTC)
LOOK = timedelta(seconds=15)
LOOKS = 60
EDGES = (0.05, 0.1, 0.25, 0.5, 1.0)
OBJECTIVES = {
    name: Objective.model_validate(written)
    for name, written in {
        "errors": {"preset": "error-rate", "limit": "5%", "worse_than_stable": {"by": "0.5%"}},
        "nulls": {"preset": "null-outputs", "worse_than_stable": {"by": "1%"}},
        "latency": {"preset": "latency", "limit": "250ms", "worse_than_stable": {"by": "10%"}},
    }.items()
}
CANARIES = {"good": 1.0, "a little worse": 1.6, "bad": 4.0}
"""How many times as many of its answers are bad, or slow."""
RATES = ErrorRates(false_rollback=0.01, false_promote=0.05)
PROGRESS = Progress(weight_percent=10, next_weight_percent=25, step_entered_at=START)


def decided() -> dict[str, dict[str, list[str]]]:
    """Return the verdict on each objective at each look, and at the end what it rests on."""
    return {name: _rollout(factor, Random(name)) for name, factor in CANARIES.items()}


def _rollout(factor: float, draw: Random) -> dict[str, list[str]]:
    ledger = Ledger(rollout="bbb/1")
    told: dict[str, list[str]] = {name: [] for name in OBJECTIVES}
    for number in range(LOOKS):
        new = {name: (_block(number, factor, draw),) for name in OBJECTIVES}
        ledger = ledger.extended(new).staked(OBJECTIVES, new, START)
        for name, said in zip(OBJECTIVES, _verdicts(ledger), strict=True):
            told[name].append(said)
    for name in OBJECTIVES:
        told[name].append(json.dumps(write_account(ledger.accounts[name])))
    return told


def _verdicts(ledger: Ledger) -> Iterator[str]:
    parts = parts_of(ledger.weights, tuple(OBJECTIVES))
    hearings = [
        Hearing(
            objective=each, blocks=ledger.of(name), told=ledger.told_of(name), part=parts[name]
        )
        for name, each in OBJECTIVES.items()
    ]
    for verdict in judge_together(hearings, RATES, PROGRESS):
        yield f"{verdict.verdict}: {verdict.message}"


def _block(number: int, factor: float, draw: Random) -> Block:
    since = START + number * LOOK
    canary, stable = _tally(150, factor, draw), _tally(1350, 1.0, draw)
    return Block(since=since, until=since + LOOK, canary=canary, stable=stable)


def _tally(requests: int, factor: float, draw: Random) -> Tally:
    total = draw.randint(requests * 9 // 10, requests * 11 // 10)
    chances = [min(1.0, factor * 0.4**number) for number in range(1, len(EDGES) + 1)]
    slow = [0] * len(EDGES)
    bad = 0
    for _ in range(total):
        took = draw.random()
        slow = [n + (took < chance) for n, chance in zip(slow, chances, strict=True)]
        bad += draw.random() < 0.01 * factor
    within = ((edge, float(total - n)) for edge, n in zip(EDGES, slow, strict=True))
    return Tally(total=float(total), bad=float(bad), buckets=(*within, (inf, float(total))))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(decided(), indent=1, ensure_ascii=False) + "\n")
