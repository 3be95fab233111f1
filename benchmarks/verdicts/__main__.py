"""`python -m benchmarks.verdicts`: rules side by side on the same traffic."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.verdicts import cells
from benchmarks.verdicts.cost import measured
from benchmarks.verdicts.figures import Figure, figures, replayed_figures
from benchmarks.verdicts.jobs import run, run_all, seeded
from benchmarks.verdicts.kept import Kept
from benchmarks.verdicts.scenario import Seeds
from benchmarks.verdicts.tables import tables


def main() -> int:
    asked = _asked()
    seeds = Seeds.TUNING if asked.tuning else Seeds.REPORTED
    rows_of = Kept(asked.keep).rows if asked.keep else run
    started = time.monotonic()
    if asked.calibrated or asked.thresholds:
        jobs = cells.calibrated() if asked.calibrated else cells.thresholds()
        rows = run_all(seeded(jobs, seeds), asked.processes, rows_of)
        print(tables(rows), end="\n\n")
        _print(replayed_figures(rows))
        return 0
    of_cost = _of_cost()  # before the other processes compete for the cores
    if asked.cost:
        _print(of_cost)
        return 0
    jobs = cells.long() if asked.long else cells.short()
    rows = run_all(seeded(jobs, seeds), asked.processes, rows_of)
    print(tables(rows), end="\n\n")
    if asked.plots is not None:
        from benchmarks.verdicts.plots import draw  # noqa: PLC0415 - takes a second to import

        draw(rows, asked.plots)
    print(f"{len(rows)} cells and rules in {(time.monotonic() - started) / 60:.1f} min\n")
    _print((*figures(rows), *of_cost))
    return 0


def _of_cost() -> tuple[Figure, ...]:
    cost = measured()
    return (
        ("decide_ms_per_objective", cost.milliseconds),
        ("state_bytes_per_objective", cost.state_bytes),
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--long", action="store_true", help="every cell for every rule")
    parser.add_argument(
        "--calibrated", action="store_true", help="thresholds from replays only, in every null"
    )
    parser.add_argument(
        "--thresholds", action="store_true", help="thresholds for a known duration and for ever"
    )
    parser.add_argument("--cost", action="store_true", help="what a look costs only")
    parser.add_argument(
        "--tuning", action="store_true", help="the traffic that weights of bets were chosen by"
    )
    parser.add_argument("--plots", type=Path, help="a folder to draw plots into")
    parser.add_argument(
        "--keep", type=Path, help="a folder to keep rows in, so as to go on after an end"
    )
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


def _print(named: Iterable[Figure]) -> None:
    for name, value in named:
        print(f"figure verdicts.{name} {value:.4g}")


if __name__ == "__main__":
    sys.exit(main())
