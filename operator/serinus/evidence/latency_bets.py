"""The bets on latency: counts of requests that took longer than an edge of the histogram.

A quantile above a limit is more than a certain share above it, and a canary that is slower than
stable has more requests above every edge. A quantile itself has no variance to test by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serinus.evidence.bets import ALONE, BOUND, FLOOR, LIMIT, MARGIN, NEAR, SHARE, proofs
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
from serinus.evidence.slots import Shape, Slots, slots_of
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
    def slots(self) -> Slots:
        """Where the wealth of each bet is in a row; `share` has the alternatives of every edge."""
        above = dict.fromkeys((FLOOR, LIMIT, ALONE), Shape(1, len(ABOVE)))
        ratios, proven = len(RATIOS), proofs(len(WEIGHTS)) if self.proves else {}
        share, near = Shape(1, len(self.edges) * ratios), Shape(1, ratios)
        return slots_of({SHARE: share, NEAR: near, **above, **proven})

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

    def minute(self, before: Counts, /) -> LatencyMinute:
        """Return the bets on a minute, by what was counted before it."""
        return LatencyMinute(bets=self, before=before)

    @cached_property
    def weights(self) -> Nats:
        """How each stake is spread, over all edges evenly: (batch, alternatives)."""
        batch, ratios = len(self.quantile), len(RATIOS)
        even = {SHARE: ratios * len(self.edges), NEAR: ratios}
        spread = {name: np.full((batch, number), 1 / ratios) for name, number in even.items()}
        return self.slots.laid_out({**common_weights(batch), **spread})

    @cached_property
    def allowed(self) -> Nats:
        """The share of requests that may take longer than the limit."""
        return 1 - self.quantile

    @cached_property
    def ratios(self) -> Nats:
        """How much more of the canary's requests may be slow, by edge: (batch × edges, ratios)."""
        return np.broadcast_to(RATIOS, (len(self.quantile) * len(self.edges), len(RATIOS)))

    @cached_property
    def bounds(self) -> Nats:
        """What must be excluded of the limit: (batch, multiples)."""
        return self.allowed[:, None] + widened(SLACK * self.allowed)

    @cached_property
    def edge_not_below_limit(self) -> Edge:
        """Where the limit is judged."""
        return edge_not_below(self.edges, self.limit)

    @cached_property
    def edge_near_limit(self) -> Edge:
        """The smallest edge not below the limit; else the last, which proves all the more."""
        found = self.edge_not_below_limit
        return np.where(self.has_limit & (found < 0), len(self.edges) - 1, found)

    @cached_property
    def added(self) -> Nats:
        """The part of the margin that makes the floor, and the margin: (2, batch)."""
        return np.array([[FLOOR_OF_MARGIN], [1.0]]) * np.where(self.has_margin, self.margin, 0.0)


class Tails(NamedTuple):
    """What stable's own quantile means in requests."""

    edges: Edge
    """Of the quantile, of the limit, and near it: (3, batch)."""
    at_quantile: Nats
    """Stable's tail beyond the first of them: (batch,)."""
    ceilings: Nats
    """The tail of a canary slower by a part of the margin, and the limit's: (2 × batch, 1)."""
    margins: Nats
    """How much more of a tail each multiple of the margin makes: (batch, multiples)."""


