"""The status is written where it changed, and events come after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from serinus.decide.decision import Happening
from serinus.errors import Conflict, WriteRefused
from serinus.report.publish import Report, publish

EVENT = Happening(reason="Promoted", message="version 2 is stable")


class Listener:
    """Notes what is told, and to whom."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.heard: list[tuple[Any, ...]] = []

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        if self.failure is not None:
            raise self.failure
        self.heard.append((namespace, name, status))

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        self.heard.append((namespace, name, uid, happening))

    def record(self, namespace: str, name: str, record: str) -> None:
        self.heard.append((namespace, name, record))


async def told(listener: Listener, *, is_changed: bool) -> list[tuple[Any, ...]]:
    report = Report(status={"phase": "Healthy"}, is_changed=is_changed, happenings=(EVENT,))
    await publish(report, "prod", "fraud", "uid-1", listener)
    return listener.heard


async def test_a_changed_status_is_written_before_its_events() -> None:
    assert await told(Listener(), is_changed=True) == [
        ("prod", "fraud", {"phase": "Healthy"}),
        ("prod", "fraud", "uid-1", EVENT),
    ]


async def test_a_status_that_says_the_same_is_left_alone() -> None:
    assert await told(Listener(), is_changed=False) == [("prod", "fraud", "uid-1", EVENT)]


async def test_a_decision_is_on_record_before_it_can_fail_to_be_stored() -> None:
    listener = Listener(Conflict("changed"))
    report = Report(status={}, is_changed=True, happenings=(EVENT,), record="{}")
    with pytest.raises(Conflict):
        await publish(report, "prod", "fraud", "uid-1", listener)
    assert listener.heard == [("prod", "fraud", "{}")]


async def test_a_status_that_is_refused_is_told_by_event_since_it_cannot_tell_itself() -> None:
    """The definition is an older one, say, or the operator may not write any."""
    refusal = WriteRefused("status of 'fraud'", 422, 'phase: Unsupported value: "Degraded"')
    listener = Listener(refusal)
    with pytest.raises(WriteRefused):
        await told(listener, is_changed=True)
    happening = Happening(reason="StatusRefused", message=str(refusal), is_warning=True)
    assert listener.heard == [("prod", "fraud", "uid-1", happening)]


async def test_what_was_not_stored_is_not_told() -> None:
    listener = Listener(Conflict("changed"))
    with pytest.raises(Conflict):
        await told(listener, is_changed=True)
    assert listener.heard == []
