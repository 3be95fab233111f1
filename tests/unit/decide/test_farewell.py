"""When the resource is deleted and its objects are not, stable goes on without it."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.decide.case import Case
from serinus.decide.farewell import leave_stable_serving
from serinus.resource.status import Memory, TerminalKind
from tests.build import CANARY, STABLE, ago, drained, given, memory, preparing, rollout, terminal
from tests.unit.decide.facts import shown

LAST: dict[str, Any] = {
    "canary": "",
    "decided": None,
    "draining": {},
    "settled": True,
    "reason": "Orphaned",
}


@pytest.mark.parametrize(
    "known",
    [
        memory(rollout=rollout(), draining=(drained("c" * 10, ago(1)),)),
        memory(rollout=rollout(), decision=terminal(TerminalKind.ROLLBACK)),
        memory(rollout=rollout(weight=100), decision=terminal(TerminalKind.PROMOTE)),
        memory(),
    ],
    ids=["on the way", "rolling back", "promoting", "steady"],
)
def test_stable_has_all_traffic_and_nothing_else_is_left(known: Memory) -> None:
    case = given(memory=known)
    expected = LAST | {"stable": STABLE, "sizes": {STABLE: 4}, "canary_gets": 0}
    assert shown(leave_stable_serving(case.spec, known, case.seen), expected) == expected


def test_what_never_served_is_not_left() -> None:
    case = given(memory=memory("", rollout=preparing()))
    expected = LAST | {"stable": "", "sizes": {}, "canary_gets": None}
    decision = leave_stable_serving(case.spec, case.memory, case.seen)
    assert shown(decision, expected) == expected


def test_a_rule_that_asks_for_a_rollout_must_have_seen_one() -> None:
    case = given(memory=memory())
    with pytest.raises(LookupError, match="no rollout is under way"):
        _ = Case(spec=case.spec, memory=case.memory, seen=case.seen).rollout
    under_way = given()
    asked = Case(spec=under_way.spec, memory=under_way.memory, seen=under_way.seen)
    assert asked.rollout.revision == CANARY
