"""Clients that stick to a version, as the benchmark draws them, and what is told of it."""

import numpy as np
import pytest

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.jobs import Job, Section, run
from benchmarks.verdicts.peers import FLAGGER
from benchmarks.verdicts.rules.ours import Ours
from benchmarks.verdicts.run import Recorded
from benchmarks.verdicts.sticking import Noted, Sticking

FEW = Sticking(clients=30, rate=100, base=0.005, seconds=1200)
RUNS = 60


def shares(cell: Sticking, weight: float) -> tuple[float, Floats]:
    """The bad share of all requests, and the canary's part of the requests in each run."""
    recorded = Recorded(cell.of(RUNS), seed=3, schedule=(weight,))
    looks = [recorded.look(number).counts for number in range(40)]
    canary = np.sum([each.canary for each in looks], axis=0)
    everything = canary + np.sum([each.stable for each in looks], axis=0)
    bad = np.sum([each.canary_bad + each.stable_bad for each in looks])
    return float(bad / np.sum(everything)), canary / everything


def test_nobody_answers_more_badly_by_sticking() -> None:
    for weight in (0.1, 0.5):
        share, _ = shares(FEW, weight)
        assert share == pytest.approx(0.005, rel=0.05)


def test_a_weight_takes_over_clients_and_gives_none_back() -> None:
    low, high = (shares(FEW, weight)[1] for weight in (0.1, 0.5))
    assert np.mean(low) == pytest.approx(0.1, abs=0.04)
    assert np.mean(high) == pytest.approx(0.5, abs=0.1)
    assert np.std(low) > 0.03, "no two services have their clients in the same places"
    assert np.all(high > low - 0.01)


def test_an_excess_is_the_canarys_alone() -> None:
    worse, _ = shares(Sticking(clients=30, rate=100, base=0.005, excess=0.02), 0.5)
    assert worse == pytest.approx(0.005 + 0.02 * 0.5, rel=0.15)


def test_it_is_told_of_few_clients_and_not_where_requests_are_as_good_as_by_chance() -> None:
    told = {}
    for clients in (30, 20_000):
        job = Job(
            section=Section.STICKING,
            cell=Sticking(clients=clients, rate=100, base=0.005, seconds=900),
            rules=(Ours(),),
            runs=30,
        )
        (row,) = run(job)
        assert row.summary.told is not None
        told[clients] = row.summary.told.value
    assert told[30] > 0.5
    assert told[20_000] < 0.1


def test_a_rule_that_is_noted_says_what_it_says() -> None:
    job = Job(section=Section.ROLLOUTS, cell=FEW, rules=(Ours(), FLAGGER), runs=20)
    sticking = Job(section=Section.STICKING, cell=FEW, rules=(Ours(), FLAGGER), runs=20)
    for plain, noted in zip(run(job), run(sticking), strict=True):
        assert noted.summary.rolled_back == plain.summary.rolled_back
        assert noted.summary.promote_seconds == plain.summary.promote_seconds
        assert noted.rule == plain.rule
    assert Noted(FLAGGER).weights == FLAGGER.weights
