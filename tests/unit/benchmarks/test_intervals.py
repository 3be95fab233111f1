"""Intervals against the numbers of textbooks."""

import numpy as np
import pytest

from benchmarks.verdicts.intervals import mean_of, median_of, share_of, upper_bound


def test_wilson() -> None:
    found = share_of(15, 100)
    assert (found.low, found.high) == pytest.approx((0.0931, 0.2328), abs=1e-4)


def test_the_rule_of_three() -> None:
    """Nothing in n runs leaves about 3 / n."""
    assert upper_bound(0, 2000) == pytest.approx(0.0015, abs=1e-4)
    assert upper_bound(20, 2000) == pytest.approx(0.0145, abs=2e-4)
    assert upper_bound(5, 5) == 1.0


def test_a_median_may_be_never() -> None:
    found = median_of(np.array([1.0, 2.0, 3.0, np.inf, np.inf, np.inf, np.inf]))
    assert found.value == np.inf


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    medians = [median_of(rng.exponential(size=101)) for _ in range(2000)]
    means = [mean_of(rng.normal(size=101)) for _ in range(2000)]
    assert np.mean([m.low <= np.log(2) <= m.high for m in medians]) == pytest.approx(
        0.95, abs=0.02
    )
    assert np.mean([m.low <= 0 <= m.high for m in means]) == pytest.approx(0.95, abs=0.02)
