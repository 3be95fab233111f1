"""How late an operator's looks are, by when it asked: it need not say so itself."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

EDGES_SECONDS = tuple(round(0.05 * number, 2) for number in range(2_401))


def lag_buckets(
    asked_at: Mapping[str, Sequence[float]], interval_seconds: float
) -> dict[float, float]:
    """Return how many looks began at most so many seconds late, as a histogram's buckets.

    `asked_at` has the times of one rollout's questions (Unix seconds, ascending) by a name of the
    rollout. A look is due an interval after the one before; the first of a rollout is never late.
    """
    late = sorted(
        after - before - interval_seconds
        for times in asked_at.values()
        for before, after in pairwise(times)
    )
    buckets: dict[float, float] = {edge: bisect_right(late, edge) for edge in EDGES_SECONDS}
    return {**buckets, float("inf"): len(late)}
