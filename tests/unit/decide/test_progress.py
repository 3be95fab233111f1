"""The way up: capacity, weight, evidence, step by step, and the end of patience."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.decide.case import Case
from serinus.resource.status import Fate, Phase, TerminalDecision
from tests.build import (
    CANARY,
    MODEL,
    NOW,
    STABLE,
    Given,
    ago,
    given,
    memory,
    preparing,
    rollout,
    spec,
)
from tests.unit.decide.facts import shown

STEPS = [{"weight": 10}, {"weight": 50}]
NEXT = {"weight": 10, "step": 1, "step_entered_at": None}
"""Prepared for 50 %, still at 10 %."""
LAST = {"weight": 50, "step": 1}
OVERDUE = {"started_at": ago(1801)}
ADVISORY = [{"preset": "error-rate", "limit": "5%", "advisory": True}]
CLASSIC = spec(rollout={"advance": "time"})
HOLDS = {"phase": Phase.PROGRESSING, "decided": None, "canary_gets": 10}


def stepping(*steps: dict[str, Any], **policy: Any) -> Any:
    return spec(rollout={"steps": list(steps), **policy})


def on(**changes: Any) -> Any:
    return memory(rollout=rollout(**changes))


CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "a failing objective ends the rollout with its numbers": (
        given(spec=CLASSIC, verdicts=["fail", "pass"]),
        {
            "reason": "ObjectiveFailed",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "canary_gets": 0,
            "rollout.weight": 0,
            "told": ["ObjectiveFailed"],
            "warns": True,
            "says": "error-rate: canary 50 % errors (500 of 1,000)",
        },
    ),
    "all that fail are named": (
        given(verdicts=["fail"]),
        {"reason": "ObjectiveFailed", "says": "; null-outputs: "},
    ),
    "an advisory one fails without consequence": (
        given(spec=spec(objectives=ADVISORY), verdicts=["fail"]),
        {"rule": "next_step_is_due"},
    ),
    "and is not waited for": (
        given(spec=spec(objectives=ADVISORY), verdicts=["undecided"]),
        {"rule": "next_step_is_due"},
    ),
    "without traffic there is nothing to fail": (
        given(
            spec=stepping({"weight": 0}, {"weight": 50}),
            memory=on(weight=0),
            verdicts=["fail"],
        ),
        {"rule": "next_step_is_due"},
    ),
    "a step waits for the pods its weight needs": (
        given(memory=on(**NEXT), sizes={CANARY: 1}),
        HOLDS
        | {
            "reason": "CanaryStarting",
            "sizes": {STABLE: 4, CANARY: 2},
            "says": "1 of 2 pods of version 2 are ready for 50 %",
        },
    ),
    "a larger canary is kept on the way": (
        given(memory=on(**NEXT), sizes={CANARY: 3}, ready={CANARY: 1}, words="Pending"),
        HOLDS | {"sizes": {STABLE: 4, CANARY: 3}, "says": "are ready for 50 %: Pending"},
    ),
    "half a pod is a whole one": (
        given(spec=spec(replicas=5), memory=on(**NEXT), sizes={CANARY: 2}),
        {"reason": "CanaryStarting", "sizes": {STABLE: 5, CANARY: 3}},
    ),
    "and until requests get to them": (
        given(memory=on(**NEXT), behind={f"{MODEL}-{CANARY}": frozenset()}),
        HOLDS
        | {
            "reason": "CanaryStarting",
            "says": "2 of 2 pods of version 2 are ready for 50 %: Service fraud-bbbbbbbbbb does "
            "not lead to its pods yet",
        },
    ),
    "pods that the Service leads to and that are not ready are none": (
        given(
            memory=memory(rollout=preparing()),
            sizes={CANARY: 2},
            ready={CANARY: 1},
            behind={f"{MODEL}-{CANARY}": frozenset({f"{MODEL}-{CANARY}-1"})},
        ),
        {"reason": "CanaryStarting", "canary_gets": 0},
    ),
    "then the step begins": (
        given(memory=on(**NEXT)),
        {
            "reason": "StepEntered",
            "phase": Phase.PROGRESSING,
            "canary_gets": 50,
            "rollout.weight": 50,
            "rollout.step_entered_at": NOW,
            "rollout.evidence_since": ago(60),
            "told": ["StepEntered"],
            "look": 10.0,
            "says": "version 2 gets 50 % of the traffic, step 2 of 2",
        },
    ),
    "evidence begins with the first traffic": (
        given(memory=memory(rollout=preparing())),
        {"canary_gets": 10, "rollout.evidence_since": NOW},
    ),
    "and not with a step that gives none": (
        given(spec=stepping({"weight": 0}, {"weight": 50}), memory=memory(rollout=preparing())),
        {"reason": "StepEntered", "canary_gets": 0, "rollout.evidence_since": None},
    ),
    "a pod lost on a step takes no weight away": (
        given(memory=on(**LAST), sizes={CANARY: 2}, ready={CANARY: 1}),
        {"rule": "evidence_is_missing", "canary_gets": 50},
    ),
    "pods that a step lacks after an autoscaler's word are asked for": (
        given(memory=on(**LAST), sizes={CANARY: 1}, verdicts=["undecided"]),
        {"rule": "evidence_is_missing", "sizes": {STABLE: 4, CANARY: 2}},
    ),
    "a pause with a duration is sat out": (
        given(spec=stepping({"weight": 10, "pause": {"duration": "5m"}}), memory=on(steps=1)),
        HOLDS
        | {
            "phase": Phase.PAUSED,
            "reason": "StepPaused",
            "look": 10.0,
            "says": "step 1 at 10 % pauses for 300 s",
        },
    ),
    "its end is met to the second": (
        given(spec=stepping({"weight": 10, "pause": {"duration": "63s"}}), memory=on(steps=1)),
        {"reason": "StepPaused", "look": 3.0},
    ),
    "and it ends": (
        given(spec=stepping({"weight": 10, "pause": {"duration": "60s"}}), memory=on(steps=1)),
        {"rule": "evidence_is_missing"},
    ),
    "an approved pause is over": (
        given(
            spec=stepping({"weight": 10, "pause": {"duration": "5m"}}),
            memory=on(steps=1, approved_step=0),
        ),
        {"rule": "evidence_is_missing"},
    ),
    "a step is stood on for its shortest time": (
        given(memory=on(step_entered_at=ago(29)), verdicts=["pass"]),
        HOLDS | {"reason": "Analysing", "look": 1.0, "says": "step 1 at 10 % lasts at least 30 s"},
    ),
    "a long one is looked at in between": (
        given(memory=on(step_entered_at=ago(5)), verdicts=["pass"]),
        {"rule": "step_is_too_young", "look": 10.0},
    ),
    "and no longer": (
        given(memory=on(step_entered_at=ago(30)), verdicts=["pass"]),
        {"rule": "next_step_is_due"},
    ),
    "its own shortest time beats the rollout's": (
        given(spec=stepping({"weight": 10, "minTime": "5m"}, {"weight": 50}), verdicts=["pass"]),
        {"rule": "step_is_too_young", "says": "at least 300 s"},
    ),
    "also when it is none at all": (
        given(
            spec=stepping({"weight": 10, "minTime": "0s"}, {"weight": 50}),
            memory=on(step_entered_at=ago(1)),
            verdicts=["pass"],
        ),
        {"rule": "next_step_is_due"},
    ),
    "too little evidence holds the weight": (
        given(spec=CLASSIC, verdicts=["pass", "undecided"]),
        HOLDS
        | {
            "reason": "Analysing",
            "stalled": False,
            "told": [],
            "look": 10.0,
            "says": "holding at 10 %: null-outputs: 45 of 50",
        },
    ),
    "what is not proven holds it as well": (
        given(verdicts=["pass", "undecided"]),
        HOLDS
        | {
            "reason": "Analysing",
            "stalled": False,
            "says": "holding at 10 %: null-outputs: canary 0 % null outputs vs 0 % (0 of 45 vs "
            "0 of 5,000) in 60 s; not yet proven to be less than 4 points worse than stable, as "
            "50 % of the traffic asks; at 84 outputs/s and 10 % a 2-point regression shows in "
            "about 8 min",
        },
    ),
    "and what is all but impossible by chance ends it": (
        given(verdicts=["fail", "pass"]),
        {
            "reason": "ObjectiveFailed",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "canary_gets": 0,
            "says": "error-rate: canary 50 % errors vs 0 % (500 of 1,000 vs 0 of 5,000) in 60 s; "
            "chance of this if it were no worse than stable: under 1 in",
        },
    ),
    "no metrics hold it too, and that is the reason": (
        given(trouble="Prometheus does not answer", verdicts=["pass"]),
        HOLDS | {"reason": "MetricsUnavailable", "says": "error-rate: Prometheus does not answer"},
    ),
    "time that is not over yet is waited for": (
        given(memory=on(started_at=ago(1800)), verdicts=["undecided"]),
        HOLDS | {"reason": "Analysing", "stalled": False},
    ),
    "time spent on waiting for people is not counted": (
        given(memory=on(started_at=ago(1850), waited_seconds=50.0), verdicts=["undecided"]),
        HOLDS | {"reason": "Analysing"},
    ),
    "time is over, and hold is what to do": (
        given(spec=CLASSIC, memory=on(**OVERDUE), verdicts=["undecided"]),
        HOLDS
        | {
            "reason": "Inconclusive",
            "stalled": True,
            "says": "no verdict within 1800 s: error-rate: 45 of 50 requests needed so far",
        },
    ),
    "or a rollback": (
        given(
            spec=spec(rollout={"onInconclusive": "rollback"}),
            memory=on(**OVERDUE),
            verdicts=["undecided"],
        ),
        {"reason": "Inconclusive", "decided": ("rollback", Fate.ROLLED_BACK), "canary_gets": 0},
    ),
    "or a promotion, at full size": (
        given(
            spec=spec(rollout={"onInconclusive": "promote"}),
            memory=on(**OVERDUE),
            sizes={CANARY: 4},
            verdicts=["undecided"],
        ),
        {
            "reason": "Inconclusive",
            "decided": ("promote", Fate.PROMOTED),
            "says": "; promoted all the same",
        },
    ),
    "which may have to be reached first": (
        given(
            spec=spec(rollout={"onInconclusive": "promote"}),
            memory=on(**OVERDUE),
            verdicts=["undecided"],
        ),
        HOLDS | {"reason": "ScalingUp", "sizes": {STABLE: 4, CANARY: 4}},
    ),
    "a verdict that came in time has time": (
        given(memory=on(**OVERDUE), verdicts=["pass"]),
        {"rule": "next_step_is_due"},
    ),
    "after a passed step its pods come first": (
        given(verdicts=["pass"]),
        HOLDS
        | {
            "reason": "StepPassed",
            "rollout.step": 1,
            "rollout.step_entered_at": None,
            "rollout.capacity_asked_at": NOW,
            "sizes": {STABLE: 4, CANARY: 2},
            "look": 0.0,
            "says": "step 1 at 10 % passed",
        },
    ),
    "a canary larger than that stays so": (
        given(sizes={CANARY: 3}, ready={CANARY: 1}, verdicts=["pass"]),
        {"reason": "StepPassed", "sizes": {STABLE: 4, CANARY: 3}},
    ),
    "where its pods are ready, the next step is entered at once": (
        given(sizes={CANARY: 2}, verdicts=["pass"]),
        {
            "rule": "next_step_is_due",
            "reason": "StepEntered",
            "rollout.step": 1,
            "rollout.weight": 50,
            "rollout.step_entered_at": NOW,
            "canary_gets": 50,
            "says": "version 2 gets 50 % of the traffic, step 2 of 2",
        },
    ),
    "without objectives, time alone passes": (
        given(spec=spec(objectives=[])),
        {"rule": "next_step_is_due"},
    ),
    "after the last step the canary grows as large as stable": (
        given(memory=on(**LAST), verdicts=["pass"]),
        {
            "rule": "every_step_passed",
            "reason": "ScalingUp",
            "decided": None,
            "canary_gets": 50,
            "sizes": {STABLE: 4, CANARY: 4},
            "rollout.capacity_asked_at": NOW,
            "says": "version 2 passed every step; 2 of 4 pods are ready to carry all traffic",
        },
    ),
    "and is waited for": (
        given(
            memory=on(**LAST, capacity_asked_at=ago(20)),
            sizes={CANARY: 4},
            ready={CANARY: 3},
            verdicts=["pass"],
        ),
        {"reason": "ScalingUp", "rollout.capacity_asked_at": ago(20)},
    ),
    "then it is decided, and nothing moves before that is stored": (
        given(memory=on(**LAST), sizes={CANARY: 4}, verdicts=["pass"]),
        {
            "phase": Phase.PROMOTING,
            "reason": "EveryStepPassed",
            "decided": ("promote", Fate.PROMOTED),
            "canary_gets": 50,
            "stable": STABLE,
            "told": ["PromotionDecided"],
            "warns": False,
            "look": 0.0,
        },
    ),
    "a model of no pods is promoted with one": (
        given(spec=spec(replicas=0), memory=on(**LAST), verdicts=["pass"]),
        {"reason": "EveryStepPassed", "sizes": {STABLE: 0, CANARY: 1}},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_progress(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


def test_twenty_objectives_without_a_verdict_still_fit_into_the_record_of_the_end() -> None:
    long = [
        {"name": f"an-objective-with-the-longest-of-names{n:02}", "limit": "5%"}
        | {"preset": "error-rate"}
        for n in range(20)
    ]
    decision = given(
        spec=spec(objectives=long, rollout={"onInconclusive": "rollback"}),
        memory=on(**OVERDUE),
        trouble="Prometheus does not answer at its address; is it up?",
        verdicts=["undecided"],
    ).decide()

    assert decision.memory.decision is not None
    TerminalDecision.model_validate(decision.memory.decision.model_dump())
    assert len(decision.memory.decision.message) == 2000


@pytest.mark.parametrize(
    ("replicas", "weight", "pods"),
    [(4, 0, 1), (4, 25, 1), (4, 26, 2), (101, 1, 2), (0, 100, 1), (1000, 100, 1000)],
)
def test_a_share_of_the_traffic_needs_as_large_a_share_of_the_pods(
    replicas: int, weight: int, pods: int
) -> None:
    case = given(spec=stepping({"weight": weight}), memory=on(steps=1))
    asked = Case(
        spec=case.spec.model_copy(update={"replicas": replicas}),
        memory=case.memory,
        seen=case.seen,
    )
    assert asked.capacity(weight) == pods
