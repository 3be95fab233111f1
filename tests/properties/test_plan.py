"""What was written is not written again, and only what is ours is taken away."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.act.plan import Apply, Delete, plan
from serinus.observe.snapshot import Children, ObjectSeen
from serinus.render.desired import render
from tests.build import Given
from tests.fakes.cluster import FakeCluster
from tests.fakes.models import CRASHING, ERRING, GOOD, NULLS
from tests.fakes.world import START, FakeWorld, serving
from tests.properties.cases import QUICK, cases

BEHAVIOURS = {"2": GOOD, "3": NULLS, "4": CRASHING, "5": ERRING}


def written(case: Given) -> Children:
    """What is seen once everything that should exist was applied."""
    cluster = FakeCluster()
    for manifest in render(case.spec, case.seen, case.decide()).manifests:
        cluster.apply(manifest)
    return cluster.children(START)


@QUICK
@given(cases())
def test_what_was_applied_is_not_due_again(case: Given) -> None:
    decision, seen = case.decide(), written(case)
    known = {**case.seen.children.revisions, **seen.revisions}
    again = replace(case.seen, children=replace(seen, revisions=known))
    assert plan(render(case.spec, again, decision), seen) == ()


@QUICK
@given(cases())
def test_every_manifest_is_applied_once_and_nothing_kept_is_deleted(case: Given) -> None:
    old = ObjectSeen(kind="ConfigMap", name="fraud-old", applied="x", revision="0" * 10)
    seen = replace(case.seen.children, objects={("ConfigMap", "fraud-old"): old})
    desired = render(case.spec, replace(case.seen, children=seen), case.decide())

    actions = plan(desired, seen)

    applied = [(a.kind, a.name) for a in actions if isinstance(a, Apply)]
    asked = [(m["kind"], m["metadata"]["name"]) for m in desired.manifests]
    assert sorted(applied) == sorted(asked)
    deleted = {(a.kind, a.name) for a in actions if isinstance(a, Delete)}
    assert deleted == seen.objects.keys() - desired.kept
    assert case.decide().stable or not deleted


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from(sorted(BEHAVIOURS)), st.integers(1, 60)), max_size=3))
def test_an_unchanged_world_is_left_alone(deployed: list[tuple[str, int]]) -> None:
    """After a few looks at one and the same second there is nothing left to write."""
    asyncio.run(_left_alone(deployed))


async def _left_alone(deployed: list[tuple[str, int]]) -> None:
    world = await serving()
    world.cluster.behaviours.update(BEHAVIOURS)
    for version, seconds in deployed:
        world.deploy(version)
        await world.run(seconds)
    for _ in range(8):
        await world.look()
    before = _written_by(world)
    await world.look()
    assert _written_by(world) == before


def _written_by(world: FakeWorld) -> tuple[int, int, int]:
    return (len(world.cluster.writes), len(world.happenings), id(world.resource))
