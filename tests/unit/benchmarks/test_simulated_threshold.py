"""A simulated threshold keeps its rate on traffic and random numbers that it was not made by."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from benchmarks.verdicts.intervals import share_of
from benchmarks.verdicts.rules.ours import Layer, Ours
from benchmarks.verdicts.rules.simulated import saved
from benchmarks.verdicts.run import Recorded, setting_of
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.simulated import SEED, THRESHOLDS, Traffic, crossed
from benchmarks.verdicts.world import world_of
from serinus.evidence.simulated import KnownDuration

RATE = 0.01
MINUTES = 70
ERRORS = 2.0


def times_the_rate(traffic: Traffic, saving: float) -> tuple[float, float]:
    """Return the chance of a wrong rollback, ever, in units of the rate, and its error."""
    chance, error = crossed(traffic, MINUTES, SEED + 1).chance(MINUTES, RATE)
    at = -log(RATE) - saving
    in_rates, error_in_rates = (
        float(np.interp(at, THRESHOLDS, each)) / RATE for each in (chance, error)
    )
    return in_rates, error_in_rates


@pytest.mark.parametrize("spread", [0.0, 1.5], ids=["steady traffic", "restless traffic"])
@pytest.mark.parametrize(
    ("bad_a_minute", "weight_percent", "dispersion"),
    [(0.5, 50, 0.1), (2.0, 50, 0.5), (5.0, 25, 0.05), (1.5, 10, 0.5)],
)
def test_wrong_rollbacks_stay_below_the_rate_at_traffic_between_what_was_simulated(
    bad_a_minute: float, weight_percent: int, dispersion: float, spread: float
) -> None:
    traffic = Traffic(
        bad_a_minute=bad_a_minute,
        weight=weight_percent / 100,
        dispersion=dispersion,
        looks_a_minute=4,
        spread=spread,
    )
    known = KnownDuration(
        seconds=3600, minutes=MINUTES, looks_a_minute=4, largest_weight_percent=weight_percent
    )

    chance, error = times_the_rate(traffic, known.saved(RATE, 0))

    assert chance <= 1 + ERRORS * error
    # Nothing of it is left over: twice the saving would be too much.
    assert times_the_rate(traffic, known.saved(RATE, 0) + 0.75)[0] > 1


def test_the_operators_own_bets_seldom_come_to_it() -> None:
    """The whole engine, looked at every 15 s over all steps, with no trick to draw rare events."""
    cell = Scenario(rate=4, base=0.05, seconds=900)
    world = world_of(cell, 2000)
    rule = Ours(layer=Layer.ALONE)
    watch, recorded = rule.watch(setting_of(world, shared={})), Recorded(world, cell.seed)
    most = np.full(world.runs, -np.inf)
    for number in range(world.looks):
        most = np.maximum(most, watch.against(recorded.look(number)))

    less = saved(cell.seconds, cell.look_seconds, rule.weights)
    beyond = share_of(int(np.sum(most >= -log(RATE) - less)), world.runs)

    assert less > 0.3
    assert beyond.value <= RATE


def test_what_it_saves_depends_on_the_time_there_is() -> None:
    cell = Scenario(rate=4, base=0.05)
    short, long = (replace(cell, seconds=seconds) for seconds in (600, 7200))

    assert saved(short.seconds, 15, (0.05, 0.5)) > saved(long.seconds, 15, (0.05, 0.5)) > 0
