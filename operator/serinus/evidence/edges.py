"""Edges of a latency histogram: which one is meant, and how much was slower than it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import Nats

Edge = npt.NDArray[np.int64]
"""Index of an edge for each place in the batch."""
NO_EDGE = -1


def quantile_seconds(edges: Nats, slow: Nats, total: Nats, share: Nats) -> Nats:
    """Return a quantile interpolated inside its bucket; NaN where there is nothing to tell it by.

    Args:
        edges: finite upper edges, ascending: (edges,).
        slow: events that took longer than each of them: (batch, edges).
        total: all events: (batch,).
        share: the quantile, between 0 and 1: (batch,).
    """
    below = np.maximum.accumulate(total[:, None] - slow, axis=1)
    rank = share * total
    reached = below >= rank[:, None]
    index, rows = np.argmax(reached, axis=1), np.arange(len(total))
    upper = below[rows, index]
    lower = np.where(index > 0, below[rows, index - 1], 0.0)
    start = np.where(index > 0, edges[index - 1], 0.0)
    inside = (rank - lower) / np.where(upper > lower, upper - lower, 1.0)
    found = start + (edges[index] - start) * inside
    return np.where((total > 0) & reached[:, -1], found, np.nan)


def tail_beyond_seconds(edges: Nats, slow: Nats, total: Nats, seconds: Nats) -> Nats:
    """Return the share of events slower than a time, interpolated: (batch,), or (times, batch).

    Inside a bucket the tail is taken to fall by the same factor with every second, as tails do;
    a straight line would put most of a wide bucket's events where there are few.
    """
    finite = np.where(np.isfinite(seconds), seconds, 0.0)
    upper = np.minimum(np.searchsorted(edges, finite), len(edges) - 1)
    rows, is_first = np.arange(len(total)), upper == 0
    start = np.where(is_first, 0.0, edges[upper - 1])
    before = np.where(is_first, total + 0.5, slow[rows, upper - 1])
    falls = np.log((slow[rows, upper] + 0.5) / (before + 0.5))
    part = np.minimum(1.0, (finite - start) / (edges[upper] - start))
    tail: Nats = (before + 0.5) / (total + 1) * np.exp(falls * part)
    return tail


def edge_not_below(edges: Nats, seconds: Nats) -> Edge:
    """Return the index of the smallest edge that is not below a time, NO_EDGE without one."""
    found = np.searchsorted(edges, np.where(np.isfinite(seconds), seconds, np.inf))
    return np.where(found < len(edges), found, NO_EDGE)


def above(slow: Nats, edge: Edge) -> Nats:
    """Return how many events took longer than an edge; none where there is no edge.

    Of one edge for each place, (batch,), or of several: (edges, batch).
    """
    return np.where(edge >= 0, slow[np.arange(len(slow)), edge], 0.0)
