"""Whom an answer concerns that another one asked for is looked at now, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import pytest

from serinus.alarm import Alarm, Overheard, is_rolling_out, would_move
from serinus.errors import OutsideUnavailable
from serinus.lookout import Lookout, Outside
from serinus.resource.body import Resource, has_split
from serinus.resource.names import FINALIZER
from serinus.resource.objective_template import TemplateReference
from serinus.resource.objectives import Templates
from serinus.signals.series import KUBERNETES_LABELS, Answer, Series
from tests.fakes.models import ERRING, GOOD
from tests.fakes.world import FakeWorld, serving, spec_of
from tests.integration.within import until

NOTHING_NEW = (Answer(), KUBERNETES_LABELS)
ROLLING_OUT = {"rollout": {"evidenceSince": "2030-01-01T00:00:00Z"}}


def body(name: str, status: Mapping[str, Any] = ROLLING_OUT) -> dict[str, Any]:
    metadata = {"namespace": "prod", "name": name, "uid": name, "resourceVersion": "1"}
    return {"metadata": {**metadata, "finalizers": [FINALIZER]}, "spec": {}, "status": status}


@dataclass
class FakeOutside:
    """Knows a body of each name; counts failures of ours."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    bugs: int = 0

    def newest(self, _namespace: str, name: str) -> Mapping[str, Any] | None:
        return self.bodies.get(name)

    def has_split(self, namespace: str, name: str) -> bool:
        return has_split(self.newest(namespace, name))

    def overhearing(self, body: Mapping[str, Any]) -> Overheard:
        return cast("Overheard", body)

    def bug(self) -> None:
        self.bugs += 1


def lookouts(*names: str, outside: FakeOutside) -> dict[str, Lookout]:
    outside.bodies |= {name: body(name) for name in names}
    of = cast("Outside", outside)
    return {name: Lookout(namespace="prod", name=name, outside=of) for name in names}


@asynccontextmanager
async def listening(
    those: dict[str, Lookout], outside: FakeOutside, moves: Callable[[str], bool]
) -> AsyncIterator[Alarm]:
    async def would_move(resource: Resource, _world: Overheard) -> bool:
        return moves(resource.name)

    alarm = Alarm(lookouts=those.values, outside=outside, would_move=would_move)
    task = asyncio.create_task(alarm.keep_listening())
    try:
        yield alarm
        assert not task.done(), "it has ended by itself"
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_whom_an_answer_concerns_is_woken_and_nobody_else() -> None:
    outside = FakeOutside()
    those = lookouts("good", "bad", outside=outside)
    async with listening(those, outside, lambda name: name == "bad") as alarm:
        await asyncio.sleep(0.01)
        assert not those["bad"].changed.is_set()
        alarm.heard(*NOTHING_NEW)
        await until(those["bad"].changed.is_set)
    assert not those["good"].changed.is_set()


async def test_one_that_fails_spoils_it_for_nobody() -> None:
    outside = FakeOutside()
    those = lookouts("down", "broken", "bad", outside=outside)

    def moves(name: str) -> bool:
        if name == "down":
            raise OutsideUnavailable("Prometheus was not asked yet")
        return 1 / (name != "broken") > 0

    async with listening(those, outside, moves) as alarm:
        alarm.heard(*NOTHING_NEW)
        await until(those["bad"].changed.is_set)
    assert outside.bugs == 1
    assert not those["down"].changed.is_set()


async def test_an_answer_that_comes_meanwhile_is_for_those_too_who_had_their_turn() -> None:
    outside = FakeOutside()
    those = lookouts("first", "second", outside=outside)
    asked: list[str] = []

    def moves(name: str) -> bool:
        asked.append(name)
        if asked == ["first"]:
            alarm.heard(*NOTHING_NEW)
        return asked.count("first") == 2

    async with listening(those, outside, moves) as alarm:
        alarm.heard(*NOTHING_NEW)
        await until(those["first"].changed.is_set)
    assert asked == ["first", "second", "first"]


