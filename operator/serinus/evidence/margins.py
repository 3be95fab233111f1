"""Margins: what must be excluded before a weight may rise, so that every step risks as much."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from serinus.evidence.wealth import Nats

MULTIPLES = (1, 2, 4, 10, 20)
"""Of the margin: what is tested at all times, whatever steps there are."""
_MULTIPLES = np.array(MULTIPLES, dtype=float)
MOST_ADDED = 0.2
"""No difference beyond this is ever let through, however little traffic it would meet."""
LEAST_MARGIN = 0.001
"""What is smaller can't be told from nothing by any number of requests worth waiting for."""
TOLERANCE = 0.25
"""Of the margin: a difference up to this is no reason to roll back."""
FLOOR = 0.5
"""Of the margin: a canary with a smaller rate is not rolled back, however good stable is."""
SLACK = 0.5
"""Of a limit: a canary beyond it by this must be excluded before a weight rises."""


def floor_of(margin: Nats, tolerance: Nats) -> Nats:
    """Return the canary's rate below which nothing is rolled back."""
    return np.maximum(FLOOR * margin, 2 * tolerance)


def tolerated_ratio(margin: Nats, tolerance: Nats, stable_rate: Nats) -> Nats:
    """Return how many times stable's rate is within the tolerance.

    A canary within it is below this ratio, or it is below the floor, where stable's rate is
    less than the difference of both.
    """
    least = floor_of(margin, tolerance) - tolerance
    return 1 + tolerance / np.maximum(stable_rate, least)


@lru_cache(maxsize=256)
def multiple_for(next_weight_percent: float) -> int:
    """Return how many margins must be excluded before a canary gets a weight.

    Equal harm: with m margins excluded at most m × margin × weight more requests go wrong, so a
    small step needs less to be proven. Rounded down to what is tested.
    """
    allowed = max(1.0, 100 / max(1.0, next_weight_percent))
    return max(multiple for multiple in MULTIPLES if multiple <= allowed)


def widened(margin: Nats) -> Nats:
    """Return each multiple of a margin on a last axis, bounded."""
    most = np.maximum(margin, MOST_ADDED)[..., None]
    return np.minimum(_MULTIPLES * margin[..., None], most)
