import numpy as np
import pytest

from serinus.evidence.edges import (
    NO_EDGE,
    above,
    edge_not_below,
    quantile_seconds,
    tail_beyond_seconds,
)

EDGES = np.array([0.1, 0.25, 0.5])
SLOW = np.array([[300.0, 10.0, 0.0], [900.0, 800.0, 700.0], [0.0, 0.0, 0.0]])
TOTAL = np.array([1000.0, 1000.0, 0.0])


def test_a_quantile_is_interpolated_and_not_told_beyond_the_last_edge() -> None:
    found = quantile_seconds(EDGES, SLOW, TOTAL, np.full(3, 0.99))
    assert found[0] == pytest.approx(0.25)
    assert np.isnan(found[1:]).all()
    median = quantile_seconds(EDGES, SLOW, TOTAL, np.full(3, 0.35))
    assert median[0] == pytest.approx(0.05)


def test_the_edge_is_the_smallest_that_is_not_below() -> None:
    asked = np.array([0.05, 0.1, 0.3, 0.6, np.nan])
    assert edge_not_below(EDGES, asked).tolist() == [0, 0, 2, NO_EDGE, NO_EDGE]


def test_above_an_edge_is_what_was_slower() -> None:
    assert above(SLOW, np.array([1, 2, NO_EDGE])).tolist() == [10.0, 700.0, 0.0]


def test_a_tail_between_edges_falls_by_the_same_factor_with_every_second() -> None:
    """From 30 % to 1 % between 100 and 250 ms: in the middle it is the geometric mean."""
    found = tail_beyond_seconds(EDGES, SLOW, TOTAL, np.full(3, 0.175))
    assert found[0] == pytest.approx((0.3 * 0.01) ** 0.5, rel=0.03)
    at_an_edge = tail_beyond_seconds(EDGES, SLOW, TOTAL, np.full(3, 0.25))
    assert at_an_edge[0] == pytest.approx(0.01, rel=0.06)
