"""A distribution as events to bet on: values beyond an edge, or values in a category.

Two distributions of numbers differ where their cumulative shares do, as by Kolmogorov-Smirnov;
categories have no order, so that each is an event of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

import numpy as np

from serinus.evidence.wealth import Nats
from serinus.signals.distributions import CATEGORY_MARK

REST = "=(other)"
"""All categories that only one of both has; the SDK's own word for those that are rare."""
MOST_BINS = 16
"""That are bet on: an account has room for no more in 2 kB, and each costs evidence."""


def comparable(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[str, ...]:
    """Return the bins whose events can be told of both, in order; none where they differ in kind.

    The edges that both have, or the categories that both have and the rest: of many, edges evenly
    chosen, and the categories that both have most of.
    """
    labels = {**one, **other}
    common = one.keys() & other.keys()
    if all(label.startswith(CATEGORY_MARK) for label in labels):
        return (*_most_common(one, other, common - {REST}), REST) if common else ()
    if any(label.startswith(CATEGORY_MARK) for label in labels):
        return ()
    return _evenly(sorted((each for each in common if isfinite(float(each))), key=float))


def _most_common(
    one: Mapping[str, float], other: Mapping[str, float], labels: Iterable[str]
) -> list[str]:
    totals = [max(1.0, sum(each.values())) for each in (one, other)]
    ranked = sorted(
        labels, key=lambda each: (-(one[each] / totals[0] + other[each] / totals[1]), each)
    )
    return sorted(ranked[: MOST_BINS - 1])


def _evenly(edges: Sequence[str]) -> tuple[str, ...]:
    few = min(len(edges), MOST_BINS)
    return tuple(edges[(2 * number + 1) * len(edges) // (2 * few)] for number in range(few))


def among(values: Mapping[str, float], bins: Sequence[str]) -> list[float]:
    """Return how many values are beyond each edge, or in each category."""
    if any(label.startswith(CATEGORY_MARK) for label in bins):
        named = {label: values.get(label, 0.0) for label in bins if label != REST}
        return [*named.values(), max(0.0, sum(values.values()) - sum(named.values()))]
    by_edge = [(float(label), count) for label, count in values.items() if _is_edge(label)]
    return [sum(n for edge, n in by_edge if edge > float(each)) for each in bins]


def memberships(labels: Sequence[str], bins: Sequence[str]) -> Nats:
    """Return which labels' values each event is made of, 1 or 0: (labels, bins)."""
    return np.array([among({label: 1.0}, bins) for label in labels]).reshape(-1, len(bins))


def _is_edge(label: str) -> bool:
    return not label.startswith(CATEGORY_MARK)
