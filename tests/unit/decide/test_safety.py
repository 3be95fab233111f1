"""Canaries that crash, die or never start, and those that only seem to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from serinus.resource.status import Fate, Memory, Phase
from tests.build import CANARY, STABLE, Given, ago, given, memory, preparing, rollout, spec
from tests.fakes.models import CRASHING, GOOD
from tests.fakes.world import serving, spec_of, world_of
from tests.unit.decide.facts import shown

ROLLED_BACK = {"phase": Phase.ROLLING_BACK, "canary_gets": 0, "warns": True, "look": 0.0}
QUOTA = 'pods "fraud-1" is forbidden: exceeded quota: gpus, requested: 1, used: 4, limited: 4'
REFUSAL = "Deployment 'fraud-bbbbbbbbbb': the API server answered 403: denied by policy"
AT_50 = {"weight": 50, "step": 1}
LONG = {"started_at": ago(1700), "step_entered_at": ago(1500), "evidence_since": ago(1500)}
"""Long on its step: the deadline of the pods first asked for is over."""
LOST = {
    "rollout.weight": 0,
    "rollout.step": 0,
    "rollout.step_entered_at": None,
    "canary_gets": 0,
}


def on_a_long_step(**changes: Any) -> Any:
    return memory(rollout=rollout(**(LONG | {"capacity_asked_at": ago(1600)} | changes)))


def overdue() -> Memory:
    return memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601)))


def refused(case: Given) -> Given:
    return replace(case, seen=replace(case.seen, not_written=REFUSAL))


CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "a canary that crashes again and again is rolled back at once": (
        given(sizes={CANARY: 2}, crashing={CANARY: 1}, words="CrashLoopBackOff"),
        ROLLED_BACK
        | {
            "reason": "CanaryCrashLooping",
            "says": "version 2 keeps crashing: pod fraud-bbbbbbbbbb-1: CrashLoopBackOff",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "rollout.weight": 0,
        },
    ),
    "a canary that crashes before it has traffic is rolled back as well": (
        given(memory=memory(rollout=preparing()), crashing={CANARY: 1}),
        ROLLED_BACK | {"reason": "CanaryCrashLooping"},
    ),
    "a stable pod that crashes is no canary's fault": (
        given(crashing={STABLE: 1}, verdicts=["pass"]),
        {"rule": "next_step_is_due"},
    ),
    "the first revision that crashes is waited for: there is nothing to roll back to": (
        given(memory=memory("", rollout=preparing()), crashing={CANARY: 4}, words="OOMKilled"),
        {"phase": Phase.PENDING, "decided": None, "says": "0 of 4 pods of the first revision"},
    ),
    "a canary that crashes while all is suspended waits for its people": (
        given(spec=spec(paused=True), sizes={CANARY: 2}, crashing={CANARY: 1}),
        {"phase": Phase.SUSPENDED, "decided": None, "canary_gets": 10},
    ),
    "a canary without a ready pod gives its traffic back": (
        given(ready={CANARY: 0}, words="probe failed"),
        LOST
        | {
            "phase": Phase.PROGRESSING,
            "reason": "CanaryLost",
            "rollout.revivals": 1,
            "rollout.capacity_asked_at": ago(0),
            "decided": None,
            "told": ["CanaryLost"],
            "warns": True,
            "says": "version 2 lost its last ready pod at 10 % of the traffic: probe failed;",
        },
    ),
    "its pods have the whole deadline to come back": (
        given(memory=on_a_long_step(capacity_asked_at=ago(500)), ready={CANARY: 0}),
        LOST | {"rollout.capacity_asked_at": ago(0)},
    ),
    "it loses its approval too: what was approved is dead": (
        given(memory=memory(rollout=rollout(**AT_50, approved_step=1)), ready={CANARY: 0}),
        LOST | {"rollout.approved_step": -1},
    ),
    "it may come back twice": (
        given(memory=memory(rollout=rollout(revivals=1)), ready={CANARY: 0}),
        LOST | {"rollout.revivals": 2, "decided": None},
    ),
    "and not three times": (
        given(memory=memory(rollout=rollout(revivals=2)), ready={CANARY: 0}),
        ROLLED_BACK
        | {
            "reason": "CanaryLost",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "says": "lost its last ready pod at 10 % of the traffic, once too often",
        },
    ),
    "while suspended it loses its traffic as well, but is not given up": (
        given(
            spec=spec(paused=True),
            memory=memory(rollout=rollout(revivals=2)),
            ready={CANARY: 0},
        ),
        LOST | {"reason": "CanaryLost", "decided": None, "rollout.revivals": 3},
    ),
    "a canary without traffic has none to lose": (
        given(memory=memory(rollout=preparing()), ready={CANARY: 0}),
        {"reason": "CanaryStarting", "rollout.revivals": 0},
    ),
    "pods may take as long as the deadline says": (
        given(
            memory=memory(rollout=preparing(started_at=ago(600), capacity_asked_at=ago(600))),
            ready={CANARY: 0},
        ),
        {"reason": "CanaryStarting", "decided": None},
    ),
    "and no longer": (
        given(
            memory=memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601))),
            ready={CANARY: 0},
            words="ImagePullBackOff",
        ),
        ROLLED_BACK
        | {
            "reason": "CanaryCannotStart",
            "says": "0 of 1 pods of version 2 became ready within 600 s: ImagePullBackOff",
        },
    ),
    "a canary that no node had room for is not blamed, in the scheduler's words": (
        given(
            memory=memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601))),
            ready={CANARY: 0},
            words="Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
        ),
        ROLLED_BACK
        | {
            "reason": "CanaryUnschedulable",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "says": "within 600 s: Unschedulable: 0/3 nodes are available: 3 Insufficient "
            "nvidia.com/gpu.; that says nothing of the model: retry once the cluster has room",
        },
    ),
    "nor one that a quota has no room for, in the quota's words": (
        given(
            memory=memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601))),
            ready={CANARY: 0},
            not_made={CANARY: f"FailedCreate: {QUOTA}"},
        ),
        ROLLED_BACK
        | {
            "reason": "CanaryUnschedulable",
            "says": f"within 600 s: FailedCreate: {QUOTA}; that says nothing of the model",
        },
    ),
    "what keeps its pods from being made is told while they are waited for": (
        given(
            memory=memory(rollout=preparing()),
            ready={CANARY: 0},
            not_made={CANARY: "FailedCreate: denied by policy 'signed-images'"},
        ),
        {
            "reason": "CanaryStarting",
            "says": "0 of 1 pods of version 2 are ready for 10 %: FailedCreate: denied by policy",
        },
    ),
    "a model that says so itself has a quota of its own": (
        given(
            memory=memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601))),
            ready={CANARY: 0},
            words="model: Error (exit code 1): the bucket has exceeded quota",
        ),
        ROLLED_BACK | {"reason": "CanaryCannotStart"},
    ),
    "a workload that is not there yet has no ready pods either": (
        given(
            memory=memory(rollout=preparing(started_at=ago(601), capacity_asked_at=ago(601))),
            sizes={CANARY: 0},
        ),
        ROLLED_BACK | {"reason": "CanaryCannotStart"},
    ),
    "one whose workload is refused is given up in the refusal's words": (
        refused(given(memory=overdue())).with_children(workload_sizes={STABLE: 4}, pods=()),
        ROLLED_BACK
        | {
            "reason": "CanaryCannotStart",
            "says": f"0 of 1 pods of version 2 became ready within 600 s: {REFUSAL}",
        },
    ),
    "a pod that goes missing long after it was asked for has a deadline of its own": (
        given(memory=on_a_long_step(), sizes={CANARY: 2}, ready={CANARY: 1}, verdicts=["pass"]),
        {"rule": "next_step_is_due"},
    ),
    "the clock of a missing pod begins when it is seen missing": (
        given(memory=on_a_long_step(), sizes={CANARY: 2}, ready={CANARY: 1}),
        {"reason": "Analysing", "rollout.capacity_asked_at": ago(0)},
    ),
    "and runs on while it is missing": (
        given(
            memory=on_a_long_step(capacity_asked_at=ago(500)),
            sizes={CANARY: 2},
            ready={CANARY: 1},
        ),
        {"reason": "Analysing", "rollout.capacity_asked_at": ago(500)},
    ),
    "until the pod is given up": (
        given(
            memory=on_a_long_step(capacity_asked_at=ago(601)),
            sizes={CANARY: 2},
            ready={CANARY: 1},
        ),
        ROLLED_BACK | {"reason": "CanaryCannotStart", "says": "1 of 2 pods"},
    ),
    "or is back, which stops the clock": (
        given(memory=on_a_long_step(capacity_asked_at=ago(500))),
        {"reason": "Analysing", "rollout.capacity_asked_at": ago(1500)},
    ),
    "the next one that goes missing has its own": (
        given(
            memory=on_a_long_step(capacity_asked_at=ago(1500)),
            sizes={CANARY: 2},
            ready={CANARY: 1},
        ),
        {"reason": "Analysing", "rollout.capacity_asked_at": ago(0)},
    ),
    "whole pods are left alone, and so is the status": (
        given(memory=on_a_long_step()),
        {"reason": "Analysing", "rollout.capacity_asked_at": ago(1600)},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_safety(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


def test_what_else_was_refused_is_not_why_a_workload_that_is_there_does_not_start() -> None:
    decision = refused(given(memory=overdue(), ready={CANARY: 0})).decide()
    assert decision.message == "0 of 1 pods of version 2 became ready within 600 s"


async def test_a_first_version_that_crashes_is_replaced_by_the_next_one() -> None:
    world = world_of(v1=CRASHING)
    await world.run(60)
    assert world.status["phase"] == "Pending"

    world.deploy("2", GOOD)
    await world.run(30)

    assert world.status["phase"] == "Healthy"
    assert world.status["stable"]["version"] == "2"


async def test_an_autoscaler_may_scale_up_long_after_the_canary_started() -> None:
    rules = {"steps": [{"weight": 50, "pause": {}}], "progressDeadline": "60s"}
    world = await serving(spec_of(rollout=rules))
    world.deploy("2", GOOD)
    await world.run(120)

    world.edit(replicas=8)
    await world.run(20)

    assert (world.status["phase"], world.status["weight"]) == ("Paused", 50)
    assert sum(pod.version == "2" for pod in world.cluster.pods.values()) == 4
