"""The table of `serinus replay aa`: an objective a row, and a row more for each regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import floor, isfinite

from serinus.evidence.wording import points, stretch
from serinus.replay.by_objective import Alone
from serinus.replay.power import SLOWER, Found

OF_GOOD = ("objective", "rollouts", "rolled back", "by its rate alone")
OF_WORSE = ("worse by", "found", "in", "90 % in")
NOTHING = "-"


def table(alone: Sequence[Alone], regressions: Sequence[Found]) -> list[str]:
    """Return the lines, the head first; none without an objective."""
    if not alone:
        return []
    head = (*OF_GOOD, *(OF_WORSE if regressions else ()))
    rows = [head, *(row for each in alone for row in _rows(each, regressions))]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return [_line(row, widths) for row in rows]


def _rows(alone: Alone, regressions: Sequence[Found]) -> Iterator[tuple[str, ...]]:
    rolled_back = NOTHING if alone.rolled_back is None else f"{alone.rolled_back}"
    by_rate = f"{alone.uncalibrated_rolled_back}"
    of_good = (alone.objective, f"{alone.rollouts}", rolled_back, by_rate)
    mine = [each for each in regressions if each.objective.removesuffix(SLOWER) == alone.objective]
    for number, each in enumerate(mine or [None]):
        first = of_good if number == 0 else ("",) * len(OF_GOOD)
        yield (*first, *(() if each is None else _found(each)))


def _found(each: Found) -> tuple[str, ...]:
    slower = " slower" if each.objective.endswith(SLOWER) else ""
    minutes = (each.median_minutes, each.late_minutes)
    times = (stretch(60 * each) if isfinite(each) else NOTHING for each in minutes)
    return f"{points(each.excess)}{slower}", f"{floor(100 * each.found_share)} %", *times


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    first, *others = (
        cell.ljust(width) if number == 0 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=False))
    )
    return "  ".join((first, *others)).rstrip()
