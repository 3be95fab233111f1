"""The first revision: nothing to compare it with, nothing to fall back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import pytest

from serinus.errors import Conflict
from serinus.observe.snapshot import ObjectSeen, RouteSeen
from serinus.resource.status import Fate, Memory, Phase
from tests.build import (
    CANARY,
    MODEL,
    NOW,
    THIRD,
    Given,
    ago,
    drained,
    given,
    memory,
    preparing,
)
from tests.fakes.models import CRASHING, STUCK
from tests.fakes.world import FakeWorld, world_of
from tests.unit.decide.facts import shown

NOTHING = memory("")
INSTALLING = memory("", rollout=preparing())
BEGUN = {"rollout.weight": 0, "rollout.started_at": NOW, "rollout.capacity_asked_at": NOW}


def overdue(seconds: float) -> Memory:
    begun = preparing(started_at=ago(seconds), capacity_asked_at=ago(seconds))
    return memory("", rollout=begun)


CASES: dict[str, tuple[Given, dict[str, Any]]] = {
    "before the first revision, a missing reference leaves nothing to start": (
        given(memory=NOTHING, wants=None),
        {
            "phase": Phase.PENDING,
            "reason": "ReferenceMissing",
            "stalled": True,
            "sizes": {},
            "canary_gets": None,
            "says": "ConfigMap 'thresholds' does not exist",
        },
    ),
    "the first revision starts at its full size, without a route": (
        given(memory=NOTHING, wants=CANARY),
        BEGUN
        | {
            "phase": Phase.PENDING,
            "reason": "FirstRevisionStarting",
            "sizes": {CANARY: 4},
            "canary_gets": None,
            "told": ["Installing"],
            "says": "starting the first revision, version 2",
        },
    ),
    "a corrected spec takes the place of a first revision that does not start": (
        given(memory=memory("", rollout=preparing(revision=THIRD)), wants=CANARY),
        BEGUN | {"canary": CANARY, "sizes": {CANARY: 4, THIRD: 0}, "history": []},
    ),
    "one that serves all the same, from an earlier life of the resource, goes on": (
        given(
            memory=memory("", rollout=preparing(revision=THIRD)),
            wants=CANARY,
            behind={MODEL: frozenset({f"{MODEL}-{THIRD}-0"})},
        ),
        {"canary": CANARY, "sizes": {CANARY: 4}, "draining": {}},
    ),
    "so does one that a route of that life leads to": (
        given(memory=memory("", rollout=preparing(revision=THIRD)), wants=CANARY).with_children(
            route=RouteSeen(weights={f"{MODEL}-{THIRD}": 100}, is_programmed=True)
        ),
        {"canary": CANARY, "sizes": {CANARY: 4}, "draining": {}},
    ),
    "so does one that its Services were made for, though none of its pods is ready": (
        given(
            memory=memory("", rollout=preparing(revision=THIRD)), ready={THIRD: 0}, wants=CANARY
        ).with_children(
            objects={
                ("Service", MODEL): ObjectSeen(
                    kind="Service", name=MODEL, applied="1", revision=THIRD
                )
            }
        ),
        {"canary": CANARY, "sizes": {CANARY: 4}, "draining": {}},
    ),
    "one that was started and is not remembered leaves its room as well": (
        given(memory=NOTHING, sizes={THIRD: 4}, wants=CANARY),
        BEGUN | {"canary": CANARY, "sizes": {CANARY: 4, THIRD: 0}, "draining": {THIRD: NOW}},
    ),
    "one that is asked for again has its room back": (
        given(
            memory=memory(
                "", rollout=preparing(revision=THIRD), draining=(drained(CANARY, ago(5)),)
            ),
            wants=CANARY,
        ),
        {"canary": CANARY, "sizes": {CANARY: 4, THIRD: 0}, "draining": {THIRD: NOW}},
    ),
    "it is waited for until every pod is ready": (
        given(memory=INSTALLING, ready={CANARY: 3}, words="ContainerCreating"),
        {
            "rule": "first_revision_is_not_serving_yet",
            "stalled": False,
            "sizes": {CANARY: 4},
            "told": [],
            "canary_gets": None,
            "says": "3 of 4 pods of the first revision are ready: ContainerCreating",
        },
    ),
    "and has the size asked for": (
        given(memory=INSTALLING, sizes={CANARY: 5}),
        {"phase": Phase.PENDING, "sizes": {CANARY: 4}},
    ),
    "it may take as long as the deadline says": (
        given(memory=overdue(600), ready={CANARY: 0}),
        {"stalled": False},
    ),
    "after that a person has to look": (
        given(memory=overdue(601), ready={CANARY: 0}),
        {"stalled": True, "phase": Phase.PENDING},
    ),
    "then it serves": (
        given(memory=INSTALLING),
        {
            "phase": Phase.HEALTHY,
            "reason": "Installed",
            "stable": CANARY,
            "canary": "",
            "canary_gets": 0,
            "sizes": {CANARY: 4},
            "history": [(CANARY, Fate.INSTALLED)],
            "told": ["Installed"],
            "warns": False,
            "look": 0.0,
        },
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_first(sentence: str) -> None:
    case, expected = CASES[sentence]
    assert shown(case.decide(), expected) == expected


@dataclass
class HastyWorld(FakeWorld):
    """Its people edit the resource between a look's writes and its status."""

    edits: list[str] = field(default_factory=list)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        if self.edits:
            self.deploy(self.edits.pop(0))
            raise Conflict("the resource is at another version")
        await super().write_status(namespace, name, status)

    async def look(self) -> float:
        try:
            return await super().look()
        except Conflict:
            return 0.0


async def test_versions_edited_away_within_the_first_look_leave_their_room_to_the_last() -> None:
    made = world_of(v1=STUCK, v2=STUCK, v3=STUCK)
    world = HastyWorld(**{each.name: getattr(made, each.name) for each in fields(made)})
    world.edits = ["2", "3"]

    await world.run(60)

    assert world.cluster.pods_made == 12
    assert {pod.version for pod in world.cluster.pods.values()} == {"3"}
    assert world.status["canaryVersion"] == "3"


async def test_a_first_version_that_does_not_start_leaves_its_room_to_the_next_one() -> None:
    """A node with one GPU has no place for both."""
    world = world_of(v1=CRASHING, v2=STUCK)
    await world.run(60)

    world.deploy("2")
    await world.run(120)

    assert {pod.version for pod in world.cluster.pods.values()} == {"2"}
    assert world.status["phase"] == "Pending"
