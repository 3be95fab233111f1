"""A day and a night in which the metrics say nothing that is true: nothing is decided on it.

The canary answers a fifth of its requests with an error all the while, or none at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf, nan

import pytest

from serinus.signals.series import Series
from tests.fakes.models import ERRING, GOOD, Behaviour
from tests.fakes.world import FakeWorld, serving, spec_of

LOOKS_IN_A_DAY = 144
SECONDS_BETWEEN = 600
ROLLOUT = {"interval": "600s", "maxDuration": "24h", "onInconclusive": "hold"}

Samples = tuple[tuple[float, float], ...]


def with_nothing_but_nan(samples: Samples) -> Samples:
    return tuple((at, nan) for at, _ in samples)


def with_infinity(samples: Samples) -> Samples:
    return tuple((at, inf) for at, _ in samples)


def never_growing(samples: Samples) -> Samples:
    return tuple((at, 0.0) for at, _ in samples)


def frozen_in_the_past(samples: Samples) -> Samples:
    return samples[:1]


@dataclass
class LyingWorld(FakeWorld):
    """A world whose Prometheus makes something else of each series."""

    lie: Callable[[Samples], Samples] = tuple

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        told = await super().raw(selector, window_seconds, at)
        return tuple(
            Series(labels=each.labels, samples=self.lie(tuple(each.samples)))
            for each in told
            if each.labels["__name__"] != "up" or self.lie is frozen_in_the_past
        )


def lying(world: FakeWorld, lie: Callable[[Samples], Samples]) -> LyingWorld:
    return LyingWorld(**vars(world), lie=lie)


async def a_day(world: FakeWorld) -> None:
    """A look every ten minutes, on the last minute's scrapes."""
    await world.run(60)
    for _ in range(LOOKS_IN_A_DAY):
        world.cluster.seconds += SECONDS_BETWEEN
        for before in range(60, -1, -5):
            world.prometheus.serve_one_second(world.now().timestamp() - before)
        for samples in world.prometheus.stored.values():
            del samples[:-100]
        await world.look()


def undecided(world: FakeWorld) -> bool:
    ends = {"RolledBack", "PromotionDecided", "ObjectiveFailed", "Promoted"}
    return not ends & set(world.reasons) and world.status["weight"] == 10


@pytest.mark.parametrize("canary", [ERRING, GOOD], ids=["bad", "good"])
@pytest.mark.parametrize(
    "lie", [with_nothing_but_nan, with_infinity, never_growing, frozen_in_the_past]
)
async def test_a_lying_prometheus_promotes_nothing_and_rolls_nothing_back(
    lie: Callable[[Samples], Samples], canary: Behaviour
) -> None:
    world = lying(await serving(spec_of(rollout=ROLLOUT)), lie)
    world.deploy("2", canary)
    await a_day(world)
    assert undecided(world), world.status["message"]


@pytest.mark.parametrize("canary", [ERRING, GOOD], ids=["bad", "good"])
@pytest.mark.parametrize("outage", ["down", "no scrapes", "no traffic"])
async def test_silence_promotes_nothing_and_rolls_nothing_back(
    outage: str, canary: Behaviour
) -> None:
    world = await serving(spec_of(rollout=ROLLOUT))
    world.prometheus.is_up = outage != "down"
    world.prometheus.scrapes = outage != "no scrapes"
    world.prometheus.rate_per_second *= outage != "no traffic"
    world.deploy("2", canary)
    await a_day(world)
    assert undecided(world), world.status["message"]
