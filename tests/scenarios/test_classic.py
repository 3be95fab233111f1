"""Classic limits: stories that people who come from Flagger or Argo Rollouts will recognise."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.fakes.models import ERRING, GOOD, Behaviour
from tests.fakes.world import FakeWorld, serving, spec_of

DOUBTFUL = Behaviour(error_share=0.03)
"""Better than a failure at 5 %, worse than a pass at 1 %."""
BAND: dict[str, Any] = {"limit": "5%", "passLimit": "1%", "inconclusiveLimit": 3}


async def classic(rollout: dict[str, Any] | None = None, **fields: Any) -> FakeWorld:
    """Version 1 serves, and an error rate decides about the next one."""
    spec = spec_of(rollout={"advance": "time"} | (rollout or {}))
    spec["objectives"] = [{"preset": "error-rate", "limit": "5%"} | fields]
    return await serving(spec)


async def test_doubtful_evidence_waits_for_a_person_and_not_for_the_clock() -> None:
    world = await classic({"maxDuration": "3m", "onInconclusive": "promote"}, **BAND)
    world.deploy("2", DOUBTFUL)
    await world.run(1200)

    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)
    ready, *_ = world.status["conditions"]
    assert (ready["status"], ready["reason"]) == ("False", "InconclusiveAnalysis")
    assert "approve, promote or abort" in world.status["message"]
    assert world.reasons.count("InconclusiveAnalysis") == 1


async def test_an_approval_lets_doubtful_evidence_go_on_for_one_step() -> None:
    world = await classic(**BAND)
    world.deploy("2", DOUBTFUL)
    await world.run(180)
    revision = world.status["rollout"]["revision"]

    world.annotate("approve", f"{revision}/0")
    await world.run(180)
    assert (world.status["phase"], world.status["weight"]) == ("Paused", 50)
    assert world.reasons.count("Approved") == 1

    world.annotate("approve", f"{revision}/1")
    await world.run(120)
    assert world.status["stable"]["version"] == "2"


async def test_an_approved_step_that_turns_bad_is_rolled_back() -> None:
    world = await classic(**BAND)
    world.deploy("2", DOUBTFUL)
    await world.run(180)
    world.annotate("approve", world.status["rollout"]["revision"])
    world.cluster.behaviours["2"] = ERRING
    await world.run(120)
    assert world.status["phase"] == "RolledBack"
    assert world.status["history"][0]["reason"] == "ObjectiveFailed"


async def test_doubtful_evidence_can_be_aborted() -> None:
    world = await classic(**BAND)
    world.deploy("2", DOUBTFUL)
    await world.run(180)
    world.annotate("abort", world.status["rollout"]["revision"])
    await world.run(60)
    assert world.status["history"][0]["fate"] == "Aborted"


async def test_a_step_lasts_until_so_many_windows_in_a_row_are_good() -> None:
    world = await classic(consecutiveSuccessLimit=12)
    world.deploy("2", GOOD)
    await world.run(100)
    assert world.status["weight"] == 10, "its 30 s are over, its windows are not enough"
    (verdict,) = world.status["verdicts"]
    assert "of 12 windows in a row" in verdict["message"]

    await world.run(300)
    assert world.status["stable"]["version"] == "2"


async def test_two_bad_windows_in_a_row_end_what_five_of_five_would_still_bear() -> None:
    ends = []
    cases: tuple[dict[str, Any], ...] = (
        {"consecutiveFailureLimit": 2},
        {"failureLimit": {"failed": 5, "of": 5}},
    )
    for limits in cases:
        world = await classic(**limits)
        world.deploy("2", ERRING)
        await world.run(240)
        assert world.status["phase"] == "RolledBack"
        ends.append(next(at for at, told in world.happenings if told.reason == "RolledBack"))
    assert ends[0] < ends[1]


async def test_a_cold_start_is_forgiven_and_no_longer_than_was_said() -> None:
    limits: dict[str, Any] = {"initialDelay": "60s", "consecutiveFailureLimit": 2}
    for warm_after, phase in ((50, "Healthy"), (150, "RolledBack")):
        world = await classic(**limits)
        world.deploy("2", ERRING)
        await world.run(warm_after)
        world.cluster.behaviours["2"] = GOOD
        await world.run(400)
        assert world.status["phase"] == phase


@pytest.mark.parametrize("offset_seconds", range(5))
async def test_a_step_lasts_no_longer_than_it_must_whenever_it_is_entered(
    offset_seconds: int,
) -> None:
    """Scrapes come every five seconds: a step of ten has shown something when it is over."""
    steps = {"steps": [{"weight": 10}, {"weight": 20}, {"weight": 25}], "minTime": "10s"}
    world = await classic(steps, minSamples=20)
    world.prometheus.rate_per_second = 400  # a second of the first step is enough to judge by
    await world.run(offset_seconds)
    world.deploy("2", GOOD)
    await world.run(90)
    entered = [at for at, told in world.happenings if told.reason == "StepEntered"]
    assert [after - before for before, after in pairwise(entered)] == [10, 10]


async def test_a_step_is_told_as_undecided_from_the_moment_it_is_entered() -> None:
    world = await classic({"steps": [{"weight": 10}, {"weight": 50}], "minTime": "10s"})
    world.deploy("2", GOOD)
    while world.status["weight"] != 50:
        await world.second()
    assert world.status["verdict"] == "undecided: error-rate"
