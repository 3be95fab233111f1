"""What the benchmark's worlds hold is what their scenarios say."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verdicts.cells import long, short
from benchmarks.verdicts.durations import EDGES, Durations, Slowness
from benchmarks.verdicts.recordings import recording
from benchmarks.verdicts.rules.quantile import histogram_quantile
from benchmarks.verdicts.run import Recorded
from benchmarks.verdicts.scenario import MADE, RECORDED, Disturbance, Scenario, Seeds
from benchmarks.verdicts.stretches import CELL, share_with_stretch
from benchmarks.verdicts.world import world_of

RUNS = 400


def shares(scenario: Scenario) -> tuple[float, float]:
    """The bad share of canary and of stable, over all runs."""
    recorded = Recorded(world_of(scenario, RUNS), seed=2)
    looks = [recorded.look(number).counts for number in range(scenario.looks)]
    canary = sum(each.canary_bad.sum() for each in looks) / sum(e.canary.sum() for e in looks)
    stable = sum(each.stable_bad.sum() for each in looks) / sum(e.stable.sum() for e in looks)
    return float(canary), float(stable)


@pytest.mark.parametrize("disturbance", [*MADE, *RECORDED])
def test_a_good_canary_is_as_bad_as_stable_whatever_happens(disturbance: Disturbance) -> None:
    cell = Scenario(rate=100, base=0.01, disturbance=disturbance, seeds=Seeds.TUNING)
    canary, stable = shares(cell)
    assert canary == pytest.approx(stable, rel=0.15)


def test_a_bad_one_is_worse_by_its_excess_from_its_onset_on() -> None:
    canary, stable = shares(Scenario(rate=100, base=0.01, excess=0.02))
    assert canary - stable == pytest.approx(0.02, abs=0.001)
    late = Scenario(rate=100, base=0.01, excess=0.02, onset_seconds=1800)
    before = Recorded(world_of(late, RUNS), seed=2).look(0).counts
    assert before.canary_bad.sum() / before.canary.sum() == pytest.approx(0.01, abs=0.002)


def test_the_same_cell_has_the_same_traffic_in_every_run_of_the_benchmark() -> None:
    scenario = Scenario(rate=10, base=0.01, disturbance=Disturbance.COMMON, seconds=600)
    once, again = (Recorded(world_of(scenario, 5), seed=2).look(7).counts for _ in range(2))
    assert np.array_equal(once.stable_bad, again.stable_bad)


def test_petshop_was_measured_to_be_anything_but_independent() -> None:
    """The dispersion over its five minutes, one where requests go wrong by themselves."""
    found = {}
    for disturbance in RECORDED[:3]:
        recorded = recording(disturbance)
        assert recorded.bad is not None
        share = recorded.bad.sum() / recorded.requests.sum()
        expected = recorded.requests * share * (1 - share)
        excess = (recorded.bad - recorded.requests * share) ** 2
        found[disturbance] = float(np.mean(excess[expected > 0] / expected[expected > 0]))
    assert found == pytest.approx(
        {
            Disturbance.PETSHOP_LOW: 176,
            Disturbance.PETSHOP_SEARCH: 22,
            Disturbance.PETSHOP_HIGH: 3.9,
        },
        rel=0.02,
    )


def test_a_healthy_model_answers_99_percent_within_240_ms() -> None:
    world = Durations(rate=1000, slowness=Slowness.NONE, runs=50, seconds=60, look_seconds=60)
    counts = Recorded(world, seed=1).look(0).counts
    assert counts.stable_buckets is not None
    assert np.median(histogram_quantile(0.99, counts.stable_buckets)) == pytest.approx(
        0.24, abs=0.01
    )
    assert world.base == pytest.approx(0.008, abs=0.001)


def test_slowness_shows_above_the_limit() -> None:
    slower = {each: Durations(rate=1, slowness=each, runs=1).excess for each in Slowness}
    assert slower[Slowness.NONE] == 0
    assert slower[Slowness.TENTH] == pytest.approx(0.0056, abs=0.0005)
    assert slower[Slowness.HALF] == pytest.approx(0.055, abs=0.005)
    assert slower[Slowness.TAIL] == pytest.approx(0.02, abs=0.001)


def test_quantiles_are_read_off_buckets_as_prometheus_does() -> None:
    buckets = np.zeros((2, len(EDGES)))
    buckets[0, EDGES.index(0.1) :] = 50.0
    buckets[0, EDGES.index(0.25) :] = 100.0
    assert histogram_quantile(0.75, buckets)[0] == pytest.approx(0.175)
    assert np.isnan(histogram_quantile(0.75, buckets)[1])


@pytest.mark.parametrize(
    "cell", [Scenario(rate=10, base=0.005), Durations(rate=10, slowness=Slowness.NONE)]
)
def test_figures_come_from_traffic_that_nothing_was_chosen_by(
    cell: Scenario | Durations,
) -> None:
    tuned = replace(cell, seeds=Seeds.TUNING)
    assert cell.seeds is Seeds.REPORTED
    assert cell.seed != tuned.seed
    assert {job.cell.seeds for job in (*short(), *long())} == {Seeds.REPORTED}


def test_a_good_canary_is_seldom_as_bad_as_a_regression_for_long() -> None:
    drifting = world_of(replace(CELL, seeds=Seeds.TUNING), RUNS)
    shares_of = [share_with_stretch(drifting, minutes, 2.0) for minutes in (1, 4, 10)]
    assert shares_of[0] > 0.1 > shares_of[1] > 0.01 > shares_of[2]
    steady = world_of(Scenario(rate=1000, base=0.005), RUNS)
    assert share_with_stretch(steady, 1, 1.01) == 0
