"""What is stored of the spec that could be followed last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from serinus.observe.last_asked import LONGEST_TEXT, read_asked, write_asked
from serinus.resource.status import Memory, Rollout
from tests.fakes.world import START, spec_of

ROLLOUT = Rollout(revision="r2", version="2", started_at=START, capacity_asked_at=START)
MEMORY = Memory(rollout=ROLLOUT)


def test_a_spec_is_read_back_without_its_template() -> None:
    spec = spec_of()
    read = read_asked(write_asked(spec, MEMORY), MEMORY)
    assert read is not None
    assert {**read, "template": None} == {**spec, "template": None}
    assert "models/fraud" not in str(read)


def test_what_was_asked_for_another_rollout_is_not_believed() -> None:
    retried = ROLLOUT.model_copy(update={"started_at": START + timedelta(hours=1)})
    text = write_asked(spec_of(), MEMORY)
    assert read_asked(text, Memory(rollout=retried)) is None
    assert read_asked(text, Memory()) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"rollout": "r2"}'])
def test_what_cannot_be_read_is_not_there(text: str) -> None:
    assert read_asked(text, MEMORY) is None


def test_what_would_take_the_room_of_evidence_is_not_stored() -> None:
    objective: dict[str, Any] = {"name": "huge", "query": "x" * LONGEST_TEXT}
    assert write_asked(spec_of(objectives=[objective]), MEMORY) == ""
