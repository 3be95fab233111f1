"""Tables: a block as counts of bad events among all, for the bets on an objective."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from serinus.evidence.binned import among, comparable
from serinus.evidence.block import Block
from serinus.evidence.counts import Row
from serinus.evidence.slower import has_all, slower_than
from serinus.resource.objective import Kind, Objective
from serinus.signals.distributions import PREDICTIONS
from serinus.signals.tally import Tally

MOST_EDGES = 14
"""Of a finer histogram, evenly chosen ones and the one next to the limit: 2 kB are enough."""


def _is_count(tally: Tally) -> bool:
    counts = [tally.total, tally.bad, *[count for _, count in tally.buckets]]
    return isfinite(sum(counts)) and min(counts) >= 0


def edges_of(objective: Objective, block: Block) -> tuple[float, ...]:
    """Return the edges of latency that are counted: of both tracks if compared, few enough."""
    if objective.kind is not Kind.LATENCY:
        return ()
    of_stable = {edge for edge, _ in block.stable.buckets}
    compares = objective.worse_than_stable is not None
    edges = [edge for edge, _ in block.canary.buckets if isfinite(edge)]
    edges = [edge for edge in edges if edge in of_stable or not compares]
    return few_edges(edges, objective.limit_number)


def bins_of(objective: Objective, block: Block) -> tuple[str, ...]:
    """Return what of a distribution is counted, nothing while a track shows none."""
    if objective.kind is not Kind.DRIFT:
        return ()
    return comparable(*(track.bins.get(PREDICTIONS, {}) for track in (block.canary, block.stable)))


def few_edges(edges: Sequence[float], limit_seconds: float | None) -> tuple[float, ...]:
    """Return the edges of a histogram that are counted, few enough."""
    if len(edges) <= MOST_EDGES:
        return tuple(edges)
    step = len(edges) / (MOST_EDGES - 1)
    chosen = {edges[int(number * step)] for number in range(MOST_EDGES - 1)}
    next_to = (edge for edge in edges if limit_seconds is not None and edge >= limit_seconds)
    return tuple(sorted(chosen | {next(next_to, edges[-1])}))


def tabulated(
    objective: Objective, block: Block, edges: tuple[float, ...], bins: tuple[str, ...]
) -> Row | None:
    """Return a block as counts, None where it can't be any: that is neither good nor bad."""
    kind = objective.kind
    if kind is Kind.DRIFT:
        return _of_predictions(block, bins) if bins else None
    stable = block.stable if _is_count(block.stable) else Tally()
    if not _is_count(block.canary):
        return None
    if kind is not Kind.LATENCY:
        canary = block.canary
        bad = [min(canary.bad, canary.total)], [min(stable.bad, stable.total)]
        return Row(bad[0], canary.total, bad[1], stable.total)
    those = [each.buckets for each in (block.canary, stable) if has_all(each)]
    if not edges or not has_all(block.canary) or (slow := slower_than(those, edges)) is None:
        return None
    total = block.canary.buckets[-1][1]
    if len(those) == 1:
        return Row(slow[0], total, [0.0] * len(edges), 0.0)
    return Row(slow[0], total, slow[1], stable.buckets[-1][1])


def _of_predictions(block: Block, bins: tuple[str, ...]) -> Row | None:
    canary, stable = (each.bins.get(PREDICTIONS, {}) for each in (block.canary, block.stable))
    if not all(isfinite(n) and n >= 0 for n in (*canary.values(), *stable.values())):
        return None
    return Row(
        among(canary, bins), sum(canary.values()), among(stable, bins), sum(stable.values())
    )
