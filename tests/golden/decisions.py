"""`python -m tests.golden.decisions` decides on made-up counts and writes the verdicts down.

The counts are from Python's own generator, whose numbers are the same everywhere.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from random import Random

import numpy as np

from serinus.evidence.account import write_account
from serinus.evidence.block import Block
from serinus.evidence.dispersion import Split
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Ledger
from serinus.evidence.sequential import Hearing, Progress, judge_together, parts_of
from serinus.evidence.variation import measured_variation, write_variation
from serinus.resource.objective import Objective
from serinus.signals.distributions import PREDICTIONS
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
PREDICTIONS_ALONE = {
    "predictions": Objective.model_validate(
        {"preset": "drift", "of": "predictions", "against": "stable", "limit": "0.05"}
    )
}
CANARIES = {"good": 1.0, "a little worse": 1.6, "bad": 4.0}
"""How many times as many of its answers are bad, or slow."""
PREDICTING = {"the same": 0.0, "others": 0.3}
"""By how much more often a canary predicts fraud."""
RATES = ErrorRates(false_rollback=0.01, false_promote=0.05)
PROGRESS = Progress(weight_percent=10, next_weight_percent=25, step_entered_at=START)


def decided() -> dict[str, dict[str, list[str]]]:
    """Return the verdict on each objective at each look, and at the end what it rests on."""
    answering = {
        name: _rollout(OBJECTIVES, partial(_block, factor, Random(name)))
        for name, factor in CANARIES.items()
    }
    predicting = {
        f"predicts {name}": _rollout(PREDICTIONS_ALONE, partial(_predicted, more, Random(name)))
        for name, more in PREDICTING.items()
    }
    return answering | predicting | {"variation": _measured(Random("variation"))}


def _rollout(
    objectives: Mapping[str, Objective], block: Callable[[int], Block]
) -> dict[str, list[str]]:
    ledger = Ledger(rollout="bbb/1")
    told: dict[str, list[str]] = {name: [] for name in objectives}
    for number in range(LOOKS):
        new = {name: (block(number),) for name in objectives}
        ledger = ledger.extended(new).staked(objectives, new, START)
        for name, said in zip(objectives, _verdicts(objectives, ledger), strict=True):
            told[name].append(said)
    for name in objectives:
        told[name].append(json.dumps(write_account(ledger.accounts[name])))
    return told


def _verdicts(objectives: Mapping[str, Objective], ledger: Ledger) -> Iterator[str]:
    parts = parts_of(ledger.weights, tuple(objectives))
    hearings = [
        Hearing(
            objective=each, blocks=ledger.of(name), told=ledger.told_of(name), part=parts[name]
        )
        for name, each in objectives.items()
    ]
    for verdict in judge_together(hearings, RATES, PROGRESS):
        yield f"{verdict.verdict}: {verdict.message}"


def _measured(draw: Random) -> dict[str, list[str]]:
    """Four hours of four pods, each a canary in turn, whose minutes vary by so much."""
    return {
        f"a spread of {spread:.0%}": [
            json.dumps(write_variation(measured_variation(_past(spread, draw), 4)))
        ]
        for spread in (0.0, 0.3, 1.0)
    }


def _past(spread: float, draw: Random) -> Split:
    pods, minutes, requests = 4, 240, 600
    bad = np.zeros((pods, minutes, 1))
    for pod in range(pods):
        for minute in range(minutes):
            chance = 0.02 * max(0.0, 1 + spread * draw.uniform(-1.7, 1.7))
            bad[pod, minute, 0] = sum(draw.random() < chance for _ in range(requests))
    total = np.full((pods, minutes, 1), float(requests))
    return Split(
        bad_canary=bad, canary=total, bad_stable=bad.sum(0) - bad, stable=total.sum(0) - total
    )


def _block(factor: float, draw: Random, number: int) -> Block:
    since = START + number * LOOK
    canary, stable = _tally(150, factor, draw), _tally(1350, 1.0, draw)
    return Block(since=since, until=since + LOOK, canary=canary, stable=stable)


def _predicted(more: float, draw: Random, number: int) -> Block:
    since = START + number * LOOK
    tracks = []
    for requests, chance in ((150, 0.3 + more), (1350, 0.3)):
        fraud = sum(draw.random() < chance for _ in range(requests))
        bins = {PREDICTIONS: {"=fraud": float(fraud), "=fine": float(requests - fraud)}}
        tracks.append(Tally(total=float(requests), bins=bins))
    return Block(since=since, until=since + LOOK, canary=tracks[0], stable=tracks[1])


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
