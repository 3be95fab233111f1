"""Every transition is recorded, and the record alone leads to the same decision again."""

from __future__ import annotations

import json

import pytest

from serinus.report.record import replay_record
from tests.fakes.models import CRASHING, GOOD, NULLS
from tests.fakes.world import FakeWorld, serving


async def eventful() -> FakeWorld:
    """A promotion, a rollback on evidence and a crash, one after the other."""
    world = await serving()
    for version, behaviour in (("2", GOOD), ("3", NULLS), ("4", CRASHING)):
        world.deploy(version, behaviour)
        await world.run(180)
    return world


async def test_a_record_replays_to_the_decision_it_tells() -> None:
    world = await eventful()

    told = [json.loads(record) for record in world.records]
    assert {"an_objective_failed", "every_step_passed", "canary_is_crash_looping"} <= {
        record["rule"] for record in told
    }
    for record, text in zip(told, world.records, strict=True):
        decision = replay_record(text)
        assert (decision.rule, decision.phase, decision.reason, decision.message) == (
            record["rule"],
            record["phase"],
            record["reason"],
            record["message"],
        )


async def test_a_record_holds_no_template_and_a_steady_look_makes_none() -> None:
    world = await eventful()
    count = len(world.records)
    assert not any("models/fraud" in record for record in world.records)

    await world.run(600)

    assert len(world.records) == count


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(ValueError, match="no decision record of format 1"):
        replay_record("{}")
