"""No data and no Prometheus: stories of what is done when people say what is to be done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.models import GOOD
from tests.fakes.world import FakeWorld, serving, spec_of

TEN_MINUTES = 600


async def rolling(**fields: Any) -> FakeWorld:
    """Version 2 has just got its first traffic, and errors are all that is judged."""
    objective = {"preset": "error-rate", "limit": "5%", "patience": "2m"} | fields
    spec = spec_of()
    spec["objectives"] = [objective]
    world = await serving(spec)
    world.deploy("2", GOOD)
    await world.run(10)
    assert world.status["weight"] == 10
    return world


@pytest.mark.parametrize(
    ("policy", "phase", "version"),
    [("hold", "Progressing", "1"), ("pass", "Healthy", "2"), ("fail", "RolledBack", "1")],
)
async def test_a_canary_nobody_calls_ends_as_on_no_data_says(
    policy: str, phase: str, version: str
) -> None:
    world = await rolling(onNoData=policy, onError="fail" if policy == "pass" else "pass")
    world.prometheus.rate_per_second = 0
    await world.run(TEN_MINUTES)
    assert (world.status["phase"], world.status["stable"]["version"]) == (phase, version)


@pytest.mark.parametrize(
    ("policy", "phase", "version"),
    [("hold", "Progressing", "1"), ("pass", "Healthy", "2"), ("fail", "RolledBack", "1")],
)
async def test_a_prometheus_that_is_away_ends_as_on_error_says(
    policy: str, phase: str, version: str
) -> None:
    world = await rolling(onError=policy, onNoData="fail" if policy == "pass" else "pass")
    world.prometheus.is_up = False
    await world.run(TEN_MINUTES)
    assert (world.status["phase"], world.status["stable"]["version"]) == (phase, version)


async def test_an_outage_shorter_than_the_patience_changes_nothing() -> None:
    world = await rolling(onError="fail", onNoData="fail")
    world.prometheus.is_up = False
    await world.run(90)
    assert (world.status["phase"], world.status["weight"]) == ("Progressing", 10)
    world.prometheus.is_up = True
    await world.run(240)
    assert world.status["stable"]["version"] == "2"


async def test_an_operator_that_was_away_takes_no_single_failure_for_an_outage() -> None:
    """The ledger stood still meanwhile, and says nothing about Prometheus."""
    world = await rolling(onError="fail")
    world.cluster.seconds += 900
    world.prometheus.is_up = False
    await world.run(60)
    assert world.status["phase"] == "Progressing"
    world.prometheus.is_up = True
    await world.run(300)
    assert world.status["stable"]["version"] == "2"


async def test_an_advisory_objective_is_shown_and_decides_nothing_whatever_it_says_to_a_gap() -> (
    None
):
    spec = spec_of(rollout={"minTime": "90s"})
    unseen = {"name": "unseen", "value": "nothing", "limit": "1", "advisory": True}
    said = {"patience": "1m", "onNoData": "fail"}
    spec["objectives"] = [{"preset": "error-rate", "limit": "5%"}, unseen | said]
    world = await serving(spec)
    world.deploy("2", GOOD)
    await world.run(300)

    assert world.status["stable"]["version"] == "2"
    shown = {each["objective"]: each for each in world.status["verdicts"]}["unseen"]
    assert (shown["verdict"], shown["advisory"]) == ("fail", True)
    assert world.status["verdict"] == "pass"
    assert [each["advisory"] for each in world.status["objectives"]] == [False, True]
