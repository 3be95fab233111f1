"""A lookout looks when something changed or its time has come, and nothing ends it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from serinus.errors import Conflict, NameTaken, OutsideUnavailable
from serinus.lookout import Look, Lookout
from serinus.lookouts import Operator
from serinus.reconcile import World
from serinus.resource.body import Resource, has_split
from serinus.resource.names import FINALIZER
from tests.integration.within import until

Body = dict[str, Any]
ROLLING_OUT = {"rollout": {"evidenceSince": "2030-01-01T00:00:00Z"}}


def body(version: int = 1, generation: int = 1, uid: str = "uid", **metadata: Any) -> Body:
    return {
        "metadata": {
            "namespace": "space",
            "name": "fraud",
            "uid": uid,
            "generation": generation,
            "resourceVersion": str(version),
            "finalizers": [FINALIZER],
            **metadata,
        },
        "spec": {},
    }


@dataclass
class FakeOutside:
    """Holds one body; what is read anew is what the test says is true."""

    held: Body | None = None
    truth: Body | None = None
    outcomes: list[str] = field(default_factory=list)
    lags_seconds: list[float] = field(default_factory=list)
    bugs: int = 0
    is_filled: asyncio.Event = field(default_factory=asyncio.Event)
    forgotten: list[tuple[str, str]] = field(default_factory=list)

    async def credentials(self) -> Mapping[str, Any]:
        return {}

    async def filled(self) -> None:
        await self.is_filled.wait()

    def newest(self, _namespace: str, _name: str) -> Body | None:
        return self.held

    def has_split(self, namespace: str, name: str) -> bool:
        return has_split(self.newest(namespace, name))

    def deliver(self, body: Mapping[str, Any]) -> None:
        self.held = dict(body)

    async def refresh(self, _namespace: str, _name: str) -> None:
        self.held = self.truth or self.held

    async def forget(self, namespace: str, name: str) -> None:
        self.forgotten.append((namespace, name))

    def world(self, body: Mapping[str, Any]) -> World:
        return cast("World", body)

    async def all_told(self) -> None:
        """Nothing waits here."""

    def looked(
        self, outcome: str, lag_seconds: float, duration_seconds: float, *, has_split: bool
    ) -> None:
        self.outcomes.append(outcome)
        self.lags_seconds.append(lag_seconds)

    def bug(self) -> None:
        self.bugs += 1


@dataclass
class Looks:
    """What was looked at; each look does the next thing on the list, the last one for ever."""

    then: list[float | Exception] = field(default_factory=lambda: [60.0])
    at: list[str] = field(default_factory=list)

    async def __call__(self, resource: Resource, _world: World) -> float:
        self.at.append(resource.resource_version)
        what = self.then.pop(0) if len(self.then) > 1 else self.then[0]
        if isinstance(what, Exception):
            raise what
        return what


@pytest.fixture
def outside() -> FakeOutside:
    outside = FakeOutside()
    outside.is_filled.set()
    return outside


@pytest.fixture
def looks() -> Looks:
    return Looks()


@asynccontextmanager
async def looking(outside: FakeOutside, looks: Look, **more: Any) -> AsyncIterator[Lookout]:
    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=looks, **more)
    lookout.deliver(body())
    task = asyncio.create_task(lookout.keep_looking())
    try:
        yield lookout
        is_over = task.done() and not lookout.is_leaving
        assert not is_over, "it has ended by itself"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settle() -> None:
    await asyncio.sleep(0.05)


async def test_it_looks_at_once_and_then_when_its_time_has_come(
    outside: FakeOutside, looks: Looks
) -> None:
    looks.then = [0.1, 60.0]
    async with looking(outside, looks):
        await settle()
        assert len(looks.at) == 1
        await until(lambda: len(looks.at) == 2)


async def test_a_step_is_looked_at_when_it_is_over_and_not_a_moment_later(
    outside: FakeOutside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.lookout.random.random", lambda: 1.0)
    began_before: list[float] = []

    async def look(_resource: Resource, _world: World) -> float:
        began_before.append(time.monotonic())
        return 60.0

    async with looking(outside, look) as lookout:
        lookout.deliver({**body(), "status": ROLLING_OUT})
        await until(lambda: bool(began_before) and not lookout.looking.locked())
        assert lookout.due_at is not None
        assert lookout.due_at <= began_before[0] + 60.0


async def test_it_does_not_look_before_all_is_known(outside: FakeOutside, looks: Looks) -> None:
    outside.is_filled.clear()
    async with looking(outside, looks) as lookout:
        lookout.wake()
        await settle()
        assert (looks.at, lookout.overdue_seconds()) == ([], 0.0)
        outside.is_filled.set()
        await until(lambda: looks.at)


async def test_it_does_not_look_before_the_finalizer_is_there(
    outside: FakeOutside, looks: Looks
) -> None:
    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=looks)
    lookout.deliver(body(finalizers=[]))
    task = asyncio.create_task(lookout.keep_looking())
    await settle()
    assert looks.at == []
    lookout.deliver(body(version=2))
    await until(lambda: looks.at == ["2"])
    task.cancel()


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 2},
        {"annotations": {"serinus.dev/promote": "abc"}},
        {"deletionTimestamp": "2026-01-01T00:00:00Z"},
    ],
    ids=["spec", "command", "deletion"],
)
async def test_what_a_person_does_is_looked_at_at_once(
    outside: FakeOutside, looks: Looks, change: Body
) -> None:
    async with looking(outside, looks) as lookout:
        await until(lambda: looks.at == ["1"])
        lookout.deliver(body(version=2, **change))
        await until(lambda: looks.at == ["1", "2"])


async def test_our_own_status_writes_wake_nobody(outside: FakeOutside, looks: Looks) -> None:
    async with looking(outside, looks) as lookout:
        await until(lambda: looks.at)
        lookout.deliver({**body(version=2), "status": {"phase": "Healthy"}})
        lookout.deliver(body(version=3, annotations={"argocd.example/sync": "1"}))
        await settle()
        assert looks.at == ["1"]


async def test_a_change_during_a_look_is_not_lost(outside: FakeOutside) -> None:
    seen: list[str] = []
    lookouts: list[Lookout] = []

    async def look(resource: Resource, _world: World) -> float:
        seen.append(resource.resource_version)
        if len(seen) == 1:
            lookouts[0].deliver(body(version=2, generation=2))
        return 60.0

    async with looking(outside, cast("Looks", look)) as lookout:
        lookouts.append(lookout)
        await until(lambda: seen == ["1", "2"])


async def test_who_built_on_an_old_version_reads_it_anew_and_looks_at_once(
    outside: FakeOutside, looks: Looks
) -> None:
    outside.truth = body(version=7)
    looks.then = [Conflict("too late"), 60.0]
    async with looking(outside, looks):
        await until(lambda: looks.at == ["1", "7"])
    assert outside.outcomes == ["conflict", "ok"]


async def test_a_race_that_goes_on_is_not_run_at_full_speed(
    outside: FakeOutside, looks: Looks
) -> None:
    looks.then = [Conflict("too late")]
    async with looking(outside, looks):
        await asyncio.sleep(0.3)
    assert 1 < len(looks.at) < 4


@pytest.mark.parametrize(
    ("failure", "outcome", "bugs"),
    [
        (OutsideUnavailable("no answer"), "unavailable", 0),
        (NameTaken("Service", "fraud", "kubectl"), "refused", 0),
        (KeyError("ours"), "bug", 1),
        (TimeoutError(), "unavailable", 0),
    ],
)
async def test_no_failure_ends_it(
    outside: FakeOutside, looks: Looks, failure: Exception, outcome: str, bugs: int
) -> None:
    looks.then = [failure, 60.0]
    async with looking(outside, looks) as lookout:
        await until(lambda: outside.outcomes == [outcome])
        lookout.wake()
        await until(lambda: outside.outcomes == [outcome, "ok"])
    assert outside.bugs == bugs


async def test_the_log_of_a_bug_has_no_pod_template_in_it(
    outside: FakeOutside, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    """People write passwords into them, and kubectl a copy into an annotation."""
    looks.then = [KeyError("ours")]
    template = {"spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "hunter2"}]}]}}
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps(template),
        "serinus.dev/abort": "b/1",
    }
    outside.held = body(annotations=annotations) | {"spec": {"replicas": 9, "template": template}}
    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=looks)
    await lookout.look_once()
    assert "a look failed" in caplog.text
    assert "hunter2" not in caplog.text
    assert "'replicas': 9" in caplog.text
    assert "serinus.dev/abort" in caplog.text


async def test_failures_are_spaced_out_and_a_success_ends_that(
    outside: FakeOutside, looks: Looks
) -> None:
    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=looks)
    lookout.deliver(body())
    looks.then = [OutsideUnavailable("no answer")]
    pauses = [await lookout.look_once() for _ in range(12)]
    assert 0.5 <= pauses[0] <= 1
    assert 4 <= pauses[3] <= 8
    assert 150 <= pauses[-1] <= 300
    looks.then = [10.0]
    assert await lookout.look_once() == 10.0
    looks.then = [OutsideUnavailable("no answer")]
    assert await lookout.look_once() <= 1


async def test_who_is_told_to_stay_away_stays_away(outside: FakeOutside, looks: Looks) -> None:
    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=looks)
    lookout.deliver(body())
    looks.then = [OutsideUnavailable("too many", retry_after_seconds=40)]
    assert await lookout.look_once() == 40


async def test_a_look_that_does_not_end_is_ended(
    outside: FakeOutside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.lookout.LOOK_WITHIN_SECONDS", 0.05)

    async def look(_resource: Resource, _world: World) -> float:
        await asyncio.sleep(60)
        return 0.0

    lookout = Lookout(namespace="space", name="fraud", outside=outside, look=look)
    lookout.deliver(body())
    await lookout.look_once()
    assert outside.outcomes == ["unavailable"]


async def test_a_late_look_is_overdue(outside: FakeOutside, looks: Looks) -> None:
    async with looking(outside, looks) as lookout:
        await until(lambda: looks.at)
        await settle()
        assert lookout.overdue_seconds() == 0.0
        async with lookout.looking:  # as a look does that hangs
            lookout.wake()
            await settle()
            assert lookout.overdue_seconds() > 0.02


# Leaving


def failing(times: int, seen: list[str]) -> Callable[[Resource, World], Any]:
    async def tidy_up(resource: Resource, _world: World) -> None:
        seen.append(resource.resource_version)
        if len(seen) <= times:
            raise OutsideUnavailable("no answer")

    return tidy_up


async def test_a_look_that_takes_longer_than_its_pause_makes_the_next_one_late(
    outside: FakeOutside,
) -> None:
    looked: list[float] = []

    async def look(_resource: Resource, _world: World) -> float:
        await asyncio.sleep(0.3 if not looked else 0.0)
        looked.append(time.monotonic())
        return 0.1 if len(looked) == 1 else 60.0

    async with looking(outside, look) as lookout:
        await until(lambda: len(outside.lags_seconds) == 2)
        assert outside.lags_seconds[1] > 0.15
        assert lookout.overdue_seconds() == 0.0  # it is not late any more: nothing hangs


async def test_who_is_to_look_again_at_once_is_not_late_for_it(
    outside: FakeOutside, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, late = 0, list[float]()

    async def look(_resource: Resource, _world: World) -> float:
        nonlocal looked
        looked += 1
        await asyncio.sleep(0.05)
        return 0.0 if looked == 1 else 60.0

    async with looking(outside, look) as lookout:

        def has_split(*_: str) -> bool:
            late.append(lookout.overran_seconds)
            return False

        monkeypatch.setattr(outside, "has_split", has_split)
        await until(lambda: len(outside.lags_seconds) == 2)
    assert set(late) == {0.0}


async def test_leaving_is_tried_until_it_is_done(
    outside: FakeOutside, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.lookout.LONGEST_BACKOFF_SECONDS", 0.01)
    seen: list[str] = []
    async with looking(outside, looks, tidy_up=failing(2, seen)) as lookout:
        await lookout.leave()
        assert seen == ["1", "1", "1"]


async def test_leaving_does_not_take_for_ever(
    outside: FakeOutside, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.lookout.LEAVE_WITHIN_SECONDS", 0.1)
    async with looking(outside, looks, tidy_up=failing(1000, [])) as lookout:
        async with asyncio.timeout(2):
            await lookout.leave()


async def test_nobody_looks_at_what_has_been_left(outside: FakeOutside, looks: Looks) -> None:
    async with looking(outside, looks, tidy_up=failing(0, [])) as lookout:
        await until(lambda: looks.at)
        await lookout.leave()
        lookout.wake()
        await settle()
        assert (len(looks.at), lookout.overdue_seconds()) == (1, 0.0)


async def test_leaving_waits_for_the_look_that_is_under_way(outside: FakeOutside) -> None:
    order: list[str] = []

    async def look(_resource: Resource, _world: World) -> float:
        order.append("looking")
        await asyncio.sleep(0.05)
        order.append("looked")
        return 60.0

    async def tidy_up(_resource: Resource, _world: World) -> None:
        order.append("left")

    async with looking(outside, cast("Looks", look), tidy_up=tidy_up) as lookout:
        await until(lambda: order)
        await lookout.leave()
    assert order == ["looking", "looked", "left"]


# The operator


async def test_a_wake_finds_the_resource_of_that_name(outside: FakeOutside) -> None:
    operator = Operator(outside)
    lookout = operator.lookout(body())
    operator.wake("space", "other")
    assert not lookout.changed.is_set()
    operator.wake("space", "fraud")
    assert lookout.changed.is_set()


async def test_the_end_of_a_namesake_is_not_the_end_of_the_new_one(outside: FakeOutside) -> None:
    operator = Operator(outside)
    operator.lookout(body(uid="old"))
    new = operator.lookout(body(uid="new"))
    await operator.forget(body(uid="old"))
    operator.wake("space", "fraud")
    assert new.changed.is_set()
    assert outside.forgotten == []
    await operator.forget(body(uid="new"))
    assert outside.forgotten == [("space", "fraud")]
