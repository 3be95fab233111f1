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
    rank = (share * total)[:, None]
    reached = below >= rank
    index = np.argmax(reached, axis=1)[:, None]
    padded = np.concatenate([np.zeros((len(total), 1)), below], axis=1)
    lower, upper = (np.take_along_axis(padded, index + each, axis=1) for each in (0, 1))
    inside = (rank - lower) / np.where(upper > lower, upper - lower, 1.0)
    start = np.concatenate([[0.0], edges])[index]
    found = (start + (edges[index] - start) * inside)[:, 0]
    return np.where((total > 0) & reached.any(axis=1), found, np.nan)


def tail_beyond_seconds(edges: Nats, slow: Nats, total: Nats, seconds: Nats) -> Nats:
    """Return the share of events slower than a time, interpolated: (batch,).

    Inside a bucket the tail is taken to fall by the same factor with every second, as tails do;
    a straight line would put most of a wide bucket's events where there are few.
    """
    finite = np.where(np.isfinite(seconds), seconds, 0.0)
    upper = np.minimum(np.searchsorted(edges, finite), len(edges) - 1)
    tails = (slow + 0.5) / (total[:, None] + 1)
    padded = np.log(np.concatenate([np.ones((len(total), 1)), tails], axis=1))
    bounds = np.concatenate([[0.0], edges])
    start, width = bounds[upper], bounds[upper + 1] - bounds[upper]
    before, after = (
        np.take_along_axis(padded, (upper + each)[:, None], axis=1)[:, 0] for each in (0, 1)
    )
    tail: Nats = np.exp(before + (after - before) * np.minimum(1.0, (finite - start) / width))
    return tail


def edge_not_below(edges: Nats, seconds: Nats) -> Edge:
    """Return the index of the smallest edge that is not below a time, NO_EDGE without one."""
    found = np.searchsorted(edges, np.where(np.isfinite(seconds), seconds, np.inf))
    return np.where(found < len(edges), found, NO_EDGE)


def above(slow: Nats, edge: Edge) -> Nats:
    """Return how many events took longer than an edge; none where there is no edge."""
    found = np.take_along_axis(slow, np.maximum(edge, 0)[:, None], axis=1)[:, 0]
    return np.where(edge >= 0, found, 0.0)
