from math import inf, log

import numpy as np
import pytest

from serinus.evidence.vigil import log_alarm, nothing_kept, watched
from serinus.evidence.wealth import Nats

RUNS = 300


def alarms(rate: float, looks: int, *, baseline: float = 0.005, total: int = 150) -> Nats:
    """The look of the first alarm of each run, at one in 2,000 looks; infinity for none."""
    draw, kept = np.random.default_rng(3), nothing_kept(RUNS)
    first = np.full(RUNS, inf)
    totals, base = np.full(RUNS, float(total)), np.full(RUNS, baseline)
    for look in range(1, looks + 1):
        bad = draw.binomial(total, rate, RUNS).astype(float)
        kept = watched(kept, bad, totals, base, dispersion=np.full(RUNS, 0.02))
        first = np.where((log_alarm(kept) >= log(2000)) & np.isinf(first), look, first)
    return first


def test_false_alarms_are_as_rare_as_was_asked_for() -> None:
    """In 400 looks at most a fifth of the runs, if one in 2,000 looks on average is too many."""
    assert np.mean(np.isfinite(alarms(0.005, 400))) <= 0.2 + 0.07


def test_what_gets_worse_is_found_soon() -> None:
    assert np.median(alarms(0.025, 60)) <= 12
    assert np.median(alarms(0.105, 60)) <= 3


def test_a_day_without_traffic_changes_nothing_and_a_storm_overflows_nothing() -> None:
    one = np.ones(1)
    kept = watched(nothing_kept(1), 5 * one, 100 * one, 0.01 * one, dispersion=0.02 * one)
    after = kept
    for _ in range(100):
        after = watched(after, 0 * one, 0 * one, 0.01 * one, dispersion=0.02 * one)
    assert (after == kept).all()
    for _ in range(100):
        after = watched(after, 1e6 * one, 1e6 * one, 0.01 * one, dispersion=0.02 * one)
    assert log_alarm(after)[0] == pytest.approx(700.0)
    assert log_alarm(nothing_kept(1))[0] == -inf
