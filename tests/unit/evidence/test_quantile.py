"""The same numbers as `histogram_quantile` of Prometheus gives (promql/quantile_test.go)."""

from math import inf

import pytest

from serinus.evidence.quantile import Quantile, quantile, tail_beyond

BUCKETS = ((0.1, 10.0), (0.2, 30.0), (0.5, 38.0), (inf, 40.0))


@pytest.mark.parametrize(
    ("share", "seconds"),
    [(0.125, 0.05), (0.25, 0.1), (0.5, 0.15), (0.75, 0.2), (0.85, 0.35), (0.95, 0.5)],
)
def test_a_quantile_is_interpolated_inside_its_bucket(share: float, seconds: float) -> None:
    found = quantile(BUCKETS, share)
    assert found is not None
    assert found.seconds == pytest.approx(seconds)
    assert not found.is_floor


def test_beyond_the_largest_edge_it_is_at_least_that_edge() -> None:
    assert quantile(BUCKETS, 0.99) == Quantile(seconds=0.5, is_floor=True)


@pytest.mark.parametrize(
    "buckets", [(), ((inf, 3.0),), ((0.1, 0.0), (inf, 0.0)), ((0.1, 1.0), (0.2, 2.0))]
)
def test_without_events_or_edges_there_is_no_quantile(
    buckets: tuple[tuple[float, float], ...],
) -> None:
    assert quantile(buckets, 0.5) is None


def test_counts_that_fall_with_the_edge_are_mended() -> None:
    """Rounding of rates and lost scrapes do that; Prometheus mends it in the same way."""
    assert quantile(((0.1, 10.0), (0.2, 9.0), (inf, 10.0)), 0.5) == Quantile(seconds=0.05)


def test_the_tail_lies_above_the_next_edge() -> None:
    tail = tail_beyond(BUCKETS, 0.15)
    assert tail is not None
    assert (tail.edge_seconds, tail.share) == (0.2, 0.25)


def test_no_tail_can_be_told_without_events() -> None:
    assert tail_beyond((), 0.1) is None
    assert tail_beyond(((inf, 5.0),), 0.1) is None
