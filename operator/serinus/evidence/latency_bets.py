"""The bets on latency: counts of requests that took longer than an edge of the histogram.

A quantile above a limit is more than a certain share above it, and a canary that is slower than
stable has more requests above every edge. A quantile itself has no variance to test by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, NEAR, PROOFS, SHARE
from serinus.evidence.ceiling import MULTIPLES as ABOVE
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
from serinus.evidence.noninferiority import WEIGHTS
from serinus.evidence.questions import Answers, Question, Questions, Rows
from serinus.evidence.share_bets import EXPECTED_OF_MARGIN, common_weights, rate_before
from serinus.evidence.wealth import Nats

RATIOS = np.array((1.25, 1.5, 2.0, 3.0, 6.0, 20.0))
TAIL_COMPARED = (0.0005, 0.6)
"""An edge is worth a bet where so much of the traffic is slower: more or less tells nothing."""


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def has_margin(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch is compared with stable."""
        return np.isfinite(self.margin)

    @cached_property
    def has_limit(self) -> npt.NDArray[np.bool_]:
        """Whether a place in the batch has a limit."""
        return np.isfinite(self.limit)

    @cached_property
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
        total = (before.canary + block.canary + (before.stable + block.stable))[:, None]
        slow = before.bad_canary + block.bad_canary + (before.bad_stable + block.bad_stable)
        tail = slow / np.where(total > 0, total, 1.0)
        counts = (tail >= TAIL_COMPARED[0]) & (tail <= TAIL_COMPARED[1])
        each = counts / np.maximum(1, counts.sum(axis=1, keepdims=True)) / len(RATIOS)
        near = np.full((len(total), len(RATIOS)), 1 / len(RATIOS))
        share = np.repeat(each, len(RATIOS), axis=1)
        return {**common_weights(len(total)), SHARE: share, NEAR: near}

    def asked(self, block: Counts, before: Counts) -> Questions:
        """Return what is asked of a block, by what was counted before it."""
        edge, tail, floor, margin = self._by_stables_quantile(block, before)
        edges = np.array((edge, self._edge_not_below_limit, self._edge_near_limit))
        slow, total = above(block.bad_canary, edges), np.where(edges >= 0, block.canary, 0.0)
        ceilings = np.concatenate((floor, self._allowed))
        numbers = np.array((slow[:2].ravel(), total[:2].ravel(), np.tile(self.dispersion, 2)))
        questions = {
            Question.WHOSE: self._whose(block),
            Question.ABOVE: Rows(numbers, ceilings[:, None]),
        }
        if not self.proves:
            return questions
        compared = np.where(before.stable > 0, total[0], 0.0)
        table = (slow[0], compared, above(block.bad_stable, edge), block.stable)
        margins = widened(np.maximum(LEAST_MARGIN, margin - tail))
        below = (slow[2], total[2], self._rate_expected(before), self.dispersion)
        return questions | {
            Question.MARGIN: Rows(np.array((*table, tail, self.dispersion)), margins),
            Question.BOUND: Rows(np.array(below), self._bounds),
        }

    def log_values(self, block: Counts, _before: Counts, answers: Answers, /) -> dict[str, Nats]:
        """Return the log e-values of a block by the answers to what was asked."""
        batch, near = len(block.canary), self._edge_near_limit
        slower = answers[Question.WHOSE].reshape(batch, len(self.edges), len(RATIOS))
        floor, limit = answers[Question.ABOVE][:batch], answers[Question.ABOVE][batch:]
        values = {
            SHARE: slower.reshape(batch, -1),
            NEAR: np.where(near[:, None] >= 0, slower[np.arange(batch), near], 0.0),
            FLOOR: floor,
            LIMIT: limit,
            ALONE: np.where(block.stable[:, None] > 0, 0.0, limit),
        }
        if self.proves:
            values |= {MARGIN: answers[Question.MARGIN], BOUND: answers[Question.BOUND]}
        return values

    @cached_property
    def _allowed(self) -> Nats:
        return 1 - self.quantile

    @cached_property
    def _ratios(self) -> Nats:
        return np.broadcast_to(RATIOS, (len(self.quantile) * len(self.edges), len(RATIOS)))

    @cached_property
    def _bounds(self) -> Nats:
        return self._allowed[:, None] + widened(SLACK * self._allowed)

    @cached_property
    def _edge_not_below_limit(self) -> Edge:
        return edge_not_below(self.edges, self.limit)

    @cached_property
    def _edge_near_limit(self) -> Edge:
        """The smallest edge not below the limit; else the last, which proves all the more."""
        found = self._edge_not_below_limit
        return np.where(self.has_limit & (found < 0), len(self.edges) - 1, found)

    @cached_property
    def _added(self) -> Nats:
        """The part of the margin that makes the floor, and the margin: (2, batch)."""
        return np.array([[FLOOR_OF_MARGIN], [1.0]]) * np.where(self.has_margin, self.margin, 0.0)

    def _by_stables_quantile(self, block: Counts, before: Counts) -> tuple[Edge, Nats, Nats, Nats]:
        """Return the edge of stable's quantile and the tail there: its, the floor's, the margin's.

        A canary that takes longer by a part of the margin has the tail there that stable has so
        much below; what a margin in seconds means in requests is read off stable's histogram: of
        before, and in the first minute, for the floor alone, of the meantime.
        """
        is_known = before.stable > 0
        slow = np.where(is_known[:, None], before.bad_stable, block.bad_stable)
        total = np.where(is_known, before.stable, block.stable)
        quantile = quantile_seconds(self.edges, slow, total, self.quantile)
        edge = np.where(self.has_margin, edge_not_below(self.edges, quantile), NO_EDGE)
        tail = (above(slow, edge) + 0.5) / (total + 1)
        return edge, tail, *tail_beyond_seconds(self.edges, slow, total, self._sooner(edge))

    def _sooner(self, edge: Edge) -> Nats:
        """Where stable has the tail that a canary has at an edge if it is slower by a part."""
        at, added = self.edges[np.maximum(edge, 0)], self._added
        return np.where(self.margin_is_relative, at / (1 + added), np.maximum(0.0, at - added))

    def _whose(self, block: Counts) -> Rows:
        numbers = np.empty((6, *block.bad_canary.shape))
        numbers[0], numbers[1] = block.bad_canary, block.canary[:, None]
        numbers[2], numbers[3] = block.bad_stable, block.stable[:, None]
        numbers[4], numbers[5] = 1.0, self.dispersion[:, None]
        return Rows(numbers.reshape(6, -1), self._ratios)

    def _rate_expected(self, before: Counts) -> Nats:
        guess = EXPECTED_OF_MARGIN * self._allowed
        known = rate_before(above(before.bad_stable, self._edge_near_limit), before.stable, guess)
        return np.minimum(0.9 * self._allowed, known)
