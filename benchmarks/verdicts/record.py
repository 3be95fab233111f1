"""`python -m benchmarks.verdicts.record FILE`: one run of a scenario as a trace for the stub."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.stub.trace import write_trace
from benchmarks.verdicts.counters import Trouble, trace_of
from benchmarks.verdicts.run import Recorded
from benchmarks.verdicts.scenario import Disturbance, Scenario
from benchmarks.verdicts.world import world_of

USUAL_TROUBLE = Trouble(
    replaced_every_seconds=900,
    restarted_every_seconds=600,
    missed_share=0.02,
    late_share=0.1,
    may_miss_ends=True,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.verdicts.record", description=__doc__
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--base", type=float, default=0.005, help="bad share of stable")
    parser.add_argument("--excess", type=float, default=0.0, help="what the canary adds to it")
    parser.add_argument("--disturbance", type=Disturbance, default=Disturbance.IID)
    parser.add_argument("--weight", type=float, default=0.1, help="the canary's, all the time")
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    scenario = Scenario(
        rate=asked.rate,
        base=asked.base,
        excess=asked.excess,
        disturbance=asked.disturbance,
        seconds=asked.seconds,
    )
    recorded = Recorded(world_of(scenario, runs=1), asked.seed, schedule=(asked.weight,))
    looks = [recorded.look(number).counts for number in range(scenario.looks)]
    trace = trace_of(looks, 0, scenario.look_seconds, USUAL_TROUBLE, start=0.0)
    write_trace(asked.file, trace.series)


if __name__ == "__main__":
    main()
