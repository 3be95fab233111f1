"""The benchmark's classic rule is the operator's own, for many runs at once."""

from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.verdicts.counts import Counts
from benchmarks.verdicts.rules.classic import Classic
from benchmarks.verdicts.rules.rule import Look, Said
from benchmarks.verdicts.run import Recorded, setting_of
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.world import world_of
from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Block
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.status import VerdictValue
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)
OBJECTIVE = Objective(preset=Preset.ERROR_RATE, worse_than_stable=WorseThanStable(by="0.5%"))


def blocks_of(looks: list[Look], run: int) -> list[Block]:
    blocks = []
    for seen in looks:
        counts = seen.counts
        blocks.append(
            Block(
                since=START + timedelta(seconds=seen.at - seen.look_seconds),
                until=START + timedelta(seconds=seen.at),
                canary=tally(counts.canary[run], counts.canary_bad[run]),
                stable=tally(counts.stable[run], counts.stable_bad[run]),
            )
        )
    return blocks


def tally(total: float, bad: float) -> Tally:
    return Tally(total=float(total), bad=float(bad))  # plain numbers, as the operator has them


def test_it_says_what_the_operator_says() -> None:
    scenario = Scenario(rate=60, base=0.01, excess=0.003, seconds=1200)
    world = world_of(scenario, runs=12)
    recorded, watch = Recorded(world, seed=3), Classic(step_seconds=0).watch(setting_of(world))
    looks: list[Look] = []
    said_so_far: list[Said] = []
    for number in range(world.looks):
        looks.append(recorded.look(number))
        said_so_far.append(watch.look(looks[-1]))
    seen_values = set()
    for run in range(world.runs):
        blocks = blocks_of(looks, run)
        for number, said in enumerate(said_so_far):
            entered = START + timedelta(
                seconds=looks[number].at - looks[number].on_step_seconds[run]
            )
            value = judge(OBJECTIVE, blocks[: number + 1], entered).verdict
            assert said.rolls_back[run] == (value is VerdictValue.FAIL)
            assert (said.advances & ~said.rolls_back)[run] == (value is VerdictValue.PASS)
            seen_values.add(value)
    assert seen_values == set(VerdictValue)


def test_windows_grow_until_they_hold_enough_of_the_canary() -> None:
    world = world_of(Scenario(rate=1, base=0.0, excess=0.5), runs=1)
    watch = Classic().watch(setting_of(world))
    counts = Counts(
        canary=np.array([20.0]),
        canary_bad=np.array([20.0]),
        stable=np.array([100.0]),
        stable_bad=np.array([0.0]),
    )
    bad_looks = [watch.look(look_at(number, counts)).rolls_back[0] for number in range(1, 10)]
    assert bad_looks == [False] * 8 + [True]


def look_at(number: int, counts: Counts) -> Look:
    return Look(
        at=15 * number,
        weight=np.array([0.1]),
        on_step_seconds=np.array([15.0 * number]),
        look_seconds=15,
        counts=counts,
    )
