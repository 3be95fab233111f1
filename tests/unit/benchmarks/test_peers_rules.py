"""Rules of others, as they were measured once before by other code."""

import numpy as np
import pytest

from benchmarks.verdicts.counts import Counts
from benchmarks.verdicts.rules.argo import Argo
from benchmarks.verdicts.rules.cloudwatch import CloudWatch
from benchmarks.verdicts.rules.flagger import Flagger
from benchmarks.verdicts.rules.group_sequential import GroupSequential, Shape
from benchmarks.verdicts.rules.kayenta import Kayenta, judged_high
from benchmarks.verdicts.rules.naive_z import NaiveZ
from benchmarks.verdicts.rules.oracle import Oracle
from benchmarks.verdicts.rules.rule import Look, Rule
from benchmarks.verdicts.run import Recorded, drive, setting_of, watch_recorded
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.world import world_of

RUNS = 1000
FIVE_STANDARD_ERRORS = 5 * 50 / np.sqrt(RUNS)
"""In percent, at most."""


def rolled_back_percent(rule: Rule, scenario: Scenario) -> float:
    outcome = watch_recorded(Recorded(world_of(scenario, RUNS), seed=1), rule)
    return float(100 * outcome.is_rolled_back.mean())


def median_minutes(rule: Rule, scenario: Scenario) -> float:
    outcome = watch_recorded(Recorded(world_of(scenario, RUNS), seed=1), rule)
    return float(np.median(outcome.rolled_back_at)) / 60


@pytest.mark.parametrize(
    ("rule", "percents"),
    [
        (Flagger(), (51, 98, 14, 0)),
        (Argo(failure_limit=0), (99, 100, 95, 0.5)),
        (Argo(failure_limit=3), (70, 100, 30, 0)),
        (CloudWatch(), (17, 66, 10, 0)),
        (NaiveZ(), (16, 15, 12, 12)),
        (GroupSequential(shape=Shape.POCOCK), (4.0, 3.4, 1.2, 1.7)),
        (GroupSequential(shape=Shape.OBRIEN_FLEMING), (1.4, 0.9, 0.9, 1.2)),
        (Kayenta(), (0, 0, 0.5, 2.2)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_healthy_canary_is_rolled_back_as_often_as_measured_before(
    rule: Rule, percents: tuple[float, ...]
) -> None:
    for rate, percent in zip((1, 10, 100, 1000), percents, strict=True):
        found = rolled_back_percent(rule, Scenario(rate=rate, base=0.005))
        spread = 5 * np.sqrt(max(percent, 1.0) * (100 - min(percent, 99.0)) / RUNS)
        assert abs(found - percent) < spread, f"{rate} req/s: {found} instead of {percent}"


@pytest.mark.parametrize(
    ("rate", "base", "excess", "minutes"),
    [
        (10, 0.005, 0.005, 35),
        (10, 0.005, 0.02, 7.5),
        (100, 0.005, 0.005, 7.0),
        (100, 0.005, 0.02, 0.8),
        (1000, 0.005, 0.02, 0.2),
        (100, 0.001, 0.005, 8.7),
    ],
)
def test_the_oracle_is_as_fast_as_measured_before(
    rate: float, base: float, excess: float, minutes: float
) -> None:
    found = median_minutes(Oracle(tolerance=0), Scenario(rate=rate, base=base, excess=excess))
    assert found == pytest.approx(minutes, rel=0.1, abs=0.25)


def test_flagger_finds_any_regression_six_minutes_in() -> None:
    huge = Scenario(rate=100, base=0.005, excess=0.10)
    assert median_minutes(Flagger(), huge) == 6
    assert median_minutes(Flagger(threshold=1), huge) == 2


def test_flagger_promotes_after_ten_minutes_and_argo_after_twenty() -> None:
    good = world_of(Scenario(rate=1000, base=0.001), runs=50)
    assert np.all(drive(good, Flagger(), seed=1).promoted_at == 600)
    assert np.all(drive(good, Argo(failure_limit=3), seed=1).promoted_at == 1200)


def test_no_data_fails_with_flagger_and_argo_but_not_with_cloudwatch() -> None:
    said = {rule.name: after_silence(rule) for rule in (Flagger(), Argo(failure_limit=3))}
    assert said == {"Flagger, threshold 5": 6, "Argo, failureLimit 3": 4}
    assert after_silence(CloudWatch()) is None


def after_silence(rule: Rule) -> int | None:
    """In how many minutes without any request a rule rolls back."""
    setting = setting_of(world_of(Scenario(rate=1, base=0.005, look_seconds=60), runs=1))
    watch, one = rule.watch(setting), np.ones(1)
    for minute in range(1, 30):
        seen = Look(
            at=60 * minute,
            weight=0.05 * one,
            on_step_seconds=60.0 * minute * one,
            look_seconds=60,
            counts=Counts.none(1),
        )
        if watch.look(seen).rolls_back.any():
            return minute
    return None


def test_kayenta_wants_a_shift_that_is_clear_at_98_percent() -> None:
    """Ranks of 5 against 5 that overlap nowhere have z = 2.51; one pair swapped is not enough."""
    apart = np.array([[16.0, 17.0, 18.0, 19.0, 20.0]])
    below = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    assert judged_high(apart, below).tolist() == [True]
    assert judged_high(below, apart).tolist() == [False]
    assert judged_high(apart - 11.5, below).tolist() == [False]


def test_kayenta_passes_data_that_is_the_same_everywhere() -> None:
    zeros = np.zeros((1, 30))
    assert judged_high(zeros, zeros).tolist() == [False]
