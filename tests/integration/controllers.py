"""Who is missing beside a bare API server: Deployment controller, kubelet, endpoints, router."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal
from tests.integration.admin import Admin

Object = dict[str, Any]

READY: Object = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}],
    "containerStatuses": [
        {
            "name": "model",
            "ready": True,
            "restartCount": 0,
            "image": "model",
            "imageID": "",
            "state": {"running": {}},
        }
    ],
}
STARTING: Object = {
    "phase": "Pending",
    "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
}
CRASH_LOOPING: Object = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
    "containerStatuses": [
        {
            "name": "model",
            "ready": False,
            "restartCount": 3,
            "image": "model",
            "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
            "lastState": {
                "terminated": {
                    "reason": "Error",
                    "exitCode": 1,
                    "message": "Traceback:\n  ...\nValueError: the model is cut short\n",
                }
            },
        }
    ],
}
UNSCHEDULABLE: Object = {
    "phase": "Pending",
    "conditions": [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
        }
    ],
}


def always_ready(_pod: Object) -> Object:
    """Say that every pod is ready."""
    return READY


class Controllers:
    """Each step once, by hand, or all of them again and again while a test runs."""

    def __init__(self, admin: Admin, namespace: str) -> None:
        self.admin, self.namespace = admin, namespace
        self.status_of: Callable[[Object], Object] = always_ready
        """What becomes of a pod; a test puts its own in here."""
        self._pods_made = 0

    async def make_pod(self, labels: dict[str, str], status: Object, owner: str = "") -> str:
        """Make one pod with these labels and this status; return its name."""
        self._pods_made += 1
        name = f"{owner or 'pod'}-{self._pods_made}"
        container = {"name": "model", "image": "model"}
        await self.admin.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "namespace": self.namespace,
                    "name": name,
                    "labels": labels,
                    "annotations": {"owner": owner},
                },
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
            }
        )
        await self.set_pod(name, status)
        return name

    async def set_pod(self, name: str, status: Object) -> None:
        """Say what the kubelet would say of a pod."""
        started = {"startTime": datetime.now(UTC).isoformat(timespec="seconds")}
        await self.admin.set_status("Pod", self.namespace, name, {**started, **status})

    async def run_workloads(self) -> None:
        """Make and remove pods until every Deployment has as many as it asks for."""
        pods = await self.admin.list("Pod", self.namespace)
        workloads = await self.admin.list("Deployment", self.namespace)
        names = {workload["metadata"]["name"] for workload in workloads}
        for pod in pods:
            if pod["metadata"].get("annotations", {}).get("owner", "") not in {"", *names}:
                await self._delete_pod(pod)
        for workload in workloads:
            mine = [pod for pod in pods if _owner(pod) == workload["metadata"]["name"]]
            await self._run_workload(workload, mine)

    async def _run_workload(self, workload: Object, pods: list[Object]) -> None:
        size = workload["spec"]["replicas"]
        for _ in range(size - len(pods)):
            template = workload["spec"]["template"]
            labels = template["metadata"]["labels"]
            pod = {"metadata": {"labels": labels}, "spec": template["spec"]}
            await self.make_pod(labels, self.status_of(pod), workload["metadata"]["name"])
        for pod in pods[size:]:
            await self._delete_pod(pod)

    async def _delete_pod(self, pod: Object) -> None:
        with suppress(ApiRefusal):
            await self.admin.delete("Pod", self.namespace, pod["metadata"]["name"])

    async def fill_endpoints(self) -> None:
        """Put the ready pods of every Service into its EndpointSlice."""
        pods = await self.admin.list("Pod", self.namespace)
        for service in await self.admin.list("Service", self.namespace):
            selector = service["spec"].get("selector") or {}
            await self.set_endpoints(
                service,
                [
                    pod["metadata"]["name"]
                    for pod in pods
                    if selector.items() <= pod["metadata"]["labels"].items() and _is_ready(pod)
                ],
            )

    async def set_endpoints(self, service: Object, pods: list[str]) -> None:
        """Make the EndpointSlice of a Service hold these pods, ready."""
        metadata = service["metadata"]
        labels = {**metadata.get("labels", {}), "kubernetes.io/service-name": metadata["name"]}
        slice_ = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "metadata": {
                "namespace": self.namespace,
                "name": f"{metadata['name']}-slice",
                "labels": labels,
            },
            "endpoints": [
                {
                    "addresses": [f"10.1.0.{number + 1}"],
                    "conditions": {"ready": True},
                    "targetRef": {"kind": "Pod", "namespace": self.namespace, "name": pod},
                }
                for number, pod in enumerate(pods)
            ],
        }
        try:
            await self.admin.create(slice_)
        except ApiRefusal:
            change = {"endpoints": slice_["endpoints"]}
            await self.admin.edit(
                "EndpointSlice", self.namespace, f"{metadata['name']}-slice", change
            )

    async def program_routes(self) -> None:
        """Answer for every HTTPRoute as a router that has taken it over."""
        for route in await self.admin.list("HTTPRoute", self.namespace):
            await self.program(route)

    async def program(self, route: Object, **conditions: str) -> None:
        """Answer for one route; a condition's status is True unless said otherwise."""
        said = {"Accepted": "True", "ResolvedRefs": "True", **conditions}
        parents = [
            {
                "controllerName": "example.com/router",
                "parentRef": {
                    "group": "gateway.networking.k8s.io",
                    "kind": "Gateway",
                    **parent,
                },
                "conditions": [
                    {
                        "type": name,
                        "status": status,
                        "reason": name if status == "True" else f"Not{name}",
                        "message": "",
                        "observedGeneration": route["metadata"]["generation"],
                        "lastTransitionTime": "2026-01-01T00:00:00Z",
                    }
                    for name, status in said.items()
                ],
            }
            for parent in route["spec"]["parentRefs"]
        ]
        if (route.get("status") or {}).get("parents") != parents:
            name = route["metadata"]["name"]
            await self.admin.set_status("HTTPRoute", self.namespace, name, {"parents": parents})

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """Do all of it again and again, a few times a second."""

        async def play() -> None:
            while True:
                await self.run_workloads()
                await self.fill_endpoints()
                await self.program_routes()
                await asyncio.sleep(0.1)

        task = asyncio.create_task(play())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _owner(pod: Object) -> str:
    return str(pod["metadata"].get("annotations", {}).get("owner", ""))
