"""Terms: an objective's numbers as the bets on it need them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from serinus.evidence.bets import Bets
from serinus.evidence.dispersion import UNVERIFIED_DISPERSION
from serinus.evidence.drift_bets import DriftBets
from serinus.evidence.drift_shares import share_within
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.margins import LEAST_MARGIN, SLACK, TOLERANCE
from serinus.evidence.share_bets import ShareBets
from serinus.evidence.wealth import Nats
from serinus.resource.objective import Kind, Objective


def is_bet_on(objective: Objective) -> bool:
    """Return whether an objective is bet on: a gauge has no counts, and most drift no blame.

    Predictions that differ from stable's at the same time are the model's own doing.
    """
    kind = objective.kind
    if kind is Kind.DRIFT:
        return objective.is_of_predictions and objective.is_against_stable
    return kind is not Kind.GAUGE


def bets_on(
    objective: Objective,
    edges: Sequence[float],
    dispersion: float = UNVERIFIED_DISPERSION,
    bins: Sequence[str] = (),
) -> Bets:
    """Return the bets on one objective: a batch of one.

    Args:
        objective: one that is bet on.
        edges: of a latency histogram, those that are counted; none of a share.
        dispersion: squared coefficient of variation of a minute's own effect.
        bins: of a distribution, those that are counted.
    """
    if objective.kind is Kind.DRIFT:
        return DriftBets(
            events=len(bins),
            tolerated=_numbers([_tolerated(objective)]),
            dispersion=np.array([dispersion]),
        )
    if objective.kind is Kind.LATENCY:
        return LatencyBets(
            edges=np.array(edges, dtype=float),
            quantile=np.array([objective.quantile_share]),
            margin=_numbers([objective.tested_margin_number]),
            margin_is_relative=np.array([objective.tested_margin_is_relative]),
            limit=_numbers([objective.limit_number]),
            dispersion=np.array([dispersion]),
        )
    return bets_on_shares([objective], [dispersion])


def _tolerated(objective: Objective) -> float:
    """The limit on drift, as one on every share."""
    return share_within(objective.statistic_used, objective.limit_number or 0.0)


def bets_on_shares(objectives: Sequence[Objective], dispersions: Sequence[float]) -> ShareBets:
    """Return the bets on objectives that are shares, all of them at once."""
    margins = [_least(each.tested_margin_number) for each in objectives]
    tolerances = [
        each.tolerance_number if each.tolerance_number is not None else TOLERANCE * (margin or 0.0)
        for each, margin in zip(objectives, margins, strict=True)
    ]
    slacks = [
        _least(
            SLACK * (each.limit_number or 0.0) if each.slack_number is None else each.slack_number
        )
        for each in objectives
    ]
    return ShareBets(
        margin=_numbers(margins),
        tolerance=_numbers(tolerances),
        limit=_numbers([each.limit_number for each in objectives]),
        dispersion=_numbers(dispersions),
        slack=_numbers(slacks),
    )


def _least(margin: float | None) -> float | None:
    return None if margin is None else max(LEAST_MARGIN, margin)


def _numbers(numbers: Sequence[float | None]) -> Nats:
    return np.array([np.nan if number is None else number for number in numbers], dtype=float)
