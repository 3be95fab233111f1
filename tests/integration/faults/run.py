"""One run: a namespace, a proxy, an operator, a story, and what became of all of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.faults import invariants_of_memory as memory
from tests.integration.faults import invariants_of_traffic as traffic
from tests.integration.faults.account import Account, ending
from tests.integration.faults.kills import Kill
from tests.integration.faults.lives import Lives
from tests.integration.faults.prometheus import PrometheusServer
from tests.integration.faults.proxy import Answer, Forward, Proxy, Write
from tests.integration.faults.recorder import Recorder
from tests.integration.faults.story import ANNOUNCED, REPLICAS, Story
from tests.integration.faults.surroundings import Surroundings
from tests.integration.faults.traffic import Traffic
from tests.integration.operator_process import OPERATOR, grant

CHECKS = (
    traffic.splits_are_whole,
    traffic.nothing_unready_is_given_traffic,
    traffic.a_dead_canary_loses_its_traffic,
    traffic.promotion_is_a_swap,
    traffic.services_move_after_the_route,
    traffic.what_is_used_stays,
    traffic.a_rollback_restores_the_route_first,
    traffic.what_failed_stays_out,
    memory.decisions_are_taken_once,
    memory.decisions_are_not_lost,
    memory.history_only_grows,
    memory.a_revision_is_promoted_once,
    memory.the_spec_is_peoples,
    memory.status_is_of_stable_and_of_kstatus,
    memory.verdicts_carry_their_evidence,
    memory.things_are_announced_once,
    memory.writes_are_owned,
    memory.one_writes_at_a_time,
)

QUIET_SECONDS = 1.5
SETTLED_WITHIN_SECONDS = 60.0

Play = Callable[[Story], Coroutine[Any, Any, None]]


class Fault:
    """What goes wrong in a run besides kills: nothing, unless it is said otherwise."""

    lease_duration = "15s"

    def __init__(self) -> None:
        self.injected = 0
        self.troubles: list[str] = []
        """What did not hold while it lasted."""
        self.hits: list[str] = []
        """The writes at which it struck, where it does so at a write."""

    async def gate(self, _run: "Run", _write: Write, forward: Forward) -> Answer | None:
        """Let a write through, or not."""
        return await forward()

    def begin(self, run: "Run") -> None:
        """Happen with the first life of the first operator."""

    async def in_the_middle(self, run: "Run") -> None:
        """Happen while a canary has traffic."""


@dataclass
class Run:
    """Everything one story is played with."""

    plane: ControlPlane
    admin: Admin
    namespace: str
    folder: Path
    kills: tuple[Kill, ...] = ()
    """In the order in which they are due."""
    fault: Fault = field(default_factory=Fault)
    operators: list[Lives] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    """Of all operators, in the order in which they were sent."""
    _beside: list[asyncio.Task[None]] = field(default_factory=list)

    async def play(self, play: Play) -> "Outcome":
        """Play a story to its end and judge it."""
        async with self._stage():
            trouble = await self._try(play)
            live = dict(self.recorder.live)
            leases = await self.admin.list("Lease", self.namespace)  # none if nobody ever began
        account = Account(
            changes=tuple(self.recorder.changes),
            writes=tuple(self.writes),
            handovers=sum(int(each["spec"].get("leaseTransitions") or 0) for each in leases),
            asked=tuple(self.story.asked),
            replicas=REPLICAS,
            most_events=ANNOUNCED[play.__name__],
        )
        violations = [f"{c.__name__}: {words}" for c in CHECKS for words in c(account)]
        violations += self.fault.troubles
        bugs = [line for operator in self.operators for line in operator.bugs()]
        violations += [f"a bug of ours: {line}" for line in bugs]
        return Outcome(
            violations=(*trouble, *dict.fromkeys(violations)),
            injected=tuple(kill.told for kill in self.kills if kill.told),
            ending={} if trouble else ending(live),
            account=account,
            lost=self.traffic.lost,
            lost_to_the_dead=self.traffic.lost_to_the_dead,
            sent=self.traffic.sent,
        )

    @asynccontextmanager
    async def _stage(self) -> AsyncIterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        namespace = {"kind": "Namespace", "metadata": {"name": self.namespace}}
        await self.admin.create({"apiVersion": "v1", **namespace})
        await grant(self.admin, self.namespace)
        self.recorder = Recorder(self.admin.api, self.namespace)
        self.surroundings = Surroundings(self.admin, self.namespace, self.recorder)
        self.traffic = Traffic(self.surroundings, self.namespace)
        self.prometheus = PrometheusServer(self.traffic)
        self.story = Story(self.admin, self.namespace, self.recorder, self.surroundings)
        self.story.in_the_middle = partial(self.fault.in_the_middle, self)
        async with AsyncExitStack() as stack:
            self._stack = stack
            await stack.enter_async_context(self.recorder.recording())
            await stack.enter_async_context(self.prometheus.serving())
            self.lives = await self.operator("operator-1")
            self.proxy = self.lives.proxy
            await stack.enter_async_context(self.surroundings.playing())
            await stack.enter_async_context(self.traffic.flowing())
            self.lives.start()
            self.fault.begin(self)
            yield
            for task in self._beside:
                task.cancel()
            await asyncio.gather(*self._beside, return_exceptions=True)

    async def operator(self, name: str) -> Lives:
        """Make an operator with a way of its own to the API server; it has not started yet."""
        proxy = Proxy(self.plane, name)
        proxy.gate, proxy.writes = self.gate, self.writes
        await self._stack.enter_async_context(proxy.serving())
        operator = Lives(
            proxy=proxy,
            token=self.plane.tokens[OPERATOR],
            prometheus_url=f"http://127.0.0.1:{self.prometheus.port}",
            namespace=self.namespace,
            folder=self.folder if not self.operators else self.folder / name,
            name=name,
            lease_duration=self.fault.lease_duration,
        )
        self._stack.callback(operator.kill)
        self.operators.append(operator)
        return operator

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside the story until it ends."""
        self._beside.append(asyncio.create_task(work))

    async def _try(self, play: Play) -> list[str]:
        try:
            await play(self.story)
            await self._until_quiet()
        except TimeoutError:
            return [f"stuck in act {self.story.act!r}: {_short(self.story.status)}"]
        if self.lives.has_ended_by_itself():
            return ["the operator ended by itself"]
        return []

    async def _until_quiet(self) -> None:
        """A settled operator writes nothing; one that keeps writing is stuck in a loop."""
        async with asyncio.timeout(SETTLED_WITHIN_SECONDS):
            while True:
                count = len(self.writes)
                await asyncio.sleep(QUIET_SECONDS)
                if len(self.writes) == count:
                    return

    async def gate(self, write: Write, forward: Forward) -> Answer | None:
        """Kill the operator where the plan says so; before the write arrives, or after it has."""
        kill = next((each for each in self.kills if not each.told), None)
        if kill is None or not kill.is_meant(write):
            return await self.fault.gate(self, write, forward)
        kill.told = f"{kill.when} {self.story.act}: {write}"
        if kill.when == "after":
            await forward()
        self.lives.restart()
        return None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a run."""

    violations: tuple[str, ...]
    injected: tuple[str, ...]
    ending: dict[str, Any]
    account: Account = field(repr=False)
    lost: float
    """Requests sent where no pod was ready, through nobody's fault but the operator's."""
    lost_to_the_dead: float
    """Requests that were on their way to a canary when the story made its pods die."""
    sent: float


def _short(status: dict[str, Any]) -> str:
    return f"{status.get('phase')}, {status.get('stableVersion')}: {status.get('message')}"
