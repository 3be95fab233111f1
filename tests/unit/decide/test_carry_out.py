"""What was decided for good is finished, whatever happens in between, and told once."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.resource.status import Fate, Phase, TerminalKind
from tests.build import (
    CANARY,
    MODEL,
    NOW,
    STABLE,
    THIRD,
    Given,
    ago,
    drained,
    given,
    memory,
    rollout,
    spec,
    terminal,
)
from tests.unit.decide.facts import shown

ROLLBACK = terminal(TerminalKind.ROLLBACK)
PROMOTE = terminal(TerminalKind.PROMOTE)
GOING_BACK = memory(rollout=rollout(weight=0), decision=ROLLBACK)
GOING_UP = memory(rollout=rollout(weight=50, step=1), decision=PROMOTE)
AT_100 = memory(rollout=rollout(weight=100, step=1), decision=PROMOTE)
SWAPPED = memory(CANARY, decision=PROMOTE, draining=(drained(STABLE, ago(9)),))
FULL = {CANARY: 4}
NEW = frozenset(f"{MODEL}-{CANARY}-{n}" for n in range(4))
OLD = frozenset(f"{MODEL}-{STABLE}-{n}" for n in range(4))

CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "a rollback waits for the router, and says so": (
        given(memory=GOING_BACK, routed={STABLE: 90, CANARY: 10}),
        {
            "phase": Phase.ROLLING_BACK,
            "reason": "ObjectiveFailed",
            "canary_gets": 0,
            "canary": CANARY,
            "draining": {},
            "history": [],
            "told": [],
            "says": "errors; waiting for the router to send everything to stable",
        },
    ),
    "with the router's own words": (
        given(memory=GOING_BACK, is_programmed=False),
        {"canary": CANARY, "says": "to stable (the Gateway has not taken the newest route yet)"},
    ),
    "a route that is gone is no route that leads to stable": (
        given(memory=GOING_BACK).with_children(route=None),
        {"canary": CANARY, "canary_gets": 0},
    ),
    "a route to nobody neither": (
        given(memory=GOING_BACK, routed={}),
        {"canary": CANARY, "canary_gets": 0},
    ),
    "then the canary drains and its fate is remembered": (
        given(memory=GOING_BACK),
        {
            "phase": Phase.ROLLED_BACK,
            "canary": "",
            "canary_gets": 0,
            "decided": None,
            "draining": {CANARY: NOW},
            "sizes": {STABLE: 4, CANARY: 1},
            "history": [(CANARY, Fate.ROLLED_BACK)],
            "told": ["RolledBack"],
            "warns": True,
            "look": 20.0,
            "says": "version 2 (bbbbbbbbbb) failed: errors; version 1 serves",
        },
    ),
    **{
        f"a canary that was {fate} is out without alarm": (
            given(
                memory=memory(
                    rollout=rollout(weight=0),
                    decision=terminal(TerminalKind.ROLLBACK, fate=fate),
                )
            ),
            {"told": ["RolledBack"], "warns": fate is Fate.ABORTED, "history": [(CANARY, fate)]},
        )
        for fate in (Fate.REVERTED, Fate.ABORTED)
    },
    "what else drains goes on draining": (
        given(
            memory=memory(
                rollout=rollout(weight=0),
                decision=ROLLBACK,
                draining=(drained(THIRD, ago(90)),),
            )
        ),
        {"draining": {THIRD: ago(90), CANARY: NOW}},
    ),
    "a rollback is finished although the spec changed its mind": (
        given(memory=GOING_BACK, wants=STABLE, routed={STABLE: 90, CANARY: 10}),
        {"reason": "ObjectiveFailed", "decided": ("rollback", Fate.ROLLED_BACK)},
    ),
    "a promotion moves all traffic": (
        given(memory=GOING_UP, sizes=FULL),
        {
            "phase": Phase.PROMOTING,
            "reason": "EveryStepPassed",
            "canary_gets": 100,
            "rollout.weight": 100,
            "stable": STABLE,
            "draining": {},
            "told": [],
            "says": "version 2 passed every step; moving all traffic to version 2",
        },
    ),
    "but not to where no Service leads": (
        given(memory=GOING_UP, sizes=FULL, behind={f"{MODEL}-{CANARY}": frozenset()}),
        {
            "phase": Phase.PROMOTING,
            "canary_gets": 50,
            "says": "passed every step; Service fraud-bbbbbbbbbb does not lead to its pods yet",
        },
    ),
    "and waits for the router": (
        given(memory=AT_100, is_programmed=False, sizes=FULL),
        {"canary_gets": 100, "stable": STABLE, "says": "version 2 (the Gateway has not taken"},
    ),
    "a promoted canary that dies on the way is rolled back": (
        given(memory=GOING_UP, ready={CANARY: 0}, sizes=FULL),
        {
            "reason": "CanaryLost",
            "decided": ("rollback", Fate.ROLLED_BACK),
            "canary_gets": 0,
            "says": "the canary lost its last ready pod while it was being promoted",
        },
    ),
    "a promotion waits for pods that went missing where it stands": (
        given(memory=GOING_UP, ready={CANARY: 3}, sizes=FULL),
        {
            "phase": Phase.PROMOTING,
            "reason": "EveryStepPassed",
            "canary_gets": 50,
            "stable": STABLE,
            "told": [],
            "says": "3 of 4 pods are ready to carry all traffic",
        },
    ),
    "and does not move the Services either before they are back": (
        given(memory=AT_100, ready={CANARY: 1}, sizes=FULL),
        {"canary_gets": 100, "stable": STABLE, "says": "1 of 4 pods are ready"},
    ),
    "a larger size asked for meanwhile is grown into first": (
        given(memory=GOING_UP, sizes=FULL, spec=spec(replicas=6)),
        {"sizes": {STABLE: 6, CANARY: 6}, "says": "4 of 6 pods are ready"},
    ),
    "a pod that crashes instead ends it": (
        given(memory=GOING_UP, sizes=FULL, crashing={CANARY: 1}),
        {"reason": "CanaryCrashLooping", "decided": ("rollback", Fate.ROLLED_BACK)},
    ),
    "then the tracks are swapped": (
        given(memory=AT_100, sizes=FULL),
        {
            "phase": Phase.PROMOTING,
            "stable": CANARY,
            "canary": "",
            "canary_gets": 0,
            "decided": ("promote", Fate.PROMOTED),
            "draining": {STABLE: NOW},
            "sizes": {STABLE: 4, CANARY: 4},
            "history": [(CANARY, Fate.PROMOTED)],
            "told": [],
            "look": 0.0,
            "says": "moving the stable Services to version 2",
        },
    ),
    "the old pods stay while the entry Service leads to them": (
        given(memory=SWAPPED, behind={MODEL: OLD | NEW}),
        {
            "phase": Phase.PROMOTING,
            "reason": "EveryStepPassed",
            "decided": ("promote", Fate.PROMOTED),
            "draining": {STABLE: ago(9)},
            "told": [],
            "says": "waiting until Service fraud holds only the new pods",
        },
    ),
    "or the stable one": (
        given(memory=SWAPPED, behind={f"{MODEL}-stable": OLD}),
        {"says": "waiting until Service fraud-stable holds only the new pods"},
    ),
    "an empty Service has not moved yet": (
        given(memory=SWAPPED, behind={MODEL: frozenset()}),
        {"says": "waiting until Service fraud holds"},
    ),
    "a Service that is not seen neither": (
        given(memory=SWAPPED).with_children(endpoints={}),
        {"says": "waiting until Service fraud holds"},
    ),
    "some of the new pods behind it are enough": (
        given(memory=SWAPPED, behind={MODEL: frozenset(sorted(NEW)[:1])}),
        {"told": ["Promoted"]},
    ),
    "with no pod ready there is nothing to wait for": (
        given(memory=SWAPPED, ready={CANARY: 0}),
        {"told": ["Promoted"]},
    ),
    "then the old ones have their time to drain": (
        given(memory=SWAPPED),
        {
            "phase": Phase.HEALTHY,
            "decided": None,
            "draining": {STABLE: NOW},
            "told": ["Promoted"],
            "warns": False,
            "look": 20.0,
            "stable": CANARY,
        },
    ),
    "a revision asked for meanwhile starts with the next look, at once": (
        given(memory=SWAPPED, wants=THIRD, spec=spec("3")),
        {"phase": Phase.PROMOTING, "decided": None, "told": ["Promoted"], "look": 0.0},
    ),
    "after a rollback as well": (
        given(memory=GOING_BACK, wants=THIRD, spec=spec("3")),
        {"phase": Phase.ROLLING_BACK, "decided": None, "told": ["RolledBack"], "look": 0.0},
    ),
    "after the swap a crashing pod is stable's, and a new spec waits": (
        given(
            memory=SWAPPED, wants=THIRD, crashing={CANARY: 1}, behind={MODEL: OLD}, spec=spec("3")
        ),
        {"phase": Phase.PROMOTING, "decided": ("promote", Fate.PROMOTED), "canary": ""},
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_carrying_out(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


def test_the_events_of_an_end_name_version_revision_and_reason() -> None:
    (out,) = given(memory=GOING_BACK).decide().happenings
    assert out.message == f"version 2 ({CANARY}) is out, all traffic is on stable: errors"
    (promoted,) = given(memory=SWAPPED).decide().happenings
    assert promoted.message == f"version 2 ({CANARY}) is stable"


def test_an_end_has_one_id_however_often_it_is_decided() -> None:
    first = given(verdicts=["fail"]).decide().memory.decision
    again = given(crashing={CANARY: 1}, sizes={CANARY: 2}).decide().memory.decision
    retried = given(memory=memory(rollout=rollout(started_at=ago(80), capacity_asked_at=ago(80))))
    other = retried.decide()
    assert first is not None
    assert again is not None
    assert first.id == again.id == f"rollback/{CANARY}/2026-01-05T12:58:30Z"
    assert other.memory.rollout is not None
    assert other.memory.rollout.id not in first.id
