"""Whole cells counted by counters of pods."""

import numpy as np

from benchmarks.verdicts.counters import Trouble
from benchmarks.verdicts.counts import Counts, Floats
from benchmarks.verdicts.run import Recorded
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.scraped import HARSH, scraped
from benchmarks.verdicts.world import world_of

CELL = Scenario(rate=20, base=0.02, seconds=600)
RUNS = 3


def columns(recorded: Recorded) -> Floats:
    """(looks, tracks and kinds, runs)."""

    def of(counts: Counts) -> list[Floats]:
        return [counts.canary, counts.canary_bad, counts.stable, counts.stable_bad]

    return np.array([of(recorded.look(number).counts) for number in range(CELL.looks)])


def recorded() -> Recorded:
    return Recorded(world_of(CELL, RUNS), CELL.seed)


def test_counters_that_nothing_befalls_count_what_was_drawn_in_every_run() -> None:
    assert np.array_equal(columns(scraped(recorded(), Trouble())), columns(recorded()))


def test_in_trouble_each_run_counts_later_and_never_more() -> None:
    found, drawn = columns(scraped(recorded(), HARSH)), columns(recorded())
    differs = np.any(found != drawn, axis=(1,))
    assert np.all(np.any(differs, axis=0)), "each run"
    assert not np.array_equal(differs[:, 0], differs[:, 1]), "by troubles of its own"
    assert np.all(np.cumsum(found, axis=0) <= np.cumsum(drawn, axis=0))
    assert np.all(found.sum(axis=0) >= 0.8 * drawn.sum(axis=0))
