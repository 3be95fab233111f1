"""What a call costs in a model server: a row of 30 features through a watched function."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from timeit import repeat
from typing import Any

from prometheus_client import CollectorRegistry

from serinus_sdk import Baseline, Monitor

NUMBERS, CATEGORIES = 24, 6
ROWS, REPEATS = 1000, 100
STRETCH = 50
"""Rows that take less than a slice of the processor's time."""

Row = dict[str, Any]


def microseconds_per_call() -> float:
    """The fastest of many rounds, less the call itself: whatever else runs only adds to it."""
    chance = Random(1)  # noqa: S311 - no secret
    rows = [_row(chance) for _ in range(ROWS)]
    known = Baseline.fit(rows, [chance.random() for _ in rows])
    monitor = Monitor(known, version="1", registry=CollectorRegistry())

    def predict(row: Row) -> float:  # noqa: ARG001 - what it says does not matter
        return 0.5

    watched = monitor.watch()(predict)
    return _fastest(watched, rows) - _fastest(predict, rows)


def _row(chance: Random) -> Row:
    numbers = {f"number{place}": chance.gauss(0, 1) for place in range(NUMBERS)}
    return numbers | {f"category{place}": chance.choice("abcd") for place in range(CATEGORIES)}


def _fastest(function: Callable[[Row], float], rows: list[Row]) -> float:
    """Microseconds a row: every stretch at its fastest, since a busy machine leaves few alone."""
    stretches = [rows[first : first + STRETCH] for first in range(0, len(rows), STRETCH)]

    def seconds(stretch: list[Row]) -> float:
        return min(repeat(lambda: _answer(function, stretch), number=1, repeat=REPEATS))

    return sum(seconds(stretch) for stretch in stretches) / len(rows) * 1e6


def _answer(function: Callable[[Row], float], rows: list[Row]) -> None:
    for row in rows:
        function(row)
