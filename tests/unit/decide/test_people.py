"""What people say: in force for the revision and the step it names, and answered otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.resource.status import Fate, Phase, TerminalKind
from tests.build import (
    CANARY,
    NOW,
    STABLE,
    THIRD,
    Given,
    ago,
    given,
    memory,
    preparing,
    record,
    rollout,
    spec,
    terminal,
)
from tests.unit.decide.facts import shown

PAUSED_AT_10 = spec(rollout={"steps": [{"weight": 10, "pause": {}}, {"weight": 50}]})
PAUSED_FOR_5_MIN = spec(rollout={"steps": [{"weight": 10, "pause": {"duration": "5m"}}]})
FAILED = record(CANARY, Fate.ROLLED_BACK)
REFUSED = {"told": ["CommandRefused"], "warns": True}


def after(failure: Any = FAILED, **parts: Any) -> Any:
    """A memory of a failure, and nothing under way."""
    return memory(history=(failure, record(STABLE, Fate.INSTALLED)), **parts)


def one_step(**changes: Any) -> Any:
    return memory(rollout=rollout(steps=1, **changes))


CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "an abort brings all traffic back and is remembered as a person's word": (
        given(commands={"abort": f"{CANARY}/1"}),
        {
            "phase": Phase.ROLLING_BACK,
            "reason": "Aborted",
            "decided": ("rollback", Fate.ABORTED),
            "canary_gets": 0,
            "warns": True,
            "handled": {"abort": f"{CANARY}/1"},
            "says": "version 2 was aborted by a person",
        },
    ),
    "an abort that was carried out is not carried out again": (
        given(
            memory=memory(rollout=rollout(), handled={"abort": f"{CANARY}/1"}),
            commands={"abort": f"{CANARY}/1"},
        ),
        {"rule": "evidence_is_missing", "told": []},
    ),
    "an abort written anew is a new word": (
        given(
            memory=memory(rollout=rollout(), handled={"abort": f"{CANARY}/1"}),
            commands={"abort": f"{CANARY}/2"},
        ),
        {"reason": "Aborted"},
    ),
    "an abort of another revision is refused, once, and says what is under way": (
        given(commands={"abort": THIRD}),
        REFUSED | {"rule": "evidence_is_missing", "handled": {"abort": THIRD}},
    ),
    "an abort with no rollout under way is refused": (
        given(memory=memory(), commands={"abort": STABLE}),
        REFUSED | {"rule": "nothing_to_roll_out", "handled": {"abort": STABLE}},
    ),
    "an abort of the wanted revision that has not begun waits for it": (
        given(memory=memory(), wants=CANARY, commands={"abort": CANARY}),
        {"rule": "a_new_revision_is_wanted", "told": ["RolloutStarted"], "handled": {}},
    ),
    "an abort of the wanted revision that has failed is refused": (
        given(memory=after(), wants=CANARY, commands={"abort": CANARY}),
        REFUSED | {"rule": "revision_has_failed_before"},
    ),
    "a promote of a canary that is large enough is decided at once": (
        given(sizes={CANARY: 4}, commands={"promote": CANARY}),
        {
            "phase": Phase.PROMOTING,
            "reason": "PromotedByPerson",
            "decided": ("promote", Fate.PROMOTED),
            "canary_gets": 10,
            "handled": {"promote": CANARY},
            "told": ["PromotionDecided"],
            "look": 0.0,
            "says": "asked for by a person",
        },
    ),
    "a promote of a smaller one makes it as large as stable first": (
        given(commands={"promote": CANARY}),
        {
            "phase": Phase.PROGRESSING,
            "reason": "ScalingUp",
            "decided": None,
            "sizes": {STABLE: 4, CANARY: 4},
            "canary_gets": 10,
            "handled": {},
            "says": "a person asked to promote version 2: 1 of 4 pods are ready",
        },
    ),
    "its pods' deadline counts from then": (
        given(
            memory=memory(rollout=preparing(started_at=ago(500), capacity_asked_at=ago(500))),
            commands={"promote": CANARY},
        ),
        {"reason": "ScalingUp", "rollout.capacity_asked_at": NOW},
    ),
    "and not anew with every look": (
        given(
            memory=memory(rollout=preparing(started_at=ago(500), capacity_asked_at=ago(500))),
            sizes={CANARY: 4},
            ready={CANARY: 3},
            commands={"promote": CANARY},
        ),
        {"reason": "ScalingUp", "rollout.capacity_asked_at": ago(500)},
    ),
    "a canary larger than needed is not scaled down on the way": (
        given(sizes={CANARY: 6}, ready={CANARY: 3}, commands={"promote": CANARY}),
        {"reason": "ScalingUp", "sizes": {STABLE: 4, CANARY: 6}},
    ),
    "a promote of the last revision of two is refused": (
        given(commands={"promote": STABLE}),
        REFUSED | {"rule": "evidence_is_missing"},
    ),
    "a promotion answers an approval that was given too": (
        given(sizes={CANARY: 4}, commands={"promote": CANARY, "approve": CANARY}),
        {"reason": "PromotedByPerson", "handled": {"promote": CANARY, "approve": CANARY}},
    ),
    "skipAnalysis promotes a canary that is ready": (
        given(spec=spec(skipAnalysis=True), sizes={CANARY: 4}),
        {"reason": "AnalysisSkipped", "handled": {}, "says": "asked for by skipAnalysis"},
    ),
    "skipAnalysis waits for readiness all the same": (
        given(spec=spec(skipAnalysis=True), sizes={CANARY: 4}, ready={CANARY: 3}),
        {"reason": "ScalingUp", "decided": None, "says": "skipAnalysis asked"},
    ),
    "a step with a pause waits for a person, and the clock stands": (
        given(spec=PAUSED_AT_10, verdicts=["pass"]),
        {
            "phase": Phase.PAUSED,
            "reason": "WaitingForApproval",
            "rollout.waiting_since": NOW,
            "stalled": False,
            "says": "step 1 of 2 at 10 % waits for approval",
        },
    ),
    "it has waited since it began to wait": (
        given(spec=PAUSED_AT_10, memory=memory(rollout=rollout(waiting_since=ago(30)))),
        {"reason": "WaitingForApproval", "rollout.waiting_since": ago(30)},
    ),
    "an approval is taken down with the time it took": (
        given(
            spec=PAUSED_AT_10,
            memory=memory(rollout=rollout(waiting_since=ago(30), waited_seconds=5)),
            commands={"approve": f"{CANARY}/0"},
        ),
        {
            "phase": Phase.PROGRESSING,
            "reason": "Approved",
            "rollout.approved_step": 0,
            "rollout.waiting_since": None,
            "rollout.waited_seconds": 35.0,
            "handled": {"approve": f"{CANARY}/0"},
            "told": ["Approved"],
            "look": 0.0,
            "says": "step 1 of version 2 was approved",
        },
    ),
    "an approval for another step is refused": (
        given(spec=PAUSED_AT_10, commands={"approve": f"{CANARY}/1"}),
        REFUSED | {"reason": "WaitingForApproval", "rollout.approved_step": -1},
    ),
    "an approved step waits for nobody": (
        given(spec=PAUSED_AT_10, memory=memory(rollout=rollout(approved_step=0))),
        {"rule": "evidence_is_missing"},
    ),
    "a step before it that was approved is another step": (
        given(
            spec=spec(rollout={"steps": [{"weight": 10}, {"weight": 10, "pause": {}}]}),
            memory=memory(rollout=rollout(step=1, approved_step=0)),
        ),
        {"reason": "WaitingForApproval"},
    ),
    "an approval cuts a pause short": (
        given(
            spec=PAUSED_FOR_5_MIN,
            memory=one_step(),
            commands={"approve": CANARY},
        ),
        {"rule": "evidence_is_missing"},
    ),
    "and is used up by the promotion that follows": (
        given(
            spec=PAUSED_FOR_5_MIN,
            memory=one_step(),
            sizes={CANARY: 4},
            verdicts=["pass"],
            commands={"approve": CANARY},
        ),
        {"reason": "EveryStepPassed", "handled": {"approve": CANARY}},
    ),
    "an approval does not reach over to the next step's pause": (
        given(verdicts=["pass"], commands={"approve": CANARY}),
        {"reason": "StepPassed", "handled": {"approve": CANARY}},
    ),
    "a retry starts a failed revision anew": (
        given(memory=after(), wants=CANARY, commands={"retry": f"{CANARY}/1"}),
        {
            "reason": "RolloutRetried",
            "told": ["RolloutRetried"],
            "canary": CANARY,
            "handled": {"retry": f"{CANARY}/1"},
        },
    ),
    "a retry of an aborted one too": (
        given(
            memory=after(record(CANARY, Fate.ABORTED)),
            wants=CANARY,
            commands={"retry": CANARY},
        ),
        {"reason": "RolloutRetried"},
    ),
    "a retry of what has not failed is refused": (
        given(commands={"retry": CANARY}),
        REFUSED | {"rule": "evidence_is_missing"},
    ),
    "a retry of what has not begun is refused, and it begins": (
        given(memory=memory(), wants=CANARY, commands={"retry": CANARY}),
        {
            "reason": "RolloutStarted",
            "told": ["CommandRefused", "RolloutStarted"],
            "handled": {"retry": CANARY},
        },
    ),
    "a retry of what failed long ago and is on its way again is refused": (
        given(memory=after(rollout=rollout()), commands={"retry": CANARY}),
        REFUSED | {"rule": "evidence_is_missing"},
    ),
    "a retry of what the spec does not ask for is refused": (
        given(memory=after(), wants=THIRD, commands={"retry": CANARY}),
        {"reason": "RolloutStarted", "warns": True, "told": ["CommandRefused", "RolloutStarted"]},
    ),
    "a retry given while the rollback is under way waits for its end": (
        given(
            memory=memory(rollout=rollout(weight=0), decision=terminal(TerminalKind.ROLLBACK)),
            commands={"retry": CANARY},
        ),
        {"handled": {}, "told": ["RolledBack"]},
    ),
    "a suspended resource decides nothing, and its clock stands": (
        given(spec=spec(paused=True), verdicts=["pass"]),
        {
            "phase": Phase.SUSPENDED,
            "reason": "Suspended",
            "canary_gets": 10,
            "rollout.waiting_since": NOW,
            "look": 300.0,
            "settled": False,
        },
    ),
    "it has been suspended since it was": (
        given(
            spec=spec(paused=True),
            memory=memory(rollout=rollout(waiting_since=ago(50), waited_seconds=1)),
        ),
        {"rollout.waiting_since": ago(50), "rollout.waited_seconds": 1.0},
    ),
    "with no rollout there is no clock": (
        given(spec=spec(paused=True), memory=memory()),
        {"phase": Phase.SUSPENDED, "rollout": None},
    ),
    "after it the time counts as waited": (
        given(memory=memory(rollout=rollout(waiting_since=ago(50), waited_seconds=1))),
        {"rollout.waiting_since": None, "rollout.waited_seconds": 51.0},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_people(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


REFUSALS = {
    "the rollout is bbbbbbbbbb": given(commands={"abort": THIRD}),
    f"the rollout is at step 1 of 2, which {CANARY}/0 would approve": given(
        commands={"approve": f"{CANARY}/7"}
    ),
    "no rollout of it is under way": given(memory=memory(), commands={"promote": CANARY}),
    "that rollout has failed; retry it": given(
        memory=after(), wants=CANARY, commands={"promote": CANARY}
    ),
    "the spec asks for bbbbbbbbbb": given(commands={"retry": THIRD}),
    "there is no failure to retry": given(commands={"retry": CANARY}),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_refusal_says_why(why: str) -> None:
    (refusal,) = (h for h in REFUSALS[why].decide().happenings if h.reason == "CommandRefused")
    assert refusal.message.endswith(f"is not carried out: {why}")
