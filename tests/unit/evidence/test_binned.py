from itertools import pairwise

import numpy as np

from serinus.evidence.binned import MOST_BINS, REST, among, comparable, memberships

NUMBERS = {"10": 1.0, "20": 2.0, "30": 4.0, "+Inf": 8.0}
NAMES = {"=red": 5.0, "=blue": 3.0, "=(other)": 1.0, "=(unseen)": 2.0}


def test_numbers_are_counted_beyond_the_edges_that_both_have() -> None:
    bins = comparable(NUMBERS, {"5": 1.0, "10": 1.0, "30": 0.0, "+Inf": 0.0})
    assert bins == ("10", "30")
    assert among(NUMBERS, bins) == [14.0, 8.0]


def test_edges_are_in_the_order_of_numbers() -> None:
    assert comparable(*[{"9": 1.0, "10": 1.0, "-2": 1.0, "+Inf": 1.0}] * 2) == ("-2", "9", "10")


def test_categories_are_counted_each_and_those_of_one_alone_together() -> None:
    bins = comparable(NAMES, {"=red": 1.0, "=blue": 1.0, "=green": 1.0})
    assert bins == ("=blue", "=red", "=(other)")
    assert among(NAMES, bins) == [3.0, 5.0, 3.0]


def test_what_has_nothing_in_common_is_not_compared() -> None:
    assert comparable(NUMBERS, NAMES) == ()
    assert comparable(NUMBERS, {"7": 1.0, "+Inf": 0.0}) == ()
    assert comparable({}, NAMES) == ()


def test_memberships_are_what_each_label_counts_to() -> None:
    for values in (NUMBERS, NAMES):
        bins = comparable(values, values)
        counted = np.array(list(values.values())) @ memberships(list(values), bins)
        assert counted.tolist() == among(values, bins)


def test_of_many_edges_some_are_chosen_evenly() -> None:
    values = {str(edge): 1.0 for edge in range(100)} | {"+Inf": 1.0}
    bins = [int(each) for each in comparable(values, values)]
    assert len(bins) == MOST_BINS
    assert (bins[0], bins[-1]) == (3, 96)
    assert {b - a for a, b in pairwise(bins)} <= {6, 7}


def test_of_many_categories_those_that_there_is_most_of_are_told_apart() -> None:
    one = {f"={number:02}": float(number) for number in range(100)}
    other = {**one, "=00": 10_000.0}
    bins = comparable(one, other)
    assert len(bins) == MOST_BINS
    assert {"=00", "=99", "=98", REST} <= set(bins)
    assert sum(among(one, bins)) == sum(one.values())
