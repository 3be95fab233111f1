"""What goes wrong besides the operator's death: the API server, its watches, Prometheus."""

import asyncio
import json
from collections.abc import Callable
from time import monotonic

from tests.integration.faults.instances import (
    ASecondWaits,
    TheHolderDies,
    TheHolderIsCutOff,
    TheHolderIsSuspended,
)
from tests.integration.faults.jobs import Told, Worker, judged
from tests.integration.faults.prometheus import Mood
from tests.integration.faults.proxy import Answer, Forward, Write
from tests.integration.faults.run import Fault, Run
from tests.integration.faults.story import MODEL, whole

OUTAGE_SECONDS = 4.0
"""Several looks, and several blocks of evidence."""


class ApiServerRestarts(Fault):
    """It goes away in the middle of a rollout and comes back."""

    def begin(self, run: Run) -> None:
        # On a busy machine it is away for longer than the Lease lasts, which ends the operator.
        run.spawn(run.lives.keep_alive())

    async def in_the_middle(self, run: Run) -> None:
        self.injected += 1
        await asyncio.to_thread(run.plane.api_server.stop)
        await asyncio.sleep(OUTAGE_SECONDS / 2)
        await asyncio.to_thread(run.plane.start_api_server)


class ApiServerIsBusy(Fault):
    """It asks everybody to come back later (429), for a while."""

    async def in_the_middle(self, run: Run) -> None:
        self.injected += 1
        run.proxy.refusal = refusal(429, "TooManyRequests", {"Retry-After": "1"})
        await asyncio.sleep(OUTAGE_SECONDS)
        run.proxy.refusal = None


class SomeWritesComeBackLater(Fault):
    """Every fifth write is told to come back in a second (429)."""

    async def gate(self, _run: Run, write: Write, forward: Forward) -> Answer | None:
        if write.number % 5:
            return await forward()
        self.injected += 1
        return refusal(429, "TooManyRequests", {"Retry-After": "1"})


class AnswersAreLost(Fault):
    """Every third write arrives, and its answer does not; the operator lives on."""

    async def gate(self, _run: Run, write: Write, forward: Forward) -> Answer | None:
        answer = await forward()
        if write.number % 3:
            return answer
        self.injected += 1
        return None


class SomebodyElseWrites(Fault):
    """Before every other status write somebody annotates the resource: a real conflict."""

    def __init__(self) -> None:
        super().__init__()
        self._statuses = 0

    async def gate(self, run: Run, write: Write, forward: Forward) -> Answer | None:
        if write.part == "status":
            self._statuses += 1
            if self._statuses % 2:
                self.injected += 1
                note = {"metadata": {"annotations": {"example.com/note": str(write.number)}}}
                await run.admin.edit("MLModelDeployment", run.namespace, MODEL, note)
        return await forward()


class WatchesFallSilent(Fault):
    """Their connections stay open and bring nothing; once, and a kubelet watches the probes."""

    async def in_the_middle(self, run: Run) -> None:
        if not self.injected:
            self.injected += 1
            run.story.act_seconds = 400
            run.proxy.fall_silent()
            run.spawn(run.lives.keep_healthy(period_seconds=10, failures_allowed=3))


class PrometheusIs(Fault):
    """Prometheus gives no usable answer for a while: the weight holds, nothing is decided."""

    def __init__(self, mood: Mood) -> None:
        super().__init__()
        self._mood = mood

    async def in_the_middle(self, run: Run) -> None:
        self.injected += 1
        run.prometheus.mood = self._mood
        before = run.story.status
        until = monotonic() + OUTAGE_SECONDS
        while monotonic() < until:
            await asyncio.sleep(0.1)
            now = run.story.status
            if now["weight"] != before["weight"] or now.get("decision"):
                self.troubles.append(f"with {self._mood}: {now['phase']} at {now['weight']} %")
                break
        run.prometheus.mood = Mood.GOOD


OUTAGES: dict[str, Callable[[], Fault]] = {
    "watches-fall-silent": WatchesFallSilent,
    "prometheus-down": lambda: PrometheusIs(Mood.DOWN),
    "prometheus-slow": lambda: PrometheusIs(Mood.SLOW),
    "prometheus-empty": lambda: PrometheusIs(Mood.EMPTY),
    "prometheus-nan": lambda: PrometheusIs(Mood.NAN),
    "answers-lost": AnswersAreLost,
    "status-conflicts": SomebodyElseWrites,
    "429-for-a-while": ApiServerIsBusy,
    "429-now-and-then": SomeWritesComeBackLater,
    "api-server-restarts": ApiServerRestarts,
    "second-operator": ASecondWaits,
    "takeover": TheHolderDies,
    "holder-suspended": TheHolderIsSuspended,
    "holder-cut-off": TheHolderIsCutOff,
}


def refusal(status: int, reason: str, headers: dict[str, str]) -> Answer:
    """Return a refusal as the API server words it."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason}
    body |= {"message": "as the test wants it", "code": status}  # type: ignore[dict-item]
    content_type = {"Content-Type": "application/json"}
    return Answer(status=status, body=json.dumps(body).encode(), headers=content_type | headers)


ALONE = frozenset({"api-server-restarts"})
"""Outages that need an API server for themselves."""


async def suffer(worker: Worker, names: list[str]) -> None:
    """Play the story under each of these outages, one after the other."""
    for number, name in enumerate(names):
        worker.tell(await under(worker, name, f"{name}-{number}"))


async def under(worker: Worker, name: str, title: str) -> Told:
    """Play the whole story under one outage."""
    fault = OUTAGES[name]()
    run = Run(worker.plane, worker.admin, title, worker.folder / title, fault=fault)
    began_at = monotonic()
    outcome = await run.play(whole)
    told = judged(title, outcome, worker.ending, monotonic() - began_at)
    return told.hit_by(name, fault.injected, fault.hits)
