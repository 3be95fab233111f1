"""The memory at the start of a look, and the clocks at its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from serinus.observe.snapshot import RouteSeen
from serinus.resource.status import Fate, Phase, TerminalKind
from tests.build import (
    CANARY,
    NOW,
    STABLE,
    THIRD,
    Given,
    ago,
    drained,
    given,
    memory,
    preparing,
    rollout,
    spec,
    terminal,
)
from tests.unit.decide.facts import shown


def on_the_route(**changes: Any) -> str:
    kind = TerminalKind.ROLLBACK
    return terminal(kind, **changes).model_dump_json(by_alias=True)


def steps(*weights: int) -> Any:
    return spec(rollout={"steps": [{"weight": weight} for weight in weights]})


def gated(*weights: int) -> Any:
    return spec(rollout={"steps": [{"weight": weight, "pause": {}} for weight in weights]})


def approved(number: int, weight: int, *, step: int = 1) -> Any:
    return memory(rollout=rollout(weight=weight, step=step, approved_step=number))


def restarted(seconds: int) -> Any:
    return spec(restartAt=f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}")


AT_50 = memory(rollout=rollout(weight=50, step=1))
IGNORED = {"rule": "evidence_is_missing", "decided": None, "canary_gets": 10}

CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "a rollback found on the route only is stored first, and told": (
        given(on_the_route=on_the_route(), routed={STABLE: 100}),
        {
            "rule": "rollback_was_found_on_the_route",
            "phase": Phase.ROLLING_BACK,
            "reason": "ObjectiveFailed",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "canary_gets": 0,
            "rollout.weight": 0,
            "history": [],
            "told": ["ObjectiveFailed"],
            "warns": True,
            "look": 0.0,
            "says": "errors",
        },
    ),
    "a clean one raises no alarm": (
        given(on_the_route=on_the_route(fate=Fate.REVERTED), routed={STABLE: 100}),
        {"rule": "rollback_was_found_on_the_route", "warns": False},
    ),
    "it comes before all that is decided anew": (
        given(on_the_route=on_the_route(), routed={STABLE: 100}, crashing={CANARY: 1}),
        {"rule": "rollback_was_found_on_the_route", "told": ["ObjectiveFailed"]},
    ),
    "one taken in the rollout's first moment counts": (
        given(on_the_route=on_the_route(at=ago(90))),
        {"rule": "rollback_was_found_on_the_route"},
    ),
    "one of the try before does not": (
        given(on_the_route=on_the_route(at=ago(91))),
        IGNORED,
    ),
    "nor one on another revision": (
        given(on_the_route=on_the_route(revision=THIRD)),
        IGNORED,
    ),
    "nor what can't be read": (given(on_the_route="{}"), IGNORED),
    "without a rollout it is the past": (
        given(memory=memory(), on_the_route=on_the_route()),
        {"rule": "nothing_to_roll_out", "decided": None},
    ),
    "the decision in the status is the one that counts": (
        given(
            memory=memory(
                rollout=rollout(weight=0),
                decision=terminal(TerminalKind.ROLLBACK, fate=Fate.ABORTED),
            ),
            on_the_route=on_the_route(),
        ),
        {"history": [(CANARY, Fate.ABORTED)]},
    ),
    "what drains is kept for its time": (
        given(memory=memory(draining=(drained(CANARY, ago(19)),))),
        {"draining": {CANARY: ago(19)}, "sizes": {STABLE: 4, CANARY: 4}, "look": 1.0},
    ),
    "and no longer": (
        given(memory=memory(draining=(drained(CANARY, ago(20)), drained(THIRD, ago(5))))),
        {"draining": {THIRD: ago(5)}, "sizes": {STABLE: 4, THIRD: 4}, "look": 15.0},
    ),
    "nothing is lost of it while a promotion is carried out": (
        given(
            memory=memory(
                CANARY,
                decision=terminal(TerminalKind.PROMOTE),
                draining=(drained(STABLE, ago(300)),),
            ),
            behind={"fraud": frozenset({"fraud-old"})},
        ),
        {"draining": {STABLE: ago(300)}, "sizes": {STABLE: 4, CANARY: 4}, "look": 10.0},
    ),
    "an edited list of steps is entered where the weight fits": (
        given(spec=steps(5, 20, 50, 80), memory=AT_50, sizes={CANARY: 2}),
        {
            "reason": "StepEntered",
            "rollout.step": 2,
            "rollout.steps": 4,
            "canary_gets": 50,
            "says": "step 3 of 4",
        },
    ),
    "which needs its pods as any other": (
        given(spec=steps(5, 20, 50, 80), memory=AT_50, sizes={CANARY: 2}, ready={CANARY: 1}),
        {"reason": "CanaryStarting", "rollout.step": 2, "canary_gets": 50},
    ),
    "a step stood on that is raised gets its pods first": (
        given(spec=steps(50, 80), sizes={CANARY: 1}),
        {"reason": "CanaryStarting", "canary_gets": 10, "sizes": {STABLE: 4, CANARY: 2}},
    ),
    "and its weight once they are ready": (
        given(spec=steps(50, 80), sizes={CANARY: 2}),
        {"reason": "StepEntered", "rollout.step": 0, "canary_gets": 50},
    ),
    "one that is lowered gives its weight up at once": (
        given(spec=steps(5, 50)),
        {"reason": "StepEntered", "rollout.step": 0, "canary_gets": 5},
    ),
    "a canary that has yet to enter its step has nothing to enter anew": (
        given(spec=steps(20, 50), memory=memory(rollout=preparing()), ready={CANARY: 0}),
        {"reason": "CanaryStarting", "rollout.step": 0, "canary_gets": 0},
    ),
    "between two steps it is the higher one, once its pods are there": (
        given(spec=steps(5, 20, 75), memory=AT_50, sizes={CANARY: 2}),
        {
            "reason": "CanaryStarting",
            "rollout.step": 2,
            "rollout.weight": 50,
            "sizes": {STABLE: 4, CANARY: 3},
        },
    ),
    "beyond the last it is the last": (
        given(spec=steps(5), memory=AT_50),
        {"reason": "StepEntered", "rollout.step": 0, "canary_gets": 5},
    ),
    "a step that was approved stays approved under another number": (
        given(spec=gated(5, 20, 50, 80), memory=approved(1, 50), sizes={CANARY: 2}),
        {"reason": "StepEntered", "rollout.step": 2, "rollout.approved_step": 2},
    ),
    "the step before it was approved, and this one under its number was not": (
        given(spec=gated(50), memory=approved(0, 50, step=1), sizes={CANARY: 2}),
        {"reason": "StepEntered", "rollout.step": 0, "rollout.approved_step": -1},
    ),
    "who approved a weight has not approved another in its place": (
        given(spec=gated(10, 75), memory=approved(1, 50), sizes={CANARY: 3}),
        {"reason": "StepEntered", "canary_gets": 75, "rollout.approved_step": -1},
    ),
    "nor a lower one that is the last now": (
        given(spec=gated(5), memory=approved(1, 50)),
        {"reason": "StepEntered", "canary_gets": 5, "rollout.approved_step": -1},
    ),
    "a list as long as before changes nothing on the way": (
        given(spec=steps(20, 50), memory=AT_50),
        {"rule": "evidence_is_missing", "rollout.step": 1, "canary_gets": 50},
    ),
    "what has drained stays while the router may still send to it, and nobody looks in vain": (
        given(
            memory=memory(draining=(drained(CANARY, ago(60)),)),
            wants=STABLE,
            is_programmed=False,
        ),
        {"sizes": {STABLE: 4, CANARY: 4}, "settled": False, "look": 300.0},
    ),
    "it does not wait for a router that sends nobody": (
        given(memory=memory(draining=(drained(CANARY, ago(60)),)), wants=STABLE).with_children(
            route=RouteSeen(weights={}, is_programmed=False, trouble="no Gateway has taken it")
        ),
        {"sizes": {STABLE: 4}, "draining": {}},
    ),
    "a restart to come is woken for": (
        given(spec=restarted(7), memory=memory()),
        {"rule": "nothing_to_roll_out", "look": 7.0},
    ),
    "one that is due or past is not": (
        given(spec=restarted(0), memory=memory()),
        {"look": 300.0},
    ),
    "one that is far off neither": (
        given(spec=restarted(4000), memory=memory()),
        {"look": 300.0},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_what_is_remembered(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected
