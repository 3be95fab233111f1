"""Drift from the first row in a model server to the sentence that people read."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from serinus.evidence.drift_verdict import NAMES, drift_verdict
from serinus.evidence.ledger import Ledger, read_ledger, write_ledger
from serinus.observe.measure import measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset
from serinus.resource.objective_kinds import Against, Drifting, Statistic
from serinus.resource.status import Verdict, VerdictValue
from serinus.signals.blocks import objective_key
from serinus.signals.distributions import bin_of
from serinus.signals.tally import Bins
from serinus_sdk import Baseline
from tests.unit.observe.served import Pod, Prometheus

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
ROWS_A_SCRAPE = 500


def rows(chance: Random, number: int, shift: float = 0.0) -> list[list[Any]]:
    """Age and city: the shift moves age, by deviations."""
    return [
        [chance.gauss(40 + 10 * shift, 10), "Rome" if chance.random() < 0.7 else "Oslo"]
        for _ in range(number)
    ]


def said(rows: list[list[Any]], shift: float = 0.0) -> list[float]:
    return [row[0] / 100 + shift for row in rows]


TRAINED = rows(Random(1), 20_000)
BASELINE = Baseline.fit(TRAINED, said(TRAINED), names=["age", "city"])


async def judged(
    objective: Objective,
    *,
    canary_shift: float = 0.0,
    stable_shift: float = 0.0,
    said_shift: float = 0.0,
    scrapes: int = 8,
    canary_baseline: Baseline | None = BASELINE,
    stable_baseline: Baseline | None = BASELINE,
    captured: Bins | None = None,
) -> Verdict:
    """The verdict after some scrapes of a canary and of stable that both had traffic."""
    chance = Random(5)
    canary = Pod("fraud-bbb-1", canary_baseline)
    stable = Pod("fraud-aaa-1", stable_baseline)
    ledger = Ledger()
    for scrape in range(-2, scrapes + 1):
        now = START + timedelta(seconds=15 * scrape)
        if scrape >= 0:
            asked = rows(chance, ROWS_A_SCRAPE, canary_shift)
            canary.answer(asked, said(asked, said_shift))
        asked = rows(chance, ROWS_A_SCRAPE, stable_shift)
        stable.answer(asked, said(asked))
        for pod in (canary, stable):
            pod.scraped(now)
        if scrape >= 1:
            watch = Watch(
                namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
                objectives=(objective,), ledger=ledger, evidence_since=START, now=now,
                interval_seconds=15.0, captured=captured or {},
            )  # fmt: skip
            measured = await measure(watch, Prometheus((canary, stable)))
            assert measured.troubles == {}
            ledger = read_ledger(write_ledger(measured.ledger))
    return drift_verdict(objective, ledger.of(objective_key(objective)), START)


OF_ALL = Objective(preset=Preset.DRIFT, limit="0.2")
LOW = Objective(preset=Preset.DRIFT, limit="0.05")


async def test_inputs_like_those_of_training_pass() -> None:
    verdict = await judged(OF_ALL)
    assert verdict.verdict is VerdictValue.PASS
    assert verdict.canary_samples == ROWS_A_SCRAPE * 7  # the newest scrape may be under way
    assert {each.feature for each in verdict.features or ()} == {"age", "city"}


async def test_drift_from_the_training_data_holds_and_says_that_stable_sees_it_as_well() -> None:
    verdict = await judged(OF_ALL, canary_shift=1.0, stable_shift=1.0)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "drifted from the training data: 1 of 2 features, age PSI" in verdict.message
    assert "stable's traffic is" in verdict.message
    assert "never ends it" in verdict.message
    assert verdict.features is not None
    assert (verdict.features[0].feature, verdict.features[0].is_drifted) == ("age", True)
    assert verdict.canary is not None
    assert verdict.canary.startswith("age PSI")


async def test_a_share_of_the_features_may_drift_where_that_is_allowed() -> None:
    some = Objective(preset=Preset.DRIFT, limit="0.2", drifted="50%")
    assert (await judged(some, canary_shift=1.0)).verdict is VerdictValue.PASS


async def test_one_feature_can_be_watched_alone() -> None:
    city = Objective(preset=Preset.DRIFT, limit="0.2", feature="city")
    verdict = await judged(city, canary_shift=1.0)
    assert "city" in (verdict.canary or "")


async def test_too_few_values_are_undecided_and_say_how_many_it_takes() -> None:
    verdict = await judged(LOW, scrapes=2, canary_shift=3.0)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "500 of 1," in verdict.message


async def test_inputs_that_differ_between_the_tracks_are_laid_to_the_split() -> None:
    compared = Objective(preset=Preset.DRIFT, limit="0.1", against=Against.STABLE)
    assert (await judged(compared)).verdict is VerdictValue.PASS
    verdict = await judged(compared, canary_shift=1.0)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "inputs differ from stable's" in verdict.message
    assert "the split is biased" in verdict.message


@pytest.mark.parametrize("statistic", list(Statistic))
async def test_inputs_are_compared_with_stables_by_any_statistic(statistic: Statistic) -> None:
    limit = "0.2" if statistic in {Statistic.PSI, Statistic.WASSERSTEIN} else "0.1"
    compared = Objective(
        preset=Preset.DRIFT, limit=limit, against=Against.STABLE, statistic=statistic
    )
    alike = await judged(compared, scrapes=16)
    assert alike.verdict is VerdictValue.PASS
    verdict = await judged(compared, canary_shift=1.0, scrapes=16)
    assert verdict.verdict is VerdictValue.UNDECIDED
    name = NAMES[statistic]
    assert f"inputs differ from stable's: 1 of 2 features, age {name} " in verdict.message


async def test_predictions_drift_with_the_same_inputs() -> None:
    predictions = Objective(preset=Preset.DRIFT, limit="0.2", of=Drifting.PREDICTIONS)
    assert (await judged(predictions)).verdict is VerdictValue.PASS
    verdict = await judged(predictions, said_shift=0.1)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "predictions PSI" in verdict.message


async def test_versions_with_bins_of_their_own_can_not_be_compared_and_say_so() -> None:
    other = rows(Random(2), 2_000, shift=5.0)
    newer = Baseline.fit(other, said(other), names=["age", "city"])
    compared = Objective(preset=Preset.DRIFT, limit="0.1", feature="age", against=Against.STABLE)
    verdict = await judged(compared, canary_baseline=newer)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "no bins in common" in verdict.message
    newer = Baseline.fit(other, said(other), names=["age", "city"], bins_from=BASELINE)
    assert (await judged(compared, canary_baseline=newer)).verdict is VerdictValue.PASS


CAPTURED = Objective(preset=Preset.DRIFT, limit="0.2", against=Against.CAPTURED)


def captured_of(shift: float) -> Bins:
    """What stable saw on a day when age was elsewhere."""
    counted = Pod("fraud-aaa-1", BASELINE)
    seen = rows(Random(8), 20_000, shift)
    counted.answer(seen, said(seen))
    counted.scraped(START)
    bins: dict[str, dict[str, float]] = {}
    for labels, samples in counted.samples.items():
        if ("__name__", "model_feature_values_total") in labels:
            feature, label = bin_of(dict(labels))
            bins.setdefault(feature, {})[label] = samples[-1][1]
    return bins


async def test_a_captured_baseline_is_compared_with_in_place_of_the_training_data() -> None:
    moved = captured_of(1.0)
    assert (await judged(CAPTURED, canary_shift=1.0, captured=moved)).verdict is VerdictValue.PASS
    verdict = await judged(CAPTURED, captured=moved)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "drifted from what was captured of stable: 1 of 2 features" in verdict.message
    assert "stable's traffic is" in verdict.message


async def test_before_anything_is_captured_that_is_said_and_nothing_passes() -> None:
    verdict = await judged(CAPTURED)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert verdict.message.startswith("nothing has been captured of stable yet")


@pytest.mark.parametrize("statistic", ["psi", "js", "ks", "tv", "wasserstein"])
async def test_every_statistic_tells_a_shift_from_none(statistic: str) -> None:
    objective = Objective(preset=Preset.DRIFT, limit="0.2", statistic=statistic, feature="age")
    assert (await judged(objective)).verdict is VerdictValue.PASS
    assert (await judged(objective, canary_shift=1.0)).verdict is VerdictValue.UNDECIDED
