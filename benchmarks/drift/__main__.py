"""Run the benchmark of drift: `make bench-drift`, some minutes."""

from __future__ import annotations

import argparse
from statistics import median

import numpy as np

from benchmarks.drift.cost import microseconds_by_setting, microseconds_per_call
from benchmarks.drift.tables import tables
from benchmarks.drift.world import World

SHIFT_AT_MINUTE = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=20, help="without drift, for each table")
    parser.add_argument("--shifts", type=int, default=4, help="of a feature, for each table")
    parser.add_argument("--per-second", type=float, default=1.0, help="rows")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    microseconds = microseconds_per_call()
    alarms, days, delays, missed = 0, 0, [], 0
    print(f"{'table':15} {'rows':>6} {'features':>8} {'false alarms':>13} {'delays, hours':>14}")
    for number, table in enumerate(tables()):
        chance = np.random.default_rng([asked.seed, number])
        false, told, silent = _measured(World.of(table, chance), chance, asked)
        alarms, days, missed = alarms + false, days + asked.days, missed + silent
        delays += told
        shown = " ".join(f"{each:.1f}" for each in sorted(told)) or "-"
        known = f"{len(table.rows):6} {len(table.columns):8}"
        print(f"{table.name:15} {known} {false:6} of {asked.days:3} {shown:>14}", flush=True)
    print(f"shifts that were never told: {missed} of {missed + len(delays)}")
    for setting, cost in microseconds_by_setting().items():
        print(f"a row of 30 features through the SDK, {setting}: {cost:.1f} microseconds")
    print(f"figure drift.false_alarms_per_day_percent {100 * alarms / days:.3f}")
    print(f"figure drift.delay_median_hours {median([*delays, *[24.0] * missed]):.3f}")
    print(f"figure drift.sdk_us_per_call {microseconds:.3f}")


def _measured(
    world: World, chance: np.random.Generator, asked: argparse.Namespace
) -> tuple[int, list[float], int]:
    """False alarms, hours until a shift of one deviation was told, and how many never were."""
    alarms = [world.alarm_minute(chance, asked.per_second) for _ in range(asked.days)]
    false = sum(each is not None for each in alarms)
    features = chance.choice(world.numeric, min(asked.shifts, len(world.numeric)), replace=False)
    found = [
        world.alarm_minute(chance, asked.per_second, world.shifted(str(each)), SHIFT_AT_MINUTE)
        for each in features
    ]
    told = [(minute - SHIFT_AT_MINUTE) / 60 for minute in found if minute is not None]
    return false, told, found.count(None)


if __name__ == "__main__":
    main()
