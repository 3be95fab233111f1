"""A canary whose part of the requests is not what its weight says: each verdict tells it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.fakes.cluster import Pod
from tests.fakes.models import GOOD
from tests.fakes.prometheus import FakePrometheus
from tests.fakes.world import FakeWorld, serving, spec_of


@dataclass
class CountingLess(FakePrometheus):
    """Of version 2's requests only a part is counted: the others are lost, or go elsewhere."""

    part: float = 1.0

    def _count(self, pod: Pod, requests: float) -> None:
        super()._count(pod, requests * (self.part if pod.version == "2" else 1.0))


async def standing(part: float) -> FakeWorld:
    """Version 2 stands on a step for three minutes, and so much of what it gets is counted."""
    rollout = {"steps": [{"weight": 10, "minTime": "10m"}, {"weight": 50}]}
    world = await serving(spec_of(rollout=rollout))
    world.prometheus = CountingLess(**vars(world.prometheus), part=part)
    world.deploy("2", GOOD)
    await world.run(180)
    assert world.status["weight"] == 10
    return world


def told(world: FakeWorld) -> list[str]:
    return [verdict["message"] for verdict in world.status["verdicts"]]


LOST = "the canary gets 1.08 % of the requests, by its weight 10 %"
STICKING = "by its weight 10 %, which is no chance: some callers come by no route, or stick to a"


@pytest.mark.parametrize(("part", "words"), [(0.1, LOST), (0.5, STICKING)], ids=["tenth", "half"])
async def test_every_verdict_tells_it_and_no_rollout_ends_by_it(part: float, words: str) -> None:
    world = await standing(part)
    assert len(told(world)) == 2
    assert all(words in message for message in told(world))
    assert world.status["phase"] == "Progressing"


async def test_a_canary_that_gets_what_its_weight_says_is_told_nothing() -> None:
    assert not any("by its weight" in message for message in told(await standing(1.0)))
