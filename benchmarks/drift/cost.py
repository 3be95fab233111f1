"""What a call costs in a model server: a row of 30 features through a watched function."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from itertools import count
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
    monitor, rows = _monitor()

    def predict(row: Row) -> float:  # noqa: ARG001 - what it says does not matter
        return 0.5

    watched = monitor.watch()(predict)
    return _fastest(watched, rows) - _fastest(predict, rows)


def microseconds_by_setting() -> dict[str, float]:
    """What the same row costs in one process and among workers, with an id and without."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            **_microseconds("one process", os.environ),
            **_microseconds("several workers", {**os.environ, "PROMETHEUS_MULTIPROC_DIR": folder}),
        }


def _microseconds(setting: str, environment: Mapping[str, str]) -> dict[str, float]:
    # prometheus-client looks for the folder when it is imported: each setting is a process.
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.drift.cost"],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    plain, with_id = map(float, run.stdout.split())
    return {setting: plain, f"{setting}, with an id": with_id}


def main() -> None:
    """Print what a row costs in this process' setting, without an id and with one."""
    monitor, rows = _monitor()
    numbers = count()

    def with_id(row: Row) -> None:
        monitor.record(row, 0.5, id=f"request-{next(numbers)}")
        monitor.record_request(200, 0.01)

    def without(row: Row) -> None:
        monitor.record(row, 0.5)
        monitor.record_request(200, 0.01)

    print(_fastest(without, rows), _fastest(with_id, rows))


def _monitor() -> tuple[Monitor, list[Row]]:
    chance = Random(1)  # noqa: S311 - no secret
    rows = [_row(chance) for _ in range(ROWS)]
    known = Baseline.fit(rows, [chance.random() for _ in rows])
    return Monitor(known, version="1", registry=CollectorRegistry()), rows


def _row(chance: Random) -> Row:
    numbers = {f"number{place}": chance.gauss(0, 1) for place in range(NUMBERS)}
    return numbers | {f"category{place}": chance.choice("abcd") for place in range(CATEGORIES)}


def _fastest(function: Callable[[Row], object], rows: list[Row]) -> float:
    """Microseconds a row: every stretch at its fastest, since a busy machine leaves few alone."""
    stretches = [rows[first : first + STRETCH] for first in range(0, len(rows), STRETCH)]

    def seconds(stretch: list[Row]) -> float:
        return min(repeat(lambda: _answer(function, stretch), number=1, repeat=REPEATS))

    return sum(seconds(stretch) for stretch in stretches) / len(rows) * 1e6


def _answer(function: Callable[[Row], object], rows: list[Row]) -> None:
    for row in rows:
        function(row)


if __name__ == "__main__":
    main()
