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
from benchmarks.verdicts.jobs import run_all
from benchmarks.verdicts.tables import tables


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--long", action="store_true", help="all cells: hours, not minutes")
    parser.add_argument(
        "--calibrated", action="store_true", help="thresholds from replays only, in every null"
    )
    parser.add_argument("--plots", type=Path, help="a folder to draw plots into")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    started = time.monotonic()
    if asked.calibrated:
        rows = run_all(cells.calibrated(), asked.processes)
        print(tables(rows), end="\n\n")
        _print(replayed_figures(rows))
        return 0
    cost = measured()  # before the other processes compete for the cores
    rows = run_all(cells.long() if asked.long else cells.short(), asked.processes)
    print(tables(rows), end="\n\n")
    if asked.plots is not None:
        from benchmarks.verdicts.plots import draw  # noqa: PLC0415 - takes a second to import

        draw(rows, asked.plots)
    print(f"{len(rows)} cells and rules in {(time.monotonic() - started) / 60:.1f} min\n")
    of_cost = (
        ("decide_ms_per_objective", cost.milliseconds),
        ("state_bytes_per_objective", cost.state_bytes),
    )
    _print((*figures(rows), *of_cost))
    return 0


def _print(named: Iterable[Figure]) -> None:
    for name, value in named:
        print(f"figure verdicts.{name} {value:.4g}")


if __name__ == "__main__":
    sys.exit(main())
