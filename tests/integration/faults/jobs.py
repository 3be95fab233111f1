"""All the runs of `make faults`: a kill at every write, and everything else that can go wrong."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.faults.invariants_of_memory import events_lost
from tests.integration.faults.kills import When, at_number
from tests.integration.faults.run import Outcome, Run
from tests.integration.faults.story import whole

PLACES: tuple[When, ...] = ("before", "after")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one run says to the process that counts."""

    name: str
    act: str
    injected: str
    """What was hit, "" where the write never came."""
    times: int = 1
    violations: tuple[str, ...]
    lost: float
    lost_to_the_dead: float
    events_lost: tuple[str, ...]
    seconds: float

    def hit_by(self, what: str, times: int, hits: list[str]) -> "Told":
        """Return the same of a run under an outage that happened so many times."""
        injected = f"{what} x {times} {', '.join(hits)}".rstrip()
        return replace(self, act=what, injected=injected, times=times)

    def as_line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))


@dataclass
class Worker:
    """Plays its share of the runs on an API server of its own, some at a time."""

    plane: ControlPlane
    admin: Admin
    folder: Path
    ending: dict[str, Any]
    """What an uninterrupted run reached."""
    tell: Callable[[Told], None]

    async def kill_at(self, number: int, when: When) -> None:
        """Play the whole story with one kill at the Nth write."""
        name = f"kill-{number}-{when}"
        run = Run(
            self.plane, self.admin, name, self.folder / name, kills=(at_number(number, when),)
        )
        began_at = monotonic()
        outcome = await run.play(whole)
        self.tell(judged(name, outcome, self.ending, monotonic() - began_at))

    async def share(
        self, numbers: list[tuple[int, When]], at_once: int, until_seconds: float
    ) -> int:
        """Play these kills for as long as there is time; return how many were left out."""
        waiting = list(reversed(numbers))

        async def work() -> None:
            while waiting and monotonic() < until_seconds:
                await self.kill_at(*waiting.pop())

        await asyncio.gather(*(work() for _ in range(at_once)))
        return len(waiting)


def judged(name: str, outcome: Outcome, ending: dict[str, Any], seconds: float) -> Told:
    """Return what is told of a run: its violations, another ending than the usual included."""
    violations = list(outcome.violations)
    if outcome.ending and outcome.ending != ending:
        differing = {key: value for key, value in outcome.ending.items() if ending[key] != value}
        violations.append(f"it ended elsewhere: {differing}")
    injected = outcome.injected[0] if outcome.injected else ""
    return Told(
        name=name,
        act=injected.partition(" ")[2].partition(":")[0],
        injected=injected,
        violations=tuple(violations),
        lost=outcome.lost,
        lost_to_the_dead=outcome.lost_to_the_dead,
        events_lost=tuple(events_lost(outcome.account)),
        seconds=seconds,
    )
