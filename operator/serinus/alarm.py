"""The alarm: whom an answer concerns that another one asked for is looked at now.

One answer of Prometheus tells of every model, and comes when the first of them looks; the last of
them would look an interval later. Whose counters jumped has its turn before all others.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from serinus.decide.foresight import Foresight, Foresights
from serinus.decide.rules import decide
from serinus.errors import SerinusError
from serinus.lookout import Lookout
from serinus.observe.gather import Reader, observe
from serinus.resource.body import Resource, is_held, read_resource
from serinus.resource.objectives import in_force
from serinus.resource.spec import parse_spec
from serinus.resource.status import Memory, TerminalDecision, parse_status
from serinus.signals.jumps import jump
from serinus.signals.series import Answer, ScrapeLabels

logger = logging.getLogger(__name__)

LOOKING_PAUSE_SECONDS = 0.05
"""Until who was looking is asked again."""
SILENCE_SECONDS = 0.05
"""A look needs several answers, which come one after the other: who hears the first waits."""
LONGEST_WAIT_SECONDS = 0.25
"""For the last of them; Prometheus may be asked without a pause."""


class Overheard(Reader, Protocol):
    """The world as it is known without asking Prometheus anything."""

    @property
    def foresights(self) -> Foresights:
        """What was foreseen, for the looks that it wakes."""


Foreseeing = Callable[[Resource, Overheard], Awaitable[bool]]


class Overhearing(Protocol):
    """What the alarm needs of the outside."""

    def overhearing(self, body: Mapping[str, Any]) -> Overheard:
        """Return the world as it is known without asking Prometheus anything."""

    def bug(self) -> None:
        """Count a failure of ours."""


async def would_move(resource: Resource, world: Overheard) -> bool:
    """Return whether a look would decide something new by counts nobody has looked at yet.

    A step that passed, or an end for good. The look that is woken is left what was seen, if it
    would ask for nothing more: what was not overheard yet is to be asked for first.
    """
    status = parse_status(resource.raw_status)
    asked = parse_spec(resource.raw_spec, world.defaults.policy)
    counted = world.ledgers.newest(resource.namespace, resource.name)
    seen = await observe(resource, asked, status.memory(), world)
    if seen.ledger == counted:
        return False
    decision = decide(in_force(asked, seen.objectives), status.memory(), seen)
    moves = _position(decision.memory) != _position(status)
    if moves and not seen.metrics_failures:
        version = resource.resource_version
        foresight = Foresight(resource_version=version, seen=seen, decision=decision)
        world.foresights.keep(resource.namespace, resource.name, foresight)
    return moves


def _position(memory: Memory) -> tuple[int | None, TerminalDecision | None]:
    return memory.rollout.step if memory.rollout else None, memory.decision


@dataclass(slots=True, kw_only=True)
class Alarm:
    """Listens to the answers that come, and wakes whoever they concern."""

    lookouts: Callable[[], Collection[Lookout]]
    outside: Overhearing
    would_move: Foreseeing = would_move
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    news: list[tuple[Answer, ScrapeLabels]] = field(default_factory=list)
    """Answers that nobody had a turn for yet."""

    def heard(self, answer: Answer, labels: ScrapeLabels) -> None:
        """Take in what Prometheus has answered somebody, with the labels that say whose it is."""
        self.news.append((answer, labels))
        self.answered.set()

    async def keep_listening(self) -> None:
        """Go through all rollouts whenever there are new answers, who jumped before the others.

        Answers that come meanwhile are for those who had their turn as well, after the others. Who
        is looking has its turn afterwards: what it looks at may be older than the answer.
        """
        waiting, looking = deque[Lookout](), deque[Lookout]()
        while True:
            await self._until_answered(waiting, looking)
            if self.answered.is_set():
                await self._until_silent()
                waiting = self._in_order(waiting, looking)
            lookout = waiting.popleft() if waiting else None
            if lookout is None or not is_rolling_out(lookout):
                continue
            if lookout.looking.locked():
                looking.append(lookout)
            elif await self._is_alarming(lookout):
                lookout.wake()

    async def _until_answered(self, waiting: deque[Lookout], looking: deque[Lookout]) -> None:
        """Wait while nobody is to have a turn; then it is for those who were looking, too."""
        # One model at a time: what is urgent for one of them need not wait for all.
        await asyncio.sleep(0)
        if waiting:
            return
        await self._answer_within(LOOKING_PAUSE_SECONDS if looking else None)
        waiting.extend(looking)
        looking.clear()

    async def _until_silent(self) -> None:
        """Wait for the other answers that a look needs, which come one by one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                while self.answered.is_set():
                    self.answered.clear()
                    await self._answer_within(SILENCE_SECONDS)
        self.answered.clear()

    async def _answer_within(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.answered.wait()

    def _in_order(
        self, waiting: Collection[Lookout], looking: Collection[Lookout]
    ) -> deque[Lookout]:
        """Return who waits, and then all others, but first of all those whose counters jumped."""
        news, self.news = self.news, []
        still = {*waiting, *looking}
        others = (each for each in self.lookouts() if each not in still and _has_split(each))
        return deque(sorted([*waiting, *others], key=lambda each: _jump(each, news), reverse=True))

    async def _is_alarming(self, lookout: Lookout) -> bool:
        async with lookout.looking:
            body = lookout.body()
            try:
                return body is not None and await self.would_move(
                    read_resource(body), self.outside.overhearing(body)
                )
            except SerinusError:
                return False  # its own look will tell
            except Exception:
                self.outside.bug()
                logger.exception("%s/%s: the alarm failed", lookout.namespace, lookout.name)
                return False


def is_rolling_out(lookout: Lookout) -> bool:
    """Return whether a canary has traffic and nothing is decided about it."""
    if lookout.is_leaving or not _has_split(lookout):
        return False
    body = lookout.body()
    return body is not None and is_held(body)


def _has_split(lookout: Lookout) -> bool:
    return lookout.outside.has_split(lookout.namespace, lookout.name)


def _jump(lookout: Lookout, news: Iterable[tuple[Answer, ScrapeLabels]]) -> float:
    """By how much the counters of a model's pods rose above their past, in all that is new."""
    prefix = f"{lookout.name}-"
    pods = (answer.of_pods(lookout.namespace, prefix, labels) for answer, labels in news)
    return max((jump(series) for series in pods), default=0.0)
