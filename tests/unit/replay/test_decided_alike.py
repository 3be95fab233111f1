"""What a replay counts all at once is what the operator decides look by look.

The batch knows evidence and a threshold. Here its pseudo-rollouts go through `judge_all` and
`decide` one at a time, minute by minute, with a ledger, a memory and a snapshot of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import log

import pytest

from serinus.decide.decision import Decision
from serinus.decide.rules import decide
from serinus.evidence.ledger import Block, Ledger
from serinus.evidence.policy import policy_digest
from serinus.evidence.variation import Variation
from serinus.evidence.wealth import UNITS_PER_NAT, Nats
from serinus.replay.aa import Replayed
from serinus.replay.calibration import Trial, worsened
from serinus.resource.calibration import Calibration
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Phase
from serinus.signals.blocks import objective_key
from serinus.signals.tally import Tally
from tests.build import memory, rollout, snapshot
from tests.unit.replay.pods import START, error_rate, past_of, predicted, served

HOUR = {"rollout": {"maxDuration": "1h", "steps": [{"weight": 25}, {"weight": 50}]}}
MINUTES = 180
TO_FAIL = log(100)
MINUTE = timedelta(minutes=1)


def first_by_the_batch(found: Replayed, trials: Sequence[Trial]) -> list[int | None]:
    """Return the minute after which each pseudo-rollout is beyond the threshold."""
    beyond = found.evidence(trials) >= TO_FAIL
    return [int(one.argmax()) if one.any() else None for one in beyond.T]


def first_by_the_operator(found: Replayed, trials: Sequence[Trial], place: int) -> int | None:
    """Return the look at which one pseudo-rollout is rolled back for what was counted."""
    for minute, decision in enumerate(decisions(found, trials, place)):
        if decision.phase is Phase.ROLLING_BACK:
            assert decision.reason == "ObjectiveFailed"
            return minute
    return None


def decisions(found: Replayed, trials: Sequence[Trial], place: int) -> Iterator[Decision]:
    """Yield what is decided a minute after another, on the course of the pseudo-rollout."""
    by_key = {objective_key(each.objective): each for each in trials}
    ledger = Ledger(
        begun=dict.fromkeys(by_key, START),
        variations={
            key: Variation(dispersion=float(each.dispersion[place]), minutes=240, pods=4)
            for key, each in by_key.items()
        },
    )
    entered = START
    for minute in range(found.course.minutes):
        if found.course.begins_step[minute]:
            entered = START + minute * MINUTE
        remembered = on_its_step(found, minute, entered)
        under_way = remembered.rollout
        assert under_way is not None
        new = {key: (block_of(each, minute, place),) for key, each in by_key.items()}
        objectives = {key: each.objective for key, each in by_key.items()}
        ledger = replace(ledger, rollout=under_way.id).extended(new)
        ledger = ledger.staked(objectives, new, entered)
        seen = replace(
            snapshot(found.spec, remembered, evidence=ledger), now=START + (minute + 1) * MINUTE
        )
        yield decide(found.spec, remembered, seen)


def on_its_step(found: Replayed, minute: int, entered: datetime) -> Memory:
    """Return what is remembered of a rollout whose weights are those of the course."""
    step = found.course.step_at(minute)
    under_way = rollout(
        started_at=START,
        capacity_asked_at=START,
        evidence_since=START,
        step_entered_at=entered,
        step=step,
        steps=len(found.course.weights_percent),
        weight=found.course.weights_percent[step],
    )
    known = Calibration(
        policy=policy_digest(found.spec),
        at=START,
        threshold=round(TO_FAIL * UNITS_PER_NAT),
        rollouts=300,
        message="",
    )
    return memory(rollout=under_way, calibration=known)


def block_of(trial: Trial, minute: int, place: int) -> Block:
    counts, since = trial.counts[minute], START + minute * MINUTE
    canary, stable = (
        tally(trial.bins, float(total[place]), bad[place])
        for total, bad in ((counts.canary, counts.bad_canary), (counts.stable, counts.bad_stable))
    )
    return Block(since=since, until=since + MINUTE, canary=canary, stable=stable)


def tally(bins: tuple[str, ...], total: float, bad: Nats) -> Tally:
    if not bins:
        return Tally(total=total, bad=float(bad[0]))
    beyond = [total, *bad, 0.0]
    between = {x: float(beyond[n] - beyond[n + 1]) for n, x in enumerate((*bins, "+Inf"))}
    return Tally(total=total, bins={"": between})


PREDICTIONS = {"preset": "drift", "of": "predictions", "against": "stable", "limit": "0.1"}
ERRORS = {"preset": "error-rate", "worseThanStable": {"by": "1%"}}
ONE, TWO = error_rate(**HOUR), error_rate(**HOUR, objectives=[ERRORS, PREDICTIONS])


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("excess", [0.0, 0.01, 0.03])
@pytest.mark.parametrize("spec", [ONE, TWO], ids=["one objective", "two objectives"])
async def test_a_pseudo_rollout_ends_at_the_look_that_the_batch_says(
    spec: Spec, excess: float, seed: int
) -> None:
    series = [*served(4, MINUTES, seed=seed), *predicted(4, MINUTES, seed=seed)]
    found = await past_of(series, MINUTES, spec)
    trials = [worsened(found.trials[0], excess, seed), *found.trials[1:]]

    by_the_batch = first_by_the_batch(found, trials)

    places = [0, 5, len(found.splits) - 1]
    assert [first_by_the_operator(found, trials, each) for each in places] == [
        by_the_batch[each] for each in places
    ]
    assert (None in by_the_batch) == (excess < 0.01)
