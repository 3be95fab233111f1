"""Questions: what bets ask of their blocks, answered in one go for all bets of a look.

A look has few numbers, and what it costs is mostly the number of calls on arrays. So each bet puts
its numbers into rows, and rows of different objectives are worked out together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

import numpy as np

from serinus.evidence.ceiling import log_ceiling_values
from serinus.evidence.noninferiority import log_values_below_bound, log_values_below_margin
from serinus.evidence.share import log_share_values
from serinus.evidence.wealth import Nats


class Question(StrEnum):
    """What can be asked; each has a number of alternatives of its own."""

    WHOSE = auto()
    """`log_share_values`: bad, all of both tracks, what is tolerated, dispersion; ratios."""
    ABOVE = auto()
    """`log_ceiling_values`: bad, all of the canary, dispersion; the ceiling."""
    MARGIN = auto()
    """`log_values_below_margin`: bad, all of both tracks, stable's rate, dispersion; margins."""
    BOUND = auto()
    """`log_values_below_bound`: bad, all of the canary, rate expected, dispersion; bounds."""


class Rows(NamedTuple):
    """One question, asked several times."""

    numbers: Nats
    """As they are listed with the question: (numbers, rows)."""
    levels: Nats
    """What is listed last: (rows, levels)."""


Questions = Mapping[Question, Rows]
Answers = Mapping[Question, Nats]
"""Log e-values: (rows, alternatives) or (rows, levels, alternatives)."""


def answered(asked: Sequence[Questions]) -> list[Answers]:
    """Return the answers to what each of several bets asked."""
    answers: list[dict[Question, Nats]] = [{} for _ in asked]
    for question, log_values in _LOG_VALUES.items():
        places = [place for place, those in enumerate(asked) if question in those]
        if not places:
            continue
        rows = [asked[place][question] for place in places]
        values, first = log_values(_together(rows)), 0
        for place, each in zip(places, rows, strict=True):
            last = first + len(each.levels)
            answers[place][question] = values[first:last]
            first = last
    return list(answers)


def _together(rows: Sequence[Rows]) -> Rows:
    if len(rows) == 1:
        return rows[0]
    numbers = np.concatenate([each.numbers for each in rows], axis=1)
    return Rows(numbers, np.concatenate([each.levels for each in rows]))


def _whose(rows: Rows) -> Nats:
    bad_canary, canary, bad_stable, stable, tolerated, dispersion = rows.numbers
    return log_share_values(
        bad_canary,
        canary,
        bad_stable,
        stable,
        rows.levels,
        tolerated_ratio=tolerated,
        dispersion=dispersion,
    )


def _above(rows: Rows) -> Nats:
    bad, total, dispersion = rows.numbers
    return log_ceiling_values(bad, total, rows.levels[:, 0], dispersion=dispersion)


def _margin(rows: Rows) -> Nats:
    bad_canary, canary, bad_stable, stable, rate, dispersion = rows.numbers[..., None]
    return log_values_below_margin(
        bad_canary,
        canary,
        bad_stable,
        stable,
        stable_rate=rate,
        margin=rows.levels,
        dispersion=dispersion,
    )


def _bound(rows: Rows) -> Nats:
    bad, total, rate, dispersion = rows.numbers[..., None]
    return log_values_below_bound(
        bad, total, expected_rate=rate, bound=rows.levels, dispersion=dispersion
    )


_LOG_VALUES: Mapping[Question, Callable[[Rows], Nats]] = {
    Question.WHOSE: _whose,
    Question.ABOVE: _above,
    Question.MARGIN: _margin,
    Question.BOUND: _bound,
}
