"""The time to a verdict as the operator tells it before there is one."""

from __future__ import annotations

from math import log

from benchmarks.verdicts.jobs import Row
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE
from benchmarks.verdicts.scenario import Scenario
from serinus.evidence.dispersion import UNVERIFIED_DIVISOR
from serinus.evidence.eta import Course, eta_seconds

MARGIN = 0.005


def foretold_seconds(row: Row) -> float:
    """Return what is told for a cell whose weight is held all the time."""
    cell = row.cell
    if not isinstance(cell, Scenario):
        raise TypeError(f"{row.where} has no shares")
    course = Course(
        per_second=cell.rate,
        weight=row.schedule[0],
        base=cell.base,
        excess=cell.excess,
        margin=MARGIN,
        log_threshold=log(UNVERIFIED_DIVISOR / FALSE_ROLLBACK_RATE),
    )
    told = eta_seconds(course)
    return float("inf") if told is None else told


def error(row: Row) -> float:
    """Return by which part of the median the time told was wrong."""
    return foretold_seconds(row) / row.summary.roll_back_seconds.value - 1
