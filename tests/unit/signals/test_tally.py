"""Buckets that are added up keep every edge that both can tell."""

from math import inf

import pytest

from serinus.signals.tally import Tally, at_or_below, tallied

FEW = ((0.1, 0.0), (0.5, 7.0), (inf, 7.0))
MORE = ((0.1, 2.0), (0.35, 4.0), (0.5, 6.0), (1.0, 8.0), (inf, 9.0))


@pytest.mark.parametrize(
    ("edge", "count"), [(0.05, 0), (0.1, 0), (0.3, None), (0.5, 7), (0.7, 7), (inf, 7)]
)
def test_between_edges_with_the_same_number_there_was_nothing(
    edge: float, count: float | None
) -> None:
    assert at_or_below(FEW, edge) == count


def test_an_edge_is_kept_if_both_can_tell_what_is_below_it() -> None:
    both = tallied([Tally(buckets=FEW), Tally(buckets=MORE)])
    assert both.buckets == ((0.1, 2), (0.5, 13), (1.0, 15), (inf, 16))


def test_many_at_once_are_added_up_as_one_after_the_other() -> None:
    alike = [Tally(buckets=((0.1, n), (0.5, 2 * n), (inf, 3 * n))) for n in (1.0, 2.0, 4.0)]
    other = Tally(buckets=((0.1, 5.0), (inf, 5.0)))
    assert tallied(alike).buckets == ((0.1, 7.0), (0.5, 14.0), (inf, 21.0))
    for those in (alike, [*alike, other], [other, Tally(), *alike], [Tally()], []):
        added = Tally()
        for each in those:
            added = added + each
        assert tallied(those) == added
