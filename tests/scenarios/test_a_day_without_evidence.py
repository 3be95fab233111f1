"""A day and a night in which the metrics say nothing that is true: nothing is decided on it.

The canary answers a fifth of its requests with an error all the while, or none at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import inf, nan
from random import Random

import pytest

from serinus.errors import OutsideUnavailable
from serinus.signals.series import Series
from tests.fakes.models import ERRING, GOOD, Behaviour
from tests.fakes.world import FakeWorld, serving, spec_of

LOOKS_IN_A_DAY = 144
SECONDS_BETWEEN = 600
ROLLOUT = {"interval": "600s", "maxDuration": "24h", "onInconclusive": "hold"}

Samples = tuple[tuple[float, float], ...]
Told = tuple[Series, ...]
Lie = Callable[[Told], Told]


def of_each(change: Callable[[Samples], Samples], *, of_up: bool = False) -> Lie:
    """The same lie on the samples of each series; without its `up`, counters must do."""

    def lie(told: Told) -> Told:
        return tuple(
            Series(labels=each.labels, samples=change(tuple(each.samples)))
            for each in told
            if of_up or each.labels["__name__"] != "up"
        )

    return lie


def number_of(at: float) -> int:
    """Which scrape it was."""
    return int(at) // 5


def reset_by_each_scrape(samples: Samples) -> Samples:
    """What was counted since the scrape before, here more and there less."""
    grown = ((at, value - before) for (_, before), (at, value) in pairwise(samples))
    return tuple((at, value * (0.5 + number_of(at) % 2)) for at, value in grown)


def by_two_processes_in_turn(samples: Samples) -> Samples:
    """Whichever takes the connection answers with its own counters, as unlike dice."""
    return tuple(
        (at, value * (0.4 if Random(number_of(at)).random() < 0.5 else 0.6))
        for at, value in samples
    )


def as_of_jobs(told: Told, *jobs: str) -> Told:
    """The same pods, scraped a second later by each of some jobs."""
    return tuple(
        Series(
            labels={**each.labels, "job": job, "instance": each.labels["pod"]},
            samples=tuple((at + number, value) for at, value in each.samples),
        )
        for number, job in enumerate(jobs)
        for each in told
    )


def scraped_by_two_jobs(told: Told) -> Told:
    return as_of_jobs(told, "pods", "models")


def canary_scraped_by_two_jobs(told: Told) -> Told:
    canary = tuple(each for each in told if each.labels["pod"].endswith("-00005"))
    return as_of_jobs(told, "pods") + as_of_jobs(canary, "models")


def by_two_replicas_of_prometheus(told: Told) -> Told:
    return tuple(
        Series(
            labels={**each.labels, "prometheus_replica": str(number)},
            samples=tuple((at + 2 * number, value) for at, value in each.samples),
        )
        for number in range(2)
        for each in told
    )


def with_each_series_twice(told: Told) -> Told:
    return told + told


LIES = {
    "nothing but NaN": of_each(lambda samples: tuple((at, nan) for at, _ in samples)),
    "infinity": of_each(lambda samples: tuple((at, inf) for at, _ in samples)),
    "never growing": of_each(lambda samples: tuple((at, 0.0) for at, _ in samples)),
    "frozen in the past": of_each(lambda samples: samples[:1], of_up=True),
}
TELLING_LIES: dict[str, tuple[Lie, str]] = {
    "reset by each scrape": (of_each(reset_by_each_scrape), "began anew"),
    "two processes in turn": (of_each(by_two_processes_in_turn), "began anew"),
    "two jobs": (scraped_by_two_jobs, "job=pods and as job=models"),
    "two jobs for the canary": (canary_scraped_by_two_jobs, "job=pods and as job=models"),
    "two replicas": (by_two_replicas_of_prometheus, "as prometheus_replica=1"),
    "each series twice": (with_each_series_twice, "twice in one answer"),
}


@dataclass
class LyingWorld(FakeWorld):
    """A world whose Prometheus makes something else of what it knows."""

    lie: Lie = tuple

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> Told:
        return self.lie(await super().raw(selector, window_seconds, at))


@dataclass
class WaitingWorld(FakeWorld):
    """A world whose Prometheus takes longer than anybody waits for it."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> Told:
        self.cluster.seconds += 30
        raise OutsideUnavailable("Prometheus did not answer within 30 s")


async def a_day_of(lie: Lie, canary: Behaviour) -> LyingWorld:
    world = LyingWorld(**vars(await serving(spec_of(rollout=ROLLOUT))), lie=lie)
    world.deploy("2", canary)
    await a_day(world)
    return world


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


@pytest.mark.parametrize(("canary", "fate"), [(ERRING, "RolledBack"), (GOOD, "Promoted")])
async def test_the_same_day_told_truly_ends_the_rollout(canary: Behaviour, fate: str) -> None:
    """Else a day that ends undecided would say nothing."""
    world = await a_day_of(tuple, canary)
    assert not undecided(world)
    assert world.status["history"][0]["fate"] == fate


@pytest.mark.parametrize("canary", [ERRING, GOOD], ids=["bad", "good"])
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_lying_prometheus_promotes_nothing_and_rolls_nothing_back(
    lie: Lie, canary: Behaviour
) -> None:
    world = await a_day_of(lie, canary)
    assert undecided(world), world.status["message"]


@pytest.mark.parametrize("canary", [ERRING, GOOD], ids=["bad", "good"])
@pytest.mark.parametrize(("lie", "said"), TELLING_LIES.values(), ids=TELLING_LIES)
async def test_who_is_lied_to_about_counters_decides_nothing_and_says_what_is_wrong(
    lie: Lie, said: str, canary: Behaviour
) -> None:
    world = await a_day_of(lie, canary)
    assert undecided(world), world.status["message"]
    verdicts = {each["objective"]: each for each in world.status["verdicts"]}
    assert verdicts["error-rate"]["verdict"] == "undecided"
    assert said in verdicts["error-rate"]["message"]


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


@pytest.mark.parametrize("canary", [ERRING, GOOD], ids=["bad", "good"])
async def test_who_is_kept_waiting_promotes_nothing_and_rolls_nothing_back(
    canary: Behaviour,
) -> None:
    """Each look ends half a minute later, or more, than it began."""
    world = WaitingWorld(**vars(await serving(spec_of(rollout=ROLLOUT))))
    world.deploy("2", canary)
    await a_day(world)
    assert undecided(world), world.status["message"]
    assert "did not answer within 30 s" in world.status["message"]
