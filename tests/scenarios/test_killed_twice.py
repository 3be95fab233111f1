"""Two deaths around a terminal decision, at every pair of writes: it is finished, not retaken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import deepcopy
from itertools import product
from typing import Any

import pytest

from tests.fakes.models import CRASHING, GOOD, NULLS
from tests.fakes.mortal import Death, MortalWorld
from tests.fakes.world import serving

FIRST, SECOND = range(7), range(2)
"""Writes of a life before its end, from the second before the decision on."""
ENOUGH_SECONDS = 40


async def a_bad_version() -> MortalWorld:
    """Its evidence fails, and can't be had again once it has."""
    world = MortalWorld.of(await serving(v2=NULLS))
    world.deploy("2")
    world.on_decision = evidence_is_lost
    return world


async def a_version_that_crashes_for_a_while() -> MortalWorld:
    world = MortalWorld.of(await serving())
    world.deploy("2")
    await run_until(world, lambda: world.status["weight"] == 10)
    world.cluster.behaviours["2"] = CRASHING
    world.on_decision = it_recovers
    return world


async def a_good_version() -> MortalWorld:
    """It is promoted, and turns bad in that very moment; what was decided is decided."""
    world = MortalWorld.of(await serving())
    world.deploy("2")
    world.on_decision = evidence_is_lost
    return world


async def a_change_of_mind() -> MortalWorld:
    world = MortalWorld.of(await serving())
    world.deploy("2")
    await run_until(world, lambda: world.status["weight"] == 10)
    world.deploy("1")
    return world


async def a_third_version() -> MortalWorld:
    world = MortalWorld.of(await serving())
    world.deploy("2")
    await run_until(world, lambda: world.status["weight"] == 10)
    world.deploy("3", CRASHING)
    return world


def evidence_is_lost(world: MortalWorld) -> None:
    world.prometheus.is_up = False
    world.cluster.objects.pop(("ConfigMap", "fraud-evidence"), None)


def it_recovers(world: MortalWorld) -> None:
    world.cluster.behaviours["2"] = GOOD


async def just_before_it_is_decided(world: MortalWorld) -> MortalWorld:
    for _ in range(240):
        probe = deepcopy(world)
        await probe.second()
        if probe.decided or "Superseded" in probe.reasons:
            return world
        world = probe
    raise AssertionError(f"nothing was decided: {world.status}")


async def run_until(world: MortalWorld, is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        await world.second()
    raise AssertionError(f"never so: {world.status}")


def ending(world: MortalWorld) -> dict[str, Any]:
    status = world.status
    fates = [(each["version"], each["fate"], each["reason"]) for each in status["history"]]
    return {
        "fates": fates,
        "stable": status["stable"]["version"],
        "split": world.cluster.weights(),
        "objects": sorted(key for key in world.cluster.objects if key[0] != "ConfigMap"),
    }


STORIES = (
    a_bad_version,
    a_version_that_crashes_for_a_while,
    a_good_version,
    a_change_of_mind,
    a_third_version,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_it_ends_as_it_would_have(story: Callable[[], Awaitable[MortalWorld]]) -> None:
    prepared = await just_before_it_is_decided(await story())
    undisturbed = deepcopy(prepared)
    await undisturbed.run(ENOUGH_SECONDS)
    assert len(undisturbed.status["history"]) >= 2
    assert not undisturbed.status.get("rollout")
    for deaths in product(FIRST, (False, True), SECOND, (False, True)):
        world = deepcopy(prepared)
        world.deaths = [Death(deaths[0], deaths[1]), Death(deaths[2], deaths[3])]
        await world.run(ENOUGH_SECONDS)
        assert ending(world) == ending(undisturbed), deaths
        assert all(len(times) == 1 for times in world.decided.values()), (deaths, world.decided)
        # Pods that die while nobody is there take the requests that were theirs along.
        assert world.prometheus.unserved == 0 or story is a_version_that_crashes_for_a_while
