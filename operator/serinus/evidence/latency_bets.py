"""The bets on latency: counts of requests that took longer than an edge of the histogram.

A quantile above a limit is more than a certain share above it, and a canary that is slower than
stable has more requests above every edge. A quantile itself has no variance to test by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, NEAR, PROOFS, SHARE
from serinus.evidence.ceiling import MULTIPLES as ABOVE
from serinus.evidence.ceiling import log_ceiling_values
from serinus.evidence.counts import Counts
from serinus.evidence.edges import (
    NO_EDGE,
    Edge,
    above,
    edge_not_below,
    quantile_seconds,
    tail_beyond_seconds,
)
from serinus.evidence.margins import FLOOR as FLOOR_OF_MARGIN
from serinus.evidence.margins import LEAST_MARGIN, SLACK, widened
from serinus.evidence.noninferiority import (
    WEIGHTS,
    log_values_below_bound,
    log_values_below_margin,
)
from serinus.evidence.share import log_share_values
from serinus.evidence.share_bets import EXPECTED_OF_MARGIN, common_weights, rate_before
from serinus.evidence.wealth import Nats

RATIOS = np.array((1.25, 1.5, 2.0, 3.0, 6.0, 20.0))
TAIL_COMPARED = (0.0005, 0.6)
"""An edge is worth a bet where so much of the traffic is slower: more or less tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyBets:
    """The bets on latency: one histogram's edges, each number an array over the batch."""

    edges: Nats
    """Finite upper edges in seconds, ascending: (edges,)."""
    quantile: Nats
    margin: Nats
    """In seconds, or a part of stable's quantile; NaN without one."""
    margin_is_relative: npt.NDArray[np.bool_]
    limit: Nats
    """In seconds; NaN without one."""
    dispersion: Nats
    proves: bool = True
    """Whether it is bet on, too, that a canary is good; who asks how bad it is does without."""

    @property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""
        return np.isfinite(self.margin)

    @property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""
        return np.isfinite(self.limit)

    @property
    def alternatives(self) -> Mapping[str, int]:
        """How many alternatives each bet has; `share` has those of every edge."""
        ratios, ceilings = len(RATIOS), len(ABOVE)
        return {
            SHARE: len(self.edges) * ratios,
            NEAR: ratios,
            FLOOR: ceilings,
            LIMIT: ceilings,
            ALONE: ceilings,
            **dict.fromkeys(PROOFS if self.proves else (), len(WEIGHTS)),
        }

    def some(self, places: npt.NDArray[np.int64]) -> LatencyBets:
        """Return the bets on some of the batch."""
        return replace(
            self,
            quantile=self.quantile[places],
            margin=self.margin[places],
            margin_is_relative=self.margin_is_relative[places],
            limit=self.limit[places],
            dispersion=self.dispersion[places],
        )

    def weights(self, block: Counts, before: Counts, /) -> dict[str, Nats]:
        """Return how a stake is spread: evenly over the edges that have a tail worth it.

        The tail is the one of both tracks together: whose it is is asked given how large it is.
        """
        both = before + block
        total = (both.canary + both.stable)[:, None]
        tail = (both.bad_canary + both.bad_stable) / np.where(total > 0, total, 1)
        counts = (tail >= TAIL_COMPARED[0]) & (tail <= TAIL_COMPARED[1])
        each = counts / np.maximum(1, np.sum(counts, axis=1, keepdims=True)) / len(RATIOS)
        near = np.full((len(total), len(RATIOS)), 1 / len(RATIOS))
        share = np.repeat(each, len(RATIOS), axis=1)
        return common_weights(len(total)) | {SHARE: share, NEAR: near}

    def log_values(self, block: Counts, before: Counts) -> dict[str, Nats]:
        """Return the log e-values of a block, by what was counted before it."""
        slower = self._log_share_values(block)
        near, not_below = self._edge_near_limit, edge_not_below(self.edges, self.limit)
        limit = self._log_ceiling_values(block, not_below, self._allowed)
        floor, margin = self._log_values_beyond(block, before)
        slack = self._allowed[:, None] + widened(SLACK * self._allowed)
        values = {
            SHARE: slower.reshape(len(block.canary), -1),
            NEAR: np.where(near[:, None] >= 0, slower[np.arange(len(near)), near], 0.0),
            FLOOR: floor,
            LIMIT: limit,
            ALONE: np.where(block.stable[:, None] > 0, 0.0, limit),
            MARGIN: margin,
            BOUND: self._log_values_below(block, before, near, slack),
        }
        return {name: values[name] for name in self.alternatives}

    @property
    def _allowed(self) -> Nats:
        return 1 - self.quantile

    @property
    def _edge_near_limit(self) -> Edge:
        """The smallest edge not below the limit; else the last, which proves all the more."""
        found = edge_not_below(self.edges, self.limit)
        return np.where(self.has_limit & (found < 0), len(self.edges) - 1, found)

    def _log_values_beyond(self, block: Counts, before: Counts) -> tuple[Nats, Nats]:
        """Of the floor and of the margin, at the edge where stable has its quantile.

        A canary that takes longer by a part of the margin has the tail there that stable has so
        much below; what a margin in seconds means in requests is read off stable's histogram: of
        before, and in the first minute, for the floor alone, of the meantime.
        """
        known = before.where(before.stable > 0, block)
        slow, total = known.bad_stable, known.stable
        quantile = quantile_seconds(self.edges, slow, total, self.quantile)
        edge = np.where(self.has_margin, edge_not_below(self.edges, quantile), NO_EDGE)
        tail = (above(slow, edge) + 0.5) / (total + 1)
        floor, margin = (
            tail_beyond_seconds(self.edges, slow, total, self._sooner(edge, part))
            for part in (FLOOR_OF_MARGIN, 1.0)
        )
        proofs = log_values_below_margin(
            above(block.bad_canary, edge)[:, None],
            np.where((edge >= 0) & (before.stable > 0), block.canary, 0.0)[:, None],
            above(block.bad_stable, edge)[:, None],
            block.stable[:, None],
            stable_rate=tail[:, None],
            margin=widened(np.maximum(LEAST_MARGIN, margin - tail)),
            dispersion=self.dispersion[:, None],
        )
        return self._log_ceiling_values(block, edge, floor), proofs

    def _sooner(self, edge: Edge, part: float) -> Nats:
        """Where stable has the tail that a canary has at an edge if it is slower by a part."""
        at, added = self.edges[np.maximum(edge, 0)], part * np.nan_to_num(self.margin)
        return np.where(self.margin_is_relative, at / (1 + added), np.maximum(0.0, at - added))

    def _log_share_values(self, block: Counts) -> Nats:
        one = np.ones_like(block.bad_canary)
        return log_share_values(
            block.bad_canary,
            block.canary[:, None] * one,
            block.bad_stable,
            block.stable[:, None] * one,
            RATIOS,
            tolerated_ratio=one,
            dispersion=self.dispersion[:, None] * one,
        )

    def _log_ceiling_values(self, block: Counts, edge: Edge, ceiling: Nats) -> Nats:
        return log_ceiling_values(
            above(block.bad_canary, edge),
            np.where(edge >= 0, block.canary, 0.0),
            ceiling,
            dispersion=self.dispersion,
        )

    def _log_values_below(self, block: Counts, before: Counts, edge: Edge, bounds: Nats) -> Nats:
        guess = EXPECTED_OF_MARGIN * self._allowed
        known = rate_before(above(before.bad_stable, edge), before.stable, guess)
        return log_values_below_bound(
            above(block.bad_canary, edge)[:, None],
            np.where(edge >= 0, block.canary, 0.0)[:, None],
            expected_rate=np.minimum(0.9 * self._allowed, known)[:, None],
            bound=bounds,
            dispersion=self.dispersion[:, None],
        )
