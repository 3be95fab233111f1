"""Two histograms brought to the same bins, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import inf, isinf

import numpy as np

from serinus.evidence.binned import REST
from serinus.evidence.drift_noise import Compared
from serinus.evidence.wealth import Nats
from serinus.signals.distributions import CATEGORY_MARK


def aligned(seen: Mapping[str, float], known: Mapping[str, float]) -> Compared | None:
    """Return both over the bins that they have in common, None where nothing tells them apart.

    Numbers are compared at the edges that both have: what is between is counted together.
    Categories that only one of both knows are counted with the rest. Bins that are empty in both
    tell nothing.
    """
    if all(label.startswith(CATEGORY_MARK) for label in {**seen, **known}):
        return _categories(seen, known)
    if any(label.startswith(CATEGORY_MARK) for label in {**seen, **known}):
        return None
    return _numbers(seen, known)


def _categories(seen: Mapping[str, float], known: Mapping[str, float]) -> Compared | None:
    common = sorted((seen.keys() & known.keys()) - {REST})
    pairs = [(seen[label], known[label]) for label in common]
    rest = tuple(
        sum(each.values()) - sum(each[label] for label in common) for each in (seen, known)
    )
    filled = [pair for pair in (*pairs, rest) if any(pair)]
    if len(filled) < 2:
        return None
    return Compared(seen=_column(filled, 0), known=_column(filled, 1))


def _numbers(seen: Mapping[str, float], known: Mapping[str, float]) -> Compared | None:
    of_seen, of_known = _by_edge(seen), _by_edge(known)
    edges = sorted(of_seen.keys() & of_known.keys())
    if len(edges) < 2 or not isinf(edges[-1]):
        return None
    pairs = list(zip(_between(of_seen, edges), _between(of_known, edges), strict=True))
    at = [place for place, pair in enumerate(pairs) if any(pair)]
    if len(at) < 2:
        return None
    middles = _middles(edges)
    return Compared(
        seen=_column([pairs[place] for place in at], 0),
        known=_column([pairs[place] for place in at], 1),
        positions=np.array([middles[place] for place in at]),
    )


def _by_edge(counts: Mapping[str, float]) -> dict[float, float]:
    return {float(label): count for label, count in counts.items()}


def _between(counts: Mapping[float, float], edges: list[float]) -> list[float]:
    """Counts up to each edge and above the one before."""
    before = [-inf, *edges[:-1]]
    return [
        sum(count for edge, count in counts.items() if low < edge <= high)
        for low, high in zip(before, edges, strict=True)
    ]


def _middles(edges: list[float]) -> list[float]:
    """What is beyond the outer edges is taken to be at them."""
    inner = [(low + high) / 2 for low, high in pairwise(edges[:-1])]
    return [edges[0], *inner, edges[-2]]


def _column(pairs: list[tuple[float, ...]], place: int) -> Nats:
    return np.array([pair[place] for pair in pairs], dtype=float)
