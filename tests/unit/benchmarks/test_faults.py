"""Faults as they were recorded, on a canary."""

import numpy as np
import pytest

from benchmarks.verdicts.cells import MEASURED, long, short
from benchmarks.verdicts.faults import TRAFFIC, Cause, Faulty, fault_shares
from benchmarks.verdicts.jobs import Job, Section, run
from benchmarks.verdicts.run import Recorded

SEARCH = Faulty(traffic="high", cause=Cause.SEARCH, rate=1000, seconds=600)


def test_a_canary_has_the_fault_and_stable_what_it_has_without() -> None:
    recorded = Recorded(SEARCH.of(200), seed=3, schedule=(0.5,))
    looks = [recorded.look(number).counts for number in range(40)]
    bad, everything = (
        [np.sum([getattr(look, name) for look in looks]) for name in names]
        for names in (("canary_bad", "stable_bad"), ("canary", "stable"))
    )
    assert bad[0] / everything[0] == pytest.approx(0.0336, rel=0.02)
    assert bad[1] / everything[1] == pytest.approx(0.0009, rel=0.3)


def test_each_run_has_a_recording_of_its_own_and_each_step_another_share() -> None:
    known = fault_shares("high", Cause.SEARCH)
    assert known.shape == (4, 2)
    recorded = Recorded(SEARCH.of(4), seed=3, schedule=(0.5,))
    for step, looks in enumerate((range(20), range(20, 40))):
        counts = [recorded.look(number).counts for number in looks]
        seen = np.sum([each.canary_bad for each in counts], axis=0) / np.sum(
            [each.canary for each in counts], axis=0
        )
        assert seen == pytest.approx(known[:, step], rel=0.1)


def test_a_fault_that_was_real_is_found() -> None:
    job = Job(section=Section.FAULTS, cell=SEARCH, rules=(MEASURED,), runs=20)
    (row,) = run(job)
    assert row.summary.rolled_back.value == 1
    assert row.where == "petshop high, search fails, 1000 req/s, 0.089 % to 3.3 %"


def test_every_fault_is_in_both_forms() -> None:
    for jobs in (short(), long()):
        cells = {(j.cell.traffic, j.cell.cause) for j in jobs if isinstance(j.cell, Faulty)}
        assert cells == {(traffic, cause) for traffic in TRAFFIC for cause in Cause}
