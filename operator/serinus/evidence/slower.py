"""How many events took longer than the edges that are compared, in counts of both tracks."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from serinus.signals.tally import Buckets, Tally, at_or_below


def has_all(tally: Tally) -> bool:
    """Return whether it is known how many events there were at all."""
    return bool(tally.buckets) and tally.buckets[-1][0] == inf


def slower_than(tracks: Sequence[Buckets], edges: Sequence[float]) -> list[list[float]] | None:
    """Return how many of each track took longer than each edge, None where that can't be told.

    Where one of them has lost an edge, as a native histogram does that makes its buckets wider,
    the next one above that both have is taken for both.
    """
    known, counts = [dict(buckets) for buckets in tracks], list[list[float]]()
    for edge in edges:
        within: list[float | None] = [counts_at.get(edge) for counts_at in known]
        if None in within:
            within = _at_next_edge(tracks, edge)
        if None in within:
            return None
        counts.append([count or 0.0 for count in within])
    return [
        [max(0.0, buckets[-1][1] - within[number]) for within in counts]
        for number, buckets in enumerate(tracks)
    ]


def _at_next_edge(tracks: Sequence[Buckets], edge: float) -> list[float | None]:
    above = (each for each, _ in tracks[0] if edge < each < inf)
    told = ([at_or_below(buckets, each) for buckets in tracks] for each in (edge, *above))
    return next((within for within in told if None not in within), [None])
