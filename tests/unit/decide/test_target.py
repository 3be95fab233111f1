"""What the spec asks for against what serves: start, supersede, revert, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.resource.status import Fate, Phase
from tests.build import (
    CANARY,
    NOW,
    STABLE,
    THIRD,
    UNRESOLVED,
    Given,
    ago,
    drained,
    given,
    memory,
    record,
    rollout,
    spec,
)
from tests.unit.decide.facts import shown

BEGUN = {"rollout.weight": 0, "rollout.started_at": NOW, "rollout.capacity_asked_at": NOW}
HISTORY = (record(CANARY, Fate.ROLLED_BACK), record(STABLE, Fate.INSTALLED))


CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "stable serves on, and is not ready for the next rollout, while a template is missing": (
        given(memory=memory(), unresolved=UNRESOLVED),
        {
            "phase": Phase.HEALTHY,
            "reason": "ObjectiveTemplateMissing",
            "settled": False,
            "stalled": True,
            "sizes": {STABLE: 4},
            "says": "4 of 4 pods are ready; spec.objectiveTemplates[0]: ObjectiveTemplate",
        },
    ),
    "going back to the stable spec is a clean rollback": (
        given(wants=STABLE),
        {
            "reason": "Reverted",
            "decided": ("rollback", Fate.REVERTED),
            "canary_gets": 0,
            "warns": False,
            "look": 0.0,
            "says": "the spec went back to stable while version 2 was on its way",
        },
    ),
    "a third revision takes the canary's place": (
        given(spec=spec("3"), wants=THIRD),
        BEGUN
        | {
            "phase": Phase.PROGRESSING,
            "reason": "Superseded",
            "canary": THIRD,
            "canary_gets": 0,
            "sizes": {STABLE: 4, CANARY: 1, THIRD: 1},
            "draining": {CANARY: NOW},
            "history": [(CANARY, Fate.SUPERSEDED)],
            "decided": None,
            "told": ["Superseded"],
            "warns": False,
            "look": 0.0,
            "says": "version 3 takes the place of version 2 (bbbbbbbbbb)",
        },
    ),
    "a revision that failed takes no canary's place by itself, and the canary is out": (
        given(memory=memory(rollout=rollout(revision=THIRD), history=HISTORY), wants=CANARY),
        {
            "reason": "Superseded",
            "decided": ("rollback", Fate.SUPERSEDED),
            "canary_gets": 0,
            "warns": False,
            "says": "the spec went back to version 2 (bbbbbbbbbb), which failed, "
            "while version 3 was on its way",
        },
    ),
    "it does if a person says so": (
        given(
            memory=memory(rollout=rollout(revision=THIRD), history=HISTORY),
            wants=CANARY,
            commands={"retry": f"{CANARY}/1"},
        ),
        {
            "reason": "Superseded",
            "decided": None,
            "canary": CANARY,
            "told": ["Superseded"],
            "handled": {"retry": f"{CANARY}/1"},
        },
    ),
    "a third one that was draining drains no more": (
        given(
            spec=spec("3"),
            memory=memory(rollout=rollout(), draining=(drained(THIRD, ago(5)),)),
            wants=THIRD,
        ),
        {"canary": THIRD, "draining": {CANARY: NOW}},
    ),
    "a reference that goes missing in mid-rollout changes no revision, and holds": (
        given(wants=None, verdicts=["pass"]),
        {
            "rule": "what_is_asked_for_is_not_known",
            "phase": Phase.PAUSED,
            "reason": "ReferenceMissing",
            "canary": CANARY,
            "canary_gets": 10,
            "stalled": True,
            "rollout.waiting_since": NOW,
            "says": "holding version 2 at 10 %: ConfigMap 'thresholds' does not exist",
        },
    ),
    "nothing is to be done while the wanted revision is stable": (
        given(memory=memory()),
        {
            "phase": Phase.HEALTHY,
            "reason": "Stable",
            "settled": True,
            "stalled": False,
            "canary_gets": 0,
            "sizes": {STABLE: 4},
            "look": 300.0,
            "says": "version 1 is stable, 4 of 4 pods are ready",
        },
    ),
    "it is not settled while pods are missing": (
        given(memory=memory(), ready={STABLE: 3}, words="evicted"),
        {
            "reason": "StablePodsNotReady",
            "settled": False,
            "stalled": False,
            "says": "3 of 4 pods are ready: evicted",
        },
    ),
    "nor while something drains": (
        given(memory=memory(draining=(drained(CANARY, ago(5)),))),
        {"settled": False, "look": 15.0, "sizes": {STABLE: 4, CANARY: 4}},
    ),
    "while one pod is ready, stable serves": (
        given(memory=memory(), ready={STABLE: 1}),
        {"phase": Phase.HEALTHY, "reason": "StablePodsNotReady", "settled": False},
    ),
    "while none is, nobody is told that it is healthy": (
        given(memory=memory(), ready={STABLE: 0}, words="evicted"),
        {
            "phase": Phase.DEGRADED,
            "reason": "StablePodsNotReady",
            "settled": False,
            "stalled": False,
            "says": "version 1 is stable, 0 of 4 pods are ready: evicted",
        },
    ),
    "one that is to have no pods is as it should be": (
        given(spec=spec(replicas=0), memory=memory(), sizes={STABLE: 0}),
        {"phase": Phase.HEALTHY, "reason": "Stable", "settled": True},
    ),
    "a reference that goes missing is said, and stable serves": (
        given(memory=memory(), wants=None),
        {
            "phase": Phase.HEALTHY,
            "stalled": True,
            "settled": False,
            "sizes": {STABLE: 4},
            "says": "4 of 4 pods are ready; ConfigMap 'thresholds' does not exist",
        },
    ),
    "a revision that failed is not tried again by itself": (
        given(memory=memory(history=HISTORY), wants=CANARY),
        {
            "phase": Phase.ROLLED_BACK,
            "reason": "RolledBack",
            "stalled": True,
            "settled": False,
            "canary": "",
            "sizes": {STABLE: 4},
            "look": 300.0,
            "says": "version 2 (bbbbbbbbbb) failed: so it was; version 1 serves; change the spec",
        },
    ),
    "nor one that was aborted": (
        given(memory=memory(history=(record(CANARY, Fate.ABORTED),)), wants=CANARY),
        {"phase": Phase.ROLLED_BACK, "reason": "Aborted"},
    ),
    "it is not said that stable serves while it does not": (
        given(memory=memory(history=HISTORY), wants=CANARY, ready={STABLE: 0}),
        {
            "phase": Phase.ROLLED_BACK,
            "says": "so it was; version 1 is stable, and none of its pods is ready; change",
        },
    ),
    **{
        f"one that was {fate} may start again": (
            given(memory=memory(history=(record(CANARY, fate),)), wants=CANARY),
            {"reason": "RolloutStarted", "canary": CANARY},
        )
        for fate in (Fate.SUPERSEDED, Fate.REVERTED, Fate.PROMOTED, Fate.INSTALLED)
    },
    "the failure of another revision is none of this one": (
        given(spec=spec("3"), memory=memory(history=HISTORY), wants=THIRD),
        {"reason": "RolloutStarted", "canary": THIRD},
    ),
    "what it became last counts, not what it was before": (
        given(memory=memory(history=(record(CANARY, Fate.PROMOTED), *HISTORY)), wants=CANARY),
        {"reason": "RolloutStarted"},
    ),
    "a retry waits until the pods that crashed are gone": (
        given(
            memory=memory(history=HISTORY, draining=(drained(CANARY, ago(5)),)),
            wants=CANARY,
            commands={"retry": f"{CANARY}/1"},
            sizes={CANARY: 1},
            crashing={CANARY: 1},
        ),
        {
            "phase": Phase.PROGRESSING,
            "canary": "",
            "sizes": {STABLE: 4},
            "draining": {},
            "handled": {},
            "says": "version 2 is tried again once its pods that crashed are gone",
        },
    ),
    "and goes on with those that are whole": (
        given(
            memory=memory(history=HISTORY, draining=(drained(CANARY, ago(5)),)),
            wants=CANARY,
            commands={"retry": f"{CANARY}/1"},
            sizes={CANARY: 1},
        ),
        {"reason": "RolloutRetried", "canary": CANARY, "sizes": {STABLE: 4, CANARY: 1}},
    ),
    "a new revision starts with the pods of its first step, and no traffic": (
        given(memory=memory(), wants=CANARY),
        BEGUN
        | {
            "phase": Phase.PROGRESSING,
            "reason": "RolloutStarted",
            "canary": CANARY,
            "canary_gets": 0,
            "sizes": {STABLE: 4, CANARY: 1},
            "rollout.steps": 2,
            "rollout.evidence_since": None,
            "told": ["RolloutStarted"],
            "look": 10.0,
            "says": "version 2 (bbbbbbbbbb) starts as canary of version 1",
        },
    ),
    "one without analysis starts at its full size": (
        given(spec=spec(skipAnalysis=True), memory=memory(), wants=CANARY),
        {"sizes": {STABLE: 4, CANARY: 4}},
    ),
    "one that was draining drains no more, another goes on": (
        given(
            memory=memory(draining=(drained(CANARY, ago(5)), drained(THIRD, ago(5)))),
            wants=CANARY,
        ),
        {"canary": CANARY, "draining": {THIRD: ago(5)}},
    ),
    "stable is not scaled down while a rollout goes on": (
        given(spec=spec(replicas=2), sizes={STABLE: 4}),
        {"sizes": {STABLE: 4, CANARY: 1}},
    ),
    "but it is scaled up": (
        given(spec=spec(replicas=6), sizes={STABLE: 4}),
        {"sizes": {STABLE: 6, CANARY: 1}},
    ),
    "and down after it": (
        given(spec=spec(replicas=2), memory=memory(), sizes={STABLE: 4}),
        {"sizes": {STABLE: 2}, "settled": True},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_target(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


def test_a_history_is_bounded_by_what_the_spec_says_and_two_more() -> None:
    past = tuple(record(f"{n:010}", Fate.SUPERSEDED, at=ago(4000 + n)) for n in range(9))
    decision = given(
        spec=spec("3", revisionHistoryLimit=3),
        memory=memory(rollout=rollout(), history=past),
        wants=THIRD,
    ).decide()

    revisions = [each.revision for each in decision.memory.history]
    assert revisions == [CANARY, *(f"{n:010}" for n in range(4))]


def test_superseding_again_and_again_drains_no_more_than_the_status_takes() -> None:
    draining = tuple(drained(f"{n:010}", ago(19)) for n in range(32))
    case = given(
        spec=spec("3"),
        memory=memory(rollout=rollout(), draining=draining),
        wants=THIRD,
    )

    left = [gone.revision for gone in case.decide().memory.draining]

    assert left == [*(f"{n:010}" for n in range(1, 32)), CANARY]
