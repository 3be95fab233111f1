"""Predictions of a canary held against stable's, from the model servers to the verdict."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Ledger, read_ledger, write_ledger
from serinus.evidence.sequential import Hearing, Progress, judge_together
from serinus.observe.measure import measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset
from serinus.resource.objective_kinds import Against, Drifting
from serinus.resource.status import Verdict, VerdictValue
from serinus.signals.blocks import objective_key
from serinus_sdk import Baseline
from tests.unit.observe.served import Pod, Prometheus

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
ROWS_A_SCRAPE = 200
RATES = ErrorRates(false_rollback=0.01, false_promote=0.05)
PREDICTIONS = Objective(
    preset=Preset.DRIFT, limit="0.1", of=Drifting.PREDICTIONS, against=Against.STABLE
)
INPUTS = Objective(preset=Preset.DRIFT, limit="0.1", against=Against.STABLE)


def scores(chance: Random, shift: float = 0.0) -> list[float]:
    return [chance.gauss(0.4 + shift, 0.1) for _ in range(ROWS_A_SCRAPE)]


def classes(chance: Random, often: float = 0.7) -> list[str]:
    return ["fine" if chance.random() < often else "fraud" for _ in range(ROWS_A_SCRAPE)]


async def judged(
    of_canary: Sequence[Sequence[float | str]],
    of_stable: Sequence[Sequence[float | str]],
    objective: Objective = PREDICTIONS,
) -> Verdict:
    """The verdict on a canary after a scrape for each list, the ledger stored at every look."""
    rows = [[each] for each in of_stable[0]]
    baseline = Baseline.fit(rows, of_stable[0], names=["x"])
    canary, stable = Pod("fraud-bbb-1", baseline), Pod("fraud-aaa-1", baseline)
    ledger = Ledger()
    for scrape, (said, stables) in enumerate(zip(of_canary, of_stable, strict=True)):
        now = START + timedelta(seconds=15 * scrape)
        for pod, answers in ((canary, said), (stable, stables)):
            pod.answer([[each] for each in answers], answers)
            pod.scraped(now)
        if scrape < 2:
            continue
        watch = Watch(
            namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
            objectives=(objective,), ledger=ledger, evidence_since=START, now=now,
            interval_seconds=15.0,
        )  # fmt: skip
        measured = await measure(watch, Prometheus((canary, stable)))
        assert measured.troubles == {}
        ledger = read_ledger(write_ledger(measured.ledger))
    key = objective_key(objective)
    hearing = Hearing(objective=objective, blocks=ledger.of(key), told=ledger.told_of(key))
    step = Progress(weight_percent=10, next_weight_percent=50, step_entered_at=START)
    (verdict,) = judge_together([hearing], RATES, step)
    return verdict


def minutes(number: int) -> range:
    return range(4 * number + 2)


async def test_predictions_like_stables_pass() -> None:
    chance = Random(5)
    same, stables = ([scores(chance) for _ in minutes(10)] for _ in range(2))
    verdict = await judged(same, stables)
    assert verdict.verdict is VerdictValue.PASS
    assert verdict.calibration == "unverified"


async def test_predictions_unlike_stables_end_the_rollout_and_say_how_sure_that_is() -> None:
    chance = Random(5)
    moved = [scores(chance, 0.2) for _ in minutes(10)]
    verdict = await judged(moved, [scores(chance) for _ in minutes(10)])
    assert verdict.verdict is VerdictValue.FAIL
    assert "predictions differ from stable's: predictions KS distance 0.6" in verdict.message
    assert "at most 0.1 is allowed" in verdict.message
    assert "by chance" not in verdict.message
    assert "chance of this if it were no more: under 1 in " in verdict.message
    assert verdict.features is not None


async def test_a_class_that_is_said_far_more_often_ends_the_rollout() -> None:
    chance = Random(5)
    often = [classes(chance, 0.1) for _ in minutes(12)]
    verdict = await judged(often, [classes(chance) for _ in minutes(12)])
    assert verdict.verdict is VerdictValue.FAIL


async def test_inputs_unlike_stables_hold_and_never_end_a_rollout() -> None:
    chance = Random(5)
    moved = [scores(chance, 0.3) for _ in minutes(10)]
    verdict = await judged(moved, [scores(chance) for _ in minutes(10)], INPUTS)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "the split is biased" in verdict.message


@pytest.mark.parametrize("shift", [0.02, 0.05], ids=["tolerated", "more than that"])
async def test_a_small_shift_ends_nothing(shift: float) -> None:
    chance = Random(5)
    moved = [scores(chance, shift) for _ in minutes(10)]
    verdict = await judged(moved, [scores(chance) for _ in minutes(10)])
    assert verdict.verdict is not VerdictValue.FAIL
