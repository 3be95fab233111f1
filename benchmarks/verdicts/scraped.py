"""Whole cells as the operator counts them: played through counters of pods, scraped, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.verdicts.counters import Trouble, trace_of
from benchmarks.verdicts.counting import counted
from benchmarks.verdicts.counts import Counts
from benchmarks.verdicts.run import Recorded

START = 1_900_000_000.0
HARSH = Trouble(
    replaced_every_seconds=300,
    restarted_every_seconds=225,
    missed_share=0.2,
    late_share=0.2,
    may_miss_ends=True,
)
"""A pod of each track is replaced every five minutes, another one restarts in between."""


def scraped(recorded: Recorded, trouble: Trouble) -> Recorded:
    """Return the same traffic as what is counted of it, each run with troubles of its own."""
    world = recorded.world
    looks = [recorded.look(number).counts for number in range(world.looks)]
    runs = (
        counted(
            trace_of(looks, run, world.look_seconds, trouble, START),
            START,
            world.looks,
            world.look_seconds,
        )
        for run in range(world.runs)
    )
    return replace(
        recorded, looks=[_together(each) for each in zip(*runs, strict=True)], shared={}
    )


def _together(runs: Sequence[Counts]) -> Counts:
    return Counts(
        canary=np.concatenate([each.canary for each in runs]),
        canary_bad=np.concatenate([each.canary_bad for each in runs]),
        stable=np.concatenate([each.stable for each in runs]),
        stable_bad=np.concatenate([each.stable_bad for each in runs]),
    )
