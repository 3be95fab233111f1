"""A plan is carried out in order, and what was refused holds up what rests on it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from serinus.act.perform import Outcome, perform
from serinus.act.plan import Apply, Delete, HandOver
from serinus.errors import Conflict, NameTaken, OutsideUnavailable, WriteRefused
from serinus.observe.snapshot import ObjectSeen


class Cluster:
    """Takes every write but some."""

    def __init__(self, failure: Exception | None = None, *at: str) -> None:
        self.failure, self.at = failure, at
        self.written: list[tuple[Any, ...]] = []

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        self._take(manifest["metadata"]["name"], is_ours, *(["urgent"] if is_urgent else []))

    async def hand_over(
        self, kind: str, namespace: str, name: str, owner: Mapping[str, Any] | None
    ) -> None:
        self._take(name, "handed to", owner, kind, namespace)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        self._take(name, kind, namespace)

    def _take(self, name: str, *others: Any) -> None:
        if self.failure is not None and name in self.at:
            raise self.failure
        self.written.append((name, *others))


def applying(name: str, kind: str = "Service", *, of: str = "", is_ours: bool = False) -> Apply:
    labels = {"serinus.dev/revision": of} if of else {}
    manifest = {"metadata": {"name": name, "labels": labels}}
    return Apply(manifest=manifest, kind=kind, name=name, is_ours=is_ours)


ACTIONS = (applying("a", is_ours=True), applying("b"), Delete(kind="Deployment", name="c"))


async def test_everything_is_written_in_order() -> None:
    cluster = Cluster()
    outcome = await perform(ACTIONS, "prod", cluster)
    assert outcome == Outcome(done=ACTIONS, failures=())
    assert cluster.written == [("a", True), ("b", False), ("c", "Deployment", "prod")]


@pytest.mark.parametrize("owner", [None, {"uid": "uid-1"}])
async def test_what_goes_with_another_or_with_nobody_is_handed_over(owner: Any) -> None:
    cluster = Cluster()
    await perform((HandOver(kind="ConfigMap", name="d", owner=owner),), "prod", cluster)
    assert cluster.written == [("d", "handed to", owner, "ConfigMap", "prod")]


async def test_what_is_urgent_is_written_as_such() -> None:
    cluster = Cluster()
    await perform((replace(applying("a"), is_urgent=True),), "prod", cluster)
    assert cluster.written == [("a", False, "urgent")]


REFUSALS = [
    NameTaken("Service", "b", "kubectl"),
    WriteRefused("Service b", 403, "forbidden"),
]
ROUTE = applying("route", "HTTPRoute")
OLD = Delete(kind="Deployment", name="old")
LATE = applying("late", "CronJob")


def names(cluster: Cluster) -> list[str]:
    return [name for name, *_ in cluster.written]


@pytest.mark.parametrize("failure", REFUSALS, ids=lambda failure: type(failure).__name__)
async def test_what_does_not_rest_on_what_was_refused_is_done(failure: Any) -> None:
    kept = HandOver(kind="ConfigMap", name="kept")
    cluster = Cluster(failure, "route")
    outcome = await perform((ROUTE, applying("a"), kept, LATE), "prod", cluster)
    assert names(cluster) == ["a", "kept", "late"]
    assert outcome == Outcome(done=(applying("a"), kept, LATE), failures=(failure,))


@pytest.mark.parametrize("failure", REFUSALS, ids=lambda failure: type(failure).__name__)
async def test_nothing_is_deleted_where_something_could_not_be_written(failure: Any) -> None:
    """A route that could not be written leads to it still."""
    cluster = Cluster(failure, "route")
    outcome = await perform((ROUTE, applying("a"), OLD, LATE), "prod", cluster)
    assert names(cluster) == ["a", "late"]
    assert outcome == Outcome(done=(applying("a"), LATE), failures=(failure,))


@pytest.mark.parametrize("kind", ["ControllerRevision", "ConfigMap", "Deployment"])
async def test_what_a_revision_lacks_holds_up_all_that_follows_for_it(kind: str) -> None:
    """No pods without their record and their ConfigMaps, and no Service that has none."""
    lacking = applying("lacking", kind, of="canary")
    of_it = (applying("pods", "Deployment", of="canary"), applying("b", of="canary"))
    others = (applying("c", of="stable"), applying("d", "CronJob", of="stable"))
    cluster = Cluster(WriteRefused(kind, 403, "no room"), "lacking")
    await perform((lacking, *of_it, *others), "prod", cluster)
    assert names(cluster) == ["c", "d"]


async def test_one_that_is_there_and_could_not_be_changed_holds_up_nothing() -> None:
    """Stable runs, whatever a policy says of its Deployment since."""
    there = applying("there", "Deployment", of="stable", is_ours=True)
    cluster = Cluster(WriteRefused("Deployment", 403, "a policy"), "there")
    await perform((there, applying("b", of="stable")), "prod", cluster)
    assert names(cluster) == ["b"]


async def test_a_service_that_was_refused_keeps_no_other_from_being_made() -> None:
    first, second = applying("a", of="stable"), applying("b", of="stable")
    cluster = Cluster(NameTaken("Service", "a", "kubectl"), "a")
    await perform((first, second), "prod", cluster)
    assert names(cluster) == ["b"]


async def test_what_has_no_revision_is_no_part_of_one() -> None:
    evidence = applying("evidence", "ConfigMap")
    cluster = Cluster(WriteRefused("ConfigMap", 403, "no room"), "evidence")
    await perform((evidence, applying("b")), "prod", cluster)
    assert names(cluster) == ["b"]


async def test_where_nobody_answers_nothing_more_is_asked() -> None:
    failure = OutsideUnavailable("503")
    cluster = Cluster(failure, "b")
    outcome = await perform((*ACTIONS, LATE), "prod", cluster)
    assert names(cluster) == ["a"]
    assert outcome == Outcome(done=ACTIONS[:1], failures=(failure,))


async def test_all_that_failed_is_told_first_things_first() -> None:
    failure = NameTaken("Service", "x", "kubectl")
    outcome = await perform(ACTIONS, "prod", Cluster(failure, "a", "b"))
    assert outcome.words == f"{failure}; {failure}"
    assert Outcome().words == ""


async def test_what_was_decided_on_an_old_picture_has_no_outcome() -> None:
    """Nor may it be stored: the next look decides."""
    cluster = Cluster(Conflict("b"), "b")
    with pytest.raises(Conflict):
        await perform(ACTIONS, "prod", cluster)
    assert cluster.written == [("a", True)]


async def test_a_deletion_that_fails_keeps_no_other_from_being_done() -> None:
    failure = Conflict("another uid")
    cluster = Cluster(failure, "old")
    outcome = await perform((OLD, Delete(kind="Service", name="old-too"), LATE), "prod", cluster)
    assert names(cluster) == ["old-too", "late"]
    assert outcome.failures == (failure,)


async def test_a_fault_of_our_own_is_no_outcome() -> None:
    with pytest.raises(KeyError):
        await perform(ACTIONS, "prod", Cluster(KeyError("b"), "b"))