@dataclass(frozen=True, kw_only=True)
class LatencyMinute:
    """The bets on a minute of latency, by what was counted before it."""

    bets: LatencyBets
    before: Counts

    def weights(self, block: Counts, /) -> Nats:
        """Return how a stake is spread: evenly over the edges that have a tail worth it.

        The tail is the one of both tracks together: whose it is is asked given how large it is.
        """
        before, bets = self.before, self.bets
        total = (before.canary + block.canary + (before.stable + block.stable))[:, None]
        slow = before.bad_canary + block.bad_canary + (before.bad_stable + block.bad_stable)
        tail = slow / np.where(total > 0, total, 1.0)
        counts = (tail >= TAIL_COMPARED[0]) & (tail <= TAIL_COMPARED[1])
        each = counts / np.maximum(1, counts.sum(axis=1, keepdims=True)) / len(RATIOS)
        weights = bets.weights.copy()
        weights[:, bets.slots.bets_of[SHARE]] = np.repeat(each, len(RATIOS), axis=1)
        return weights

    def asked(self, block: Counts, /) -> Questions:
        """Return what is asked of the minute so far."""
        bets, tails = self.bets, self._tails(block)
        slow = above(block.bad_canary, tails.edges)
        total = np.where(tails.edges >= 0, block.canary, 0.0)
        numbers = np.array((slow[:2].ravel(), total[:2].ravel(), np.tile(bets.dispersion, 2)))
        questions = {
            Question.WHOSE: self._whose(block),
            Question.ABOVE: Rows(numbers, tails.ceilings),
        }
        if not bets.proves:
            return questions
        compared = np.where(self.before.stable > 0, total[0], 0.0)
        table = (slow[0], compared, above(block.bad_stable, tails.edges[0]), block.stable)
        below = (slow[2], total[2], self._rate_expected, bets.dispersion)
        of_both = np.array((*table, tails.at_quantile, bets.dispersion))
        return questions | {
            Question.MARGIN: Rows(of_both, tails.margins),
            Question.BOUND: Rows(np.array(below), bets.bounds),
        }

    def log_values(self, block: Counts, answers: Answers, /) -> Nats:
        """Return the log e-value of each alternative by the answers: (batch, alternatives)."""
        bets, batch, near = self.bets, len(block.canary), self.bets.edge_near_limit
        slower = answers[Question.WHOSE].reshape(batch, len(bets.edges), len(RATIOS))
        floor, limit = answers[Question.ABOVE][:batch], answers[Question.ABOVE][batch:]
        values = {
            SHARE: slower,
            NEAR: np.where(near[:, None] >= 0, slower[np.arange(batch), near], 0.0),
            FLOOR: floor,
            LIMIT: limit,
            ALONE: np.where(block.stable[:, None] > 0, 0.0, limit),
        }
        if bets.proves:
            values |= {MARGIN: answers[Question.MARGIN], BOUND: answers[Question.BOUND]}
        return bets.slots.laid_out(values)

    def _tails(self, block: Counts) -> Tails:
        """By stable's histogram of before; in the first minute, for the floor, of the meantime."""
        if self._tails_before is not None:
            return self._tails_before
        is_known = self.before.stable > 0
        slow = np.where(is_known[:, None], self.before.bad_stable, block.bad_stable)
        return _tails_of(self.bets, slow, np.where(is_known, self.before.stable, block.stable))

    @cached_property
    def _tails_before(self) -> Tails | None:
        """The same at all looks of the minute, None where nothing is known of before."""
        if not np.all(self.before.stable > 0):
            return None
        return _tails_of(self.bets, self.before.bad_stable, self.before.stable)

    def _whose(self, block: Counts) -> Rows:
        numbers = np.empty((6, *block.bad_canary.shape))
        numbers[0], numbers[1] = block.bad_canary, block.canary[:, None]
        numbers[2], numbers[3] = block.bad_stable, block.stable[:, None]
        numbers[4], numbers[5] = 1.0, self.bets.dispersion[:, None]
        return Rows(numbers.reshape(6, -1), self.bets.ratios)

    @cached_property
    def _rate_expected(self) -> Nats:
        bets, before = self.bets, self.before
        slow = above(before.bad_stable, bets.edge_near_limit)
        known = rate_before(slow, before.stable, EXPECTED_OF_MARGIN * bets.allowed)
        return np.minimum(0.9 * bets.allowed, known)


def _tails_of(bets: LatencyBets, slow: Nats, total: Nats) -> Tails:
    """Read a margin in seconds off a histogram of stable's: (batch, edges), of (batch,) requests.

    A canary that takes longer by a part of the margin has the tail at the edge of stable's
    quantile that stable has so much below.
    """
    quantile = quantile_seconds(bets.edges, slow, total, bets.quantile)
    edge = np.where(bets.has_margin, edge_not_below(bets.edges, quantile), NO_EDGE)
    at, tail = bets.edges[np.maximum(edge, 0)], (above(slow, edge) + 0.5) / (total + 1)
    later = np.maximum(0.0, at - bets.added)
    sooner = np.where(bets.margin_is_relative, at / (1 + bets.added), later)
    floor, margin = tail_beyond_seconds(bets.edges, slow, total, sooner)
    return Tails(
        edges=np.array((edge, bets.edge_not_below_limit, bets.edge_near_limit)),
        at_quantile=tail,
        ceilings=np.concatenate((floor, bets.allowed))[:, None],
        margins=widened(np.maximum(LEAST_MARGIN, margin - tail)),
    )
