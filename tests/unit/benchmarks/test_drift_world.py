"""The benchmark's world of drift: a day without it is silent, a shift is told after it began."""

import numpy as np

from benchmarks.drift.tables import Table
from benchmarks.drift.world import World

CHANCE = np.random.default_rng(1)
TABLE = Table(
    name="made up",
    columns={
        "size": CHANCE.normal(10, 2, 300).tolist(),
        "colour": CHANCE.choice(["red", "green"], 300).tolist(),
    },
)


def test_a_day_is_silent_and_a_shift_is_told_after_it_began() -> None:
    chance = np.random.default_rng(2)
    world = World.of(TABLE, chance)
    assert world.numeric == ["size"]
    assert world.alarm_minute(chance, 1.0) is None
    told = world.alarm_minute(chance, 1.0, world.shifted("size"), from_minute=60)
    assert told is not None
    assert told > 60