def counted(model: str, *values: float) -> Series:
    labels = {"namespace": "prod", "pod": f"{model}-5564d9529d-abcde", "code": "500"}
    return Series(labels=labels, samples=tuple(enumerate(values)))


async def test_whose_errors_jumped_has_its_turn_before_all_others() -> None:
    outside = FakeOutside()
    those = lookouts("steady", "busier", "bad", "quiet", outside=outside)
    asked: list[str] = []
    answer = Answer(
        [
            counted("steady", 0, 1000, 2000, 3000),
            counted("busier", 0, 1000, 2000, 3050),
            counted("bad", 5, 5, 5, 35),
        ]
    )

    def moves(name: str) -> bool:
        asked.append(name)
        return name == "quiet"

    async with listening(those, outside, moves) as alarm:
        alarm.heard(answer, KUBERNETES_LABELS)
        alarm.heard(*NOTHING_NEW)  # what says nothing of it takes its turn from nobody
        await until(those["quiet"].changed.is_set)
    assert asked == ["bad", "busier", "steady", "quiet"]


async def test_nobody_has_a_turn_before_the_answers_that_come_together_are_all_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As long as no busy machine stands still between two answers.
    monkeypatch.setattr("serinus.alarm.SILENCE_SECONDS", 0.5)
    monkeypatch.setattr("serinus.alarm.LONGEST_WAIT_SECONDS", 5.0)
    outside = FakeOutside()
    those = lookouts("bad", outside=outside)
    answers_heard, answers_when_asked = 0, list[int]()

    def moves(_name: str) -> bool:
        answers_when_asked.append(answers_heard)
        return True

    async with listening(those, outside, moves) as alarm:
        for _ in range(3):
            alarm.heard(*NOTHING_NEW)
            answers_heard += 1
            for _ in range(5):
                await asyncio.sleep(0)
        await until(those["bad"].changed.is_set)
    assert answers_when_asked == [3]


async def test_answers_that_never_end_keep_nobody_waiting() -> None:
    outside = FakeOutside()
    those = lookouts("bad", outside=outside)

    async def answering(alarm: Alarm) -> None:
        while True:
            alarm.heard(*NOTHING_NEW)
            await asyncio.sleep(0)

    async with listening(those, outside, lambda _name: True) as alarm:
        flood = asyncio.create_task(answering(alarm))
        await until(those["bad"].changed.is_set)
        flood.cancel()


async def test_who_is_looking_has_its_turn_when_that_look_is_over() -> None:
    outside = FakeOutside()
    those = lookouts("busy", "bad", outside=outside)
    async with listening(those, outside, lambda _name: True) as alarm:
        async with those["busy"].looking:
            alarm.heard(*NOTHING_NEW)
            await until(those["bad"].changed.is_set)
            assert not those["busy"].changed.is_set()
        await until(those["busy"].changed.is_set)


def test_only_a_canary_with_traffic_and_without_a_decision_is_listened_for() -> None:
    outside = FakeOutside()
    (one,) = lookouts("a", outside=outside).values()
    assert is_rolling_out(one)
    open_ones: tuple[dict[str, Any], ...]
    open_ones = ({}, {"rollout": {}}, {**ROLLING_OUT, "decision": {"id": "x"}})
    for status in open_ones:
        outside.bodies["a"] = body("a", status)
        assert not is_rolling_out(one)
    outside.bodies["a"] = body("a")
    one.is_leaving = True
    assert not is_rolling_out(one)
    outside.bodies.clear()
    assert not is_rolling_out(one)


async def under_way(canary: Any) -> FakeWorld:
    """A world on its first step, with counts that nobody has looked at yet."""
    world = await serving(spec_of(rollout={"minTime": "30s"}))
    world.deploy("2", canary)
    while not world.status["weight"]:
        await world.second()
    world.next_look = float("inf")
    world.seen_world = world._picture()
    for _ in range(40):
        world.cluster.seconds += 1
        world.prometheus.serve_one_second(world.now().timestamp())
    return world


