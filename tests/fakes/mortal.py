"""A fake world in which the operator may die at any write, right before it or right after."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from serinus.decide.decision import Happening
from serinus.observe.ledgers import Ledgers
from serinus.observe.snapshot import ObjectSeen
from tests.fakes.world import FakeWorld

START_SECONDS = 2.0
"""From a death to the first look of the next life."""


class Killed(BaseException):
    """The operator is no more; nobody in it can catch that."""


@dataclass
class Death:
    """The end of one life."""

    writes_left: int
    is_after: bool
    """Whether the last write arrives."""


@dataclass
class MortalWorld(FakeWorld):
    """Counts the writes of each life down to its end; the next one takes a moment to start."""

    deaths: list[Death] = field(default_factory=list)
    """The ends of this life and of the next ones; a life without an end where there is none."""
    down_until: float = 0.0
    decided: dict[str, set[str]] = field(default_factory=dict)
    """When each terminal decision was taken, by its id: on the route, and in status."""
    on_decision: Callable[[MortalWorld], None] | None = None
    """What happens as soon as one was taken, such as its cause going away."""

    @classmethod
    def of(cls, world: FakeWorld) -> MortalWorld:
        """Return the same world with a mortal operator."""
        return cls(**{each.name: getattr(world, each.name) for each in fields(world)})

    @property
    def is_down(self) -> bool:
        """Whether nobody is there to look."""
        return self.cluster.seconds < self.down_until

    async def look(self) -> float:
        """Take a look, or die in it."""
        if self.is_down:
            return self.down_until - self.cluster.seconds
        try:
            return await super().look()
        except Killed:
            self.ledgers = Ledgers()
            self.down_until = self.cluster.seconds + START_SECONDS
            return START_SECONDS

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        self._die(after=False)
        await super().apply(manifest, is_ours=is_ours, expected=expected)
        text = manifest["metadata"]["annotations"].get("serinus.dev/decision")
        self._note(json.loads(text) if text else None)
        self._die(after=True)

    async def hand_over(
        self, kind: str, namespace: str, name: str, owner: Mapping[str, Any] | None
    ) -> None:
        self._die(after=False)
        await super().hand_over(kind, namespace, name, owner)
        self._die(after=True)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        self._die(after=False)
        await super().delete(kind, namespace, name)
        self._die(after=True)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        self._die(after=False)
        await super().write_status(namespace, name, status)
        self._note(status.get("decision"))
        self._die(after=True)

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        self._die(after=False)
        await super().tell(namespace, name, uid, happening)
        self._die(after=True)

    def _note(self, decision: Mapping[str, Any] | None) -> None:
        if decision:
            self.decided.setdefault(decision["id"], set()).add(decision["at"])
            if self.on_decision is not None:
                self.on_decision(self)

    def _die(self, *, after: bool) -> None:
        if not self.deaths or after != self.deaths[0].is_after:
            return
        self.deaths[0].writes_left -= 1
        if self.deaths[0].writes_left < 0:
            self.deaths.pop(0)
            raise Killed
