"""The operator's own rule in the benchmark decides as the operator does."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.verdicts.counts import Counts
from benchmarks.verdicts.durations import Durations, Slowness
from benchmarks.verdicts.rules.ours import Layer, Ours, OursWatch
from benchmarks.verdicts.rules.ours_on_latency import OursOnLatency
from benchmarks.verdicts.rules.rule import Look, Setting
from benchmarks.verdicts.run import Recorded, drive, setting_of, watch_recorded
from benchmarks.verdicts.scenario import Disturbance, Scenario
from benchmarks.verdicts.world import world_of
from serinus.evidence.account import Account
from serinus.evidence.block import Block
from serinus.evidence.stakes import evidence_against, evidence_within
from serinus.evidence.staking import staked, told
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)
OBJECTIVE = Objective(preset=Preset.ERROR_RATE, worse_than_stable=WorseThanStable(by="0.5%"))


def block_of(seen: Look, run: int) -> Block:
    counts = seen.counts
    return Block(
        since=START + timedelta(seconds=seen.at - seen.look_seconds),
        until=START + timedelta(seconds=seen.at),
        canary=tally(counts.canary[run], counts.canary_bad[run]),
        stable=tally(counts.stable[run], counts.stable_bad[run]),
    )


def tally(total: float, bad: float) -> Tally:
    return Tally(total=float(total), bad=float(bad))


def test_its_evidence_is_that_of_the_operators_accounts() -> None:
    """Over steps and minutes, to the ten-thousandth of a nat that an account keeps."""
    world = world_of(Scenario(rate=40, base=0.01, excess=0.01, seconds=720), runs=4)
    recorded, watch = Recorded(world, seed=4), Ours().watch(setting_of(world))
    accounts = {str(run): Account() for run in range(world.runs)}
    objectives = dict.fromkeys(accounts, OBJECTIVE)
    for number in range(world.looks):
        seen = recorded.look(number)
        watch.look(seen)
        entered = START + timedelta(seconds=float(seen.at - seen.on_step_seconds[0]))
        blocks = {run: [block_of(seen, int(run))] for run in accounts}
        accounts = staked(accounts, objectives, blocks, entered, {})
        said = list(told(accounts, objectives, {}).values())
        assert np.array([each.against for each in said]) == pytest.approx(
            evidence_against(watch.bets, watch.stakes), abs=1.1e-4
        )
        assert np.array([each.within for each in said]) == pytest.approx(
            evidence_within(watch.bets, watch.stakes), abs=1.1e-4
        )


@dataclass(frozen=True, kw_only=True)
class LookingAtAll(Ours):
    """The same rule, told of no run that it is decided."""

    def watch(self, setting: Setting) -> OursWatch:
        watch = super().watch(setting)
        look = watch.look
        watch.look = lambda seen: look(replace(seen, under_way=None))  # type: ignore[method-assign]
        return watch


@pytest.mark.parametrize("layer", [Layer.UNVERIFIED, Layer.MEASURED])
def test_runs_that_are_decided_can_be_left_out(layer: Layer) -> None:
    world = world_of(Scenario(rate=20, base=0.005, excess=0.02, seconds=1800), runs=40)
    short, whole = (drive(world, rule(layer=layer), seed=1) for rule in (Ours, LookingAtAll))
    assert len(set(short.rolled_back_at)) > 8
    assert np.array_equal(short.rolled_back_at, whole.rolled_back_at)
    assert np.array_equal(short.promoted_at, whole.promoted_at)


def test_a_good_canary_is_promoted_and_a_bad_one_rolled_back() -> None:
    good = world_of(Scenario(rate=100, base=0.005), runs=40)
    bad = world_of(Scenario(rate=100, base=0.005, excess=0.10), runs=40)
    assert drive(good, Ours(), seed=1).is_promoted.all()
    assert np.median(drive(bad, Ours(), seed=1).rolled_back_at) <= 30


def test_no_step_is_left_before_its_time_and_none_without_traffic() -> None:
    silent = world_of(Scenario(rate=0.0, base=0.005), runs=3)
    assert drive(silent, Ours(), seed=1).is_open.all()
    quick = world_of(Scenario(rate=10_000, base=0.005), runs=3)
    assert np.all(drive(quick, Ours(), seed=1).promoted_at >= 240)


def test_fewer_than_four_bad_requests_are_a_coincidence() -> None:
    watch = watch_at_rest()
    said = watch.look(look_with(canary=3.0, bad=3.0))
    assert not said.rolls_back.any()


def watch_at_rest() -> OursWatch:
    return Ours().watch(setting_of(world_of(Scenario(rate=10, base=0.001), runs=1)))


def look_with(canary: float, bad: float) -> Look:
    one = np.ones(1)
    return Look(
        at=15,
        weight=0.05 * one,
        on_step_seconds=15 * one,
        look_seconds=15,
        counts=Counts(
            canary=canary * one, canary_bad=bad * one, stable=1e6 * one, stable_bad=0 * one
        ),
    )


def test_measured_dispersion_tells_calm_services_from_restless_ones() -> None:
    found = {}
    for disturbance in (Disturbance.IID, Disturbance.BETABIN):
        world = world_of(Scenario(rate=1000, base=0.02, disturbance=disturbance), runs=10)
        watch = Ours(layer=Layer.MEASURED).watch(setting_of(world))
        found[disturbance] = float(np.median(watch.dispersion))
    assert found[Disturbance.IID] < 0.05
    assert 0.25 < found[Disturbance.BETABIN] < 2


def test_a_latency_regression_is_found() -> None:
    slow = Durations(rate=100, slowness=Slowness.HALF, runs=20)
    same = Durations(rate=100, slowness=Slowness.NONE, runs=20, seconds=900)
    assert np.median(rolled_back_at(slow)) <= 150
    assert np.all(np.isinf(rolled_back_at(same)))


def rolled_back_at(world: Durations) -> np.ndarray:
    return watch_recorded(Recorded(world, seed=1), OursOnLatency()).rolled_back_at
