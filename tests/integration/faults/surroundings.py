"""Who plays beside the operator, moved by the same watches: controllers, kubelet, router."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from serinus.adapters.kubernetes_api import ApiRefusal
from serinus.errors import OutsideUnavailable
from serinus.resource.names import REVISION_LABEL, VERSION_LABEL
from serinus.traffic import gateway_api
from tests.integration.admin import Admin
from tests.integration.controllers import CRASH_LOOPING, READY, STARTING, Controllers
from tests.integration.faults.recorder import Object, Recorder

START_SECONDS = 0.15
"""From a pod's creation to ready: a model that loads quickly."""
PROGRAMMING_SECONDS = 0.05
"""From a route's change to the router's having taken it over."""


@dataclass(frozen=True)
class Behaviour:
    """What the pods of one version do."""

    error_share: float = 0.0
    status: str = "ready"
    """ready, lost (running, not ready) or crashing."""


STATUSES = {"ready": READY, "lost": STARTING, "crashing": CRASH_LOOPING}


class Surroundings:
    """Deployment controller, kubelet, endpoints and router, each a few milliseconds late."""

    def __init__(self, admin: Admin, namespace: str, recorder: Recorder) -> None:
        self._admin, self._namespace, self._recorder = admin, namespace, recorder
        self._hands = Controllers(admin, namespace)
        self.behaviours: dict[str, Behaviour] = {}
        """By version; a good one where there is none."""
        self.weights: dict[str, int] = {}
        """By Service, as the router has taken them over."""
        self._versions: dict[str, str] = {}
        """By workload, those that are gone included."""
        self._started: dict[str, str] = {}
        """Pods past their start, with the status given last."""
        self._endpoints: dict[str, list[str]] = {}
        self._programming: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """Play for as long as this lasts."""
        self._spawn(self._play())
        try:
            yield
        finally:
            tasks = [*self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def version_of(self, pod: Object) -> str:
        """Return the version of the model that a pod runs."""
        return self._versions.get(pod["metadata"]["annotations"]["owner"], "")

    def behaviour(self, pod: Object) -> Behaviour:
        """Return what a pod does."""
        return self.behaviours.get(self.version_of(pod), Behaviour())

    async def behave(self, version: str, behaviour: Behaviour) -> None:
        """Have all pods of a version change what they do."""
        self.behaviours[version] = behaviour
        await self._tell_pods()

    def exists(self, service: str) -> bool:
        """Return whether there is a Service to call."""
        return ("Service", service) in self._recorder.live

    def has_died(self, workload: str) -> bool:
        """Return whether the story made a workload's pods die."""
        its = self.behaviours.get(self._versions.get(workload, ""), Behaviour())
        return its.status != "ready"

    def pods(self) -> list[Object]:
        """Return all pods there are."""
        return self._recorder.of_kind("Pod")

    def ready_pods(self, service: str) -> list[Object]:
        """Return the ready pods that a Service leads to."""
        found = self._recorder.live.get(("Service", service))
        selector = (found or {}).get("spec", {}).get("selector") or {}
        pods = self._recorder.of_kind("Pod") if selector else []
        return [
            pod
            for pod in pods
            if selector.items() <= pod["metadata"]["labels"].items() and is_ready(pod)
        ]

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play(self) -> None:
        while True:
            try:
                await self._run_workloads()
                await self._tell_pods()
                await self._fill_endpoints()
                self._program_routes()
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._recorder.moved()
            except (ApiRefusal, OutsideUnavailable):  # lost a race, or the server is away
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.01)

    async def _run_workloads(self) -> None:
        live = self._recorder.live
        sizes = {k[1]: d["spec"]["replicas"] for k, d in live.items() if k[0] == "Deployment"}
        pods: dict[str, list[str]] = {}
        for pod in self._recorder.of_kind("Pod"):
            pods.setdefault(pod["metadata"]["annotations"]["owner"], []).append(
                pod["metadata"]["name"]
            )
        for workload, size in sizes.items():
            found = live["Deployment", workload]
            self._versions[workload] = found["metadata"]["labels"][VERSION_LABEL]
            labels = found["spec"]["template"]["metadata"]["labels"]
            for _ in range(size - len(pods.get(workload, []))):
                name = await self._hands.make_pod(dict(labels), STARTING, workload)
                self._spawn(self._start(name))
                await self._recorder.until(partial(live.__contains__, ("Pod", name)), 60)
        for workload, names in pods.items():
            for name in sorted(names)[sizes.get(workload, 0) :]:
                with suppress(ApiRefusal):
                    await self._admin.delete("Pod", self._namespace, name)

    async def _start(self, name: str) -> None:
        await asyncio.sleep(START_SECONDS)
        self._started[name] = ""
        await self._tell_pods()

    async def _tell_pods(self) -> None:
        """Say of every started pod what its version's behaviour is."""
        for pod in self._recorder.of_kind("Pod"):
            name, wanted = pod["metadata"]["name"], self.behaviour(pod).status
            if self._started.get(name, wanted) != wanted:
                self._started[name] = wanted
                with suppress(ApiRefusal):
                    await self._hands.set_pod(name, STATUSES[wanted])

    async def _fill_endpoints(self) -> None:
        for service in self._recorder.of_kind("Service"):
            name = service["metadata"]["name"]
            pods = sorted(pod["metadata"]["name"] for pod in self.ready_pods(name))
            if self._endpoints.get(name) != pods:
                await self._hands.set_endpoints(service, pods)
                self._endpoints[name] = pods
        for name in [n for n in self._endpoints if ("Service", n) not in self._recorder.live]:
            del self._endpoints[name]  # the Service is gone, and its slice with it
            with suppress(ApiRefusal):
                await self._admin.delete("EndpointSlice", self._namespace, f"{name}-slice")

    def _program_routes(self) -> None:
        for route in self._recorder.of_kind("HTTPRoute"):
            name, generation = route["metadata"]["name"], route["metadata"]["generation"]
            if name not in self._programming and observed_generation(route) != generation:
                self._programming.add(name)
                self._spawn(self._program(name))

    async def _program(self, name: str) -> None:
        await asyncio.sleep(PROGRAMMING_SECONDS)
        try:
            route = self._recorder.live["HTTPRoute", name]
            self.weights = gateway_api.read(route)
            await self._hands.program(route)
        except (ApiRefusal, OutsideUnavailable):  # there is another look, a second later at most
            pass
        finally:
            self._programming.discard(name)


def observed_generation(route: Object) -> int:
    """Return the generation that a route's one parent has taken over, 0 for none."""
    parents = (route.get("status") or {}).get("parents") or [{}]
    conditions = parents[0].get("conditions") or [{}]
    return min(int(each.get("observedGeneration", 0)) for each in conditions)


def is_ready(pod: Object) -> bool:
    """Return whether a pod is ready and not on its way out."""
    conditions = pod.get("status", {}).get("conditions") or ()
    is_going = "deletionTimestamp" in pod["metadata"]
    return not is_going and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def revision_of(found: Object) -> str:
    """Return the revision an object belongs to, "" without one."""
    return str((found["metadata"].get("labels") or {}).get(REVISION_LABEL, ""))
