"""Looks again and again until what is awaited is there, and never longer than allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from demo.errors import StoryError, UnreachableError
from demo.sights import Json, Sight, read_sight

POLL_SECONDS = 0.5

Condition = Callable[[Sight], bool]


class Source(Protocol):
    """Where sights come from."""

    def resource(self) -> Json | None: ...

    def load_summary(self) -> Json | None: ...


def never(_: Sight) -> bool:
    return False


@dataclass
class Watcher:
    """Looks, shows what it saw, and remembers the last of it."""

    source: Source
    show: Callable[[Sight], None]
    wall_clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    last: Sight = field(default_factory=lambda: Sight(at=0.0))

    def look(self) -> Sight:
        """What is not to be had now is kept as it was."""
        sight = read_sight(self.wall_clock(), self.source.resource(), self.source.load_summary())
        if sight.load is None:
            sight = Sight(
                at=sight.at,
                generation=sight.generation,
                status=sight.status,
                load=self.last.load,
            )
        self.last = sight
        self.show(sight)
        return sight

    def until(
        self, done: Condition, what: str, within_seconds: float, hopeless: Condition = never
    ) -> Sight:
        """Wait for it; `hopeless` ends a wait that can't end well any more."""
        deadline = self.wall_clock() + within_seconds
        trouble = ""
        while True:
            try:
                sight = self.look()
            except UnreachableError as error:
                trouble = f"; the last look failed: {error}"
            else:
                trouble = ""
                if done(sight):
                    return sight
                if hopeless(sight):
                    raise StoryError(f"{what}: can't be any more: {sight.status.message}")
            if self.wall_clock() > deadline:
                said = self.last.status.message or "nothing"
                raise StoryError(
                    f"{what}: not within {within_seconds:g} s; status says: {said}{trouble}"
                )
            self.sleep(POLL_SECONDS)