async def test_fresh_counts_that_fail_an_objective_are_alarming() -> None:
    world = await under_way(ERRING)
    assert await would_move(world.resource, world)


async def test_so_are_those_that_let_a_step_pass() -> None:
    world = await under_way(GOOD)
    assert await would_move(world.resource, world)


async def test_counts_that_change_nothing_are_not() -> None:
    world = await under_way(GOOD)
    rollout = {**world.resource.raw_spec["rollout"], "minTime": "1h"}
    spec = {**world.resource.raw_spec, "rollout": rollout}
    assert not await would_move(replace(world.resource, raw_spec=spec), world)


async def test_nothing_is_alarming_twice() -> None:
    """Who was woken looks; until then nothing new is known."""
    world = await under_way(ERRING)
    assert await would_move(world.resource, world)
    assert not await would_move(world.resource, world)


@dataclass
class Watched:
    """Counts how often a world is observed; what was not overheard yet fails."""

    world: FakeWorld
    times: int = 0
    unheard: str = "nothing"

    def __post_init__(self) -> None:
        self._templates, self._raw = self.world.objective_templates, self.world.raw
        vars(self.world).update(objective_templates=self.objective_templates, raw=self.raw)

    def objective_templates(
        self, namespace: str, references: Sequence[TemplateReference]
    ) -> Templates:
        """Asked for once whenever the world is observed."""
        self.times += 1
        return self._templates(namespace, references)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        if self.unheard in selector:
            raise OutsideUnavailable("not asked yet")
        return await self._raw(selector, window_seconds, at)

    async def alarm(self) -> None:
        """What the alarm sees moves the model; from now on it is counted who looks again."""
        assert await would_move(self.world.resource, self.world)
        self.times = 0


async def test_look_that_was_woken_acts_on_what_the_alarm_has_seen() -> None:
    world = await under_way(ERRING)
    watched = Watched(world)
    await watched.alarm()
    await world.look()
    assert watched.times == 0
    assert (world.trail[-1][1], world.reasons[-1]) == (0, "ObjectiveFailed")


async def test_look_that_comes_too_late_sees_for_itself() -> None:
    world = await under_way(ERRING)
    watched = Watched(world)
    await watched.alarm()
    world.cluster.seconds += 2
    await world.look()
    assert watched.times == 1


async def test_so_does_one_at_a_resource_that_was_written_since() -> None:
    """What a person asked for meanwhile is not passed over."""
    world = await under_way(ERRING)
    await Watched(world).alarm()
    world.annotate("abort", f"{world.status['rollout']['revision']}/enough")
    world.resource = replace(world.resource, resource_version="2")
    await world.look()
    assert "Aborted" in world.reasons


async def test_so_does_one_at_a_canary_that_lost_its_last_ready_pod_since() -> None:
    """The change woke the look that was woken already: there is no other one before its time."""
    world = await under_way(GOOD)
    await Watched(world).alarm()
    for pod in world.cluster.pods.values():
        pod.is_lost = pod.revision == world.status["rollout"]["revision"]
    await world.look()
    assert world.cluster.weights() == {f"fraud-{world.status['stable']['revision']}": 100}
    assert world.reasons[-1] == "CanaryLost"


async def test_so_does_one_that_has_more_to_ask() -> None:
    """Not all its answers were overheard: the first of them says little."""
    world = await under_way(ERRING)
    watched = Watched(world, unheard="null")
    await watched.alarm()
    await world.look()
    assert watched.times == 1


async def test_what_was_seen_serves_one_look_only() -> None:
    world = await under_way(ERRING)
    watched = Watched(world)
    await watched.alarm()
    before = world.resource
    await world.look()
    world.resource = before
    await world.look()
    assert watched.times == 1
