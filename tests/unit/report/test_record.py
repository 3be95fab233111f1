"""Which decisions are put on record, and which records can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from serinus.report.record import is_transition, replay_record, write_record
from serinus.report.summary import summarise
from serinus.resource.status import Phase, Status, TerminalKind, parse_status
from tests.build import CANARY, Given, given, memory, rollout, terminal
from tests.unit.report.test_summary import DONE, look, resource

HELD = given(verdicts=["undecided"])


def status_after(case: Given) -> Status:
    return parse_status(look(case).status)


def test_a_look_that_decides_the_same_is_not_put_on_record() -> None:
    assert not is_transition(status_after(HELD), HELD.decide())
    again = summarise(resource(), HELD.spec, status_after(HELD), HELD.seen, HELD.decide(), DONE)
    assert again.record == ""


@pytest.mark.parametrize(
    "change",
    [
        {"phase": Phase.PAUSED},
        {"conditions": ()},
        {"weight": 11},
        {"decision": terminal(TerminalKind.PROMOTE)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_differs_from_before_is(change: dict[str, Any]) -> None:
    before = status_after(HELD).model_copy(update=change)
    assert is_transition(before, HELD.decide())
    report = summarise(resource(), HELD.spec, before, HELD.seen, HELD.decide(), DONE)
    assert "evidence_is_missing" in report.record


def test_the_reason_is_that_of_ready_alone() -> None:
    before = status_after(HELD)
    other = [c for c in before.conditions if c.type != "Ready"]
    assert is_transition(before.model_copy(update={"conditions": tuple(other)}), HELD.decide())


def test_without_a_rollout_the_weight_is_none() -> None:
    steady = given(memory=memory())
    assert not is_transition(status_after(steady), steady.decide())
    first = given(memory=memory(rollout=rollout(weight=0)), routed={CANARY: 0})
    assert is_transition(status_after(steady), first.decide())


def test_what_follows_from_the_rest_is_not_recorded() -> None:
    record = json.loads(write_record(resource(), HELD.spec, memory(), HELD.seen, HELD.decide()))
    assert {"sums"}.isdisjoint({*record["seen"]["ledger"], *record["seen"]["checkpoint"]})


@pytest.mark.parametrize("text", ["{}", '{"format": 2}'])
def test_a_record_of_another_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no decision record of format 1"):
        replay_record(text)
