"""Counts drawn for thousands of runs are those the operator counts in raw traces of one."""

import numpy as np
import pytest

from benchmarks.verdicts.counters import Trouble, trace_of
from benchmarks.verdicts.counting import counted
from benchmarks.verdicts.counts import Counts
from benchmarks.verdicts.run import Recorded
from benchmarks.verdicts.scenario import Disturbance, Scenario
from benchmarks.verdicts.world import world_of

START = 1_900_000_000.0
RUNS = 3
NASTY = Trouble(
    replaced_every_seconds=300,
    restarted_every_seconds=225,
    missed_share=0.2,
    late_share=0.2,
)


def looks_of(disturbance: Disturbance) -> list[Counts]:
    scenario = Scenario(
        rate=100, base=0.005, excess=0.01, disturbance=disturbance, seconds=1200, look_seconds=15
    )
    recorded = Recorded(world_of(scenario, RUNS), seed=5)
    return [recorded.look(number).counts for number in range(scenario.looks)]


def columns(counts: Counts, run: int) -> tuple[float, ...]:
    each = (counts.canary, counts.canary_bad, counts.stable, counts.stable_bad)
    return tuple(float(array[run]) for array in each)


@pytest.mark.parametrize("disturbance", [Disturbance.IID, Disturbance.BAD_CLIENTS])
@pytest.mark.parametrize("trouble", [Trouble(), NASTY], ids=["calm", "nasty"])
def test_the_operator_counts_what_was_drawn_look_by_look(
    disturbance: Disturbance, trouble: Trouble
) -> None:
    looks = looks_of(disturbance)
    for run in range(RUNS):
        trace = trace_of(looks, run, 15, trouble, START)
        found = [columns(each, 0) for each in counted(trace, START, len(looks), 15)]
        assert found == [columns(each, run) for each in looks]


def test_counts_of_a_missed_scrape_show_in_the_next_look() -> None:
    looks = looks_of(Disturbance.IID)
    missing = Trouble(missed_share=0.1, may_miss_ends=True)
    trace = trace_of(looks, 0, 15, missing, START)
    found = np.array([columns(each, 0) for each in counted(trace, START, len(looks), 15)])
    drawn = np.array([columns(each, 0) for each in looks])
    assert not np.array_equal(found, drawn)
    assert np.all(found.sum(axis=0) <= drawn.sum(axis=0))
    assert np.all(found.sum(axis=0) >= 0.99 * drawn.sum(axis=0))  # but the last look's
