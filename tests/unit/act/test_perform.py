"""A plan is carried out in order, and stops where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from serinus.act.perform import Outcome, perform
from serinus.act.plan import Apply, Delete, Release
from serinus.errors import Conflict, NameTaken, OutsideUnavailable, WriteRefused
from serinus.observe.snapshot import ObjectSeen


class Cluster:
    """Takes every write but one."""

    def __init__(self, failure: Exception | None = None, at: str = "") -> None:
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
        self._take(manifest["name"], is_ours, *(["urgent"] if is_urgent else []))

    async def release(self, kind: str, namespace: str, name: str) -> None:
        self._take(name, "released", kind, namespace)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        self._take(name, kind, namespace)

    def _take(self, name: str, *others: Any) -> None:
        if self.failure is not None and name == self.at:
            raise self.failure
        self.written.append((name, *others))


def applying(name: str, *, is_ours: bool = False) -> Apply:
    return Apply(manifest={"name": name}, kind="Service", name=name, is_ours=is_ours)


ACTIONS = (applying("a", is_ours=True), applying("b"), Delete(kind="Deployment", name="c"))


async def test_everything_is_written_in_order() -> None:
    cluster = Cluster()
    outcome = await perform(ACTIONS, "prod", cluster)
    assert outcome == Outcome(done=ACTIONS, failure=None)
    assert cluster.written == [("a", True), ("b", False), ("c", "Deployment", "prod")]


async def test_what_outlives_the_resource_is_released() -> None:
    cluster = Cluster()
    await perform((Release(kind="ConfigMap", name="d"),), "prod", cluster)
    assert cluster.written == [("d", "released", "ConfigMap", "prod")]


async def test_what_is_urgent_is_written_as_such() -> None:
    cluster = Cluster()
    await perform((replace(applying("a"), is_urgent=True),), "prod", cluster)
    assert cluster.written == [("a", False, "urgent")]


@pytest.mark.parametrize(
    "failure",
    [
        NameTaken("Service", "b", "kubectl"),
        WriteRefused("Service b", 403, "forbidden"),
        OutsideUnavailable("503"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_the_first_failure_ends_it_and_is_told(failure: Any) -> None:
    cluster = Cluster(failure, at="b")
    outcome = await perform(ACTIONS, "prod", cluster)
    assert outcome == Outcome(done=ACTIONS[:1], failure=failure)
    assert cluster.written == [("a", True)]


async def test_what_was_decided_on_an_old_picture_has_no_outcome() -> None:
    """Nor may it be stored: the next look decides."""
    cluster = Cluster(Conflict("b"), at="b")
    with pytest.raises(Conflict):
        await perform(ACTIONS, "prod", cluster)
    assert cluster.written == [("a", True)]


@pytest.mark.parametrize("failure", [OutsideUnavailable("503"), Conflict("another uid")])
async def test_a_delete_that_fails_ends_it_too(failure: Any) -> None:
    outcome = await perform(ACTIONS, "prod", Cluster(failure, at="c"))
    assert outcome == Outcome(done=ACTIONS[:2], failure=failure)


async def test_a_fault_of_our_own_is_no_outcome() -> None:
    with pytest.raises(KeyError):
        await perform(ACTIONS, "prod", Cluster(KeyError("b"), at="b"))
