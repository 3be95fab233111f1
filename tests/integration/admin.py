"""A person with every right: creates, edits and reads objects as kubectl would."""

from typing import Any, Self

from serinus.adapters.kubernetes_api import ApiServer, Call
from serinus.adapters.kubernetes_kinds import (
    CLUSTER_OBJECTIVE_TEMPLATE,
    CONFIG_MAP,
    CONTROLLER_REVISION,
    CRON_JOB,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    HTTP_ROUTE,
    LEASE,
    MODEL_DEPLOYMENT,
    OBJECTIVE_TEMPLATE,
    POD,
    SECRET,
    SERVICE,
    Kind,
)
from tests.integration.control_plane import ControlPlane

RBAC = "/apis/rbac.authorization.k8s.io/v1"
KINDS = {
    kind.name: kind
    for kind in (
        CLUSTER_OBJECTIVE_TEMPLATE,
        CONFIG_MAP,
        CONTROLLER_REVISION,
        CRON_JOB,
        DEPLOYMENT,
        ENDPOINT_SLICE,
        HTTP_ROUTE,
        LEASE,
        MODEL_DEPLOYMENT,
        OBJECTIVE_TEMPLATE,
        POD,
        SECRET,
        SERVICE,
        Kind(name="Namespace", prefix="/api/v1", plural="namespaces"),
        Kind(name="Event", prefix="/api/v1", plural="events"),
        Kind(name="Node", prefix="/api/v1", plural="nodes"),
        Kind(
            name="FlowSchema",
            prefix="/apis/flowcontrol.apiserver.k8s.io/v1",
            plural="flowschemas",
        ),
        Kind(name="Role", prefix=RBAC, plural="roles"),
        Kind(name="RoleBinding", prefix=RBAC, plural="rolebindings"),
        Kind(name="ClusterRole", prefix=RBAC, plural="clusterroles"),
        Kind(name="ClusterRoleBinding", prefix=RBAC, plural="clusterrolebindings"),
    )
}

MERGE = "application/merge-patch+json"


class Admin:
    """Requests by kind and name; every answer is plain JSON."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api

    @classmethod
    async def of(cls, plane: ControlPlane) -> Self:
        return cls(await plane.connect())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.api.close()

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        kind = KINDS[manifest["kind"]]
        namespace = manifest["metadata"].get("namespace", "")
        return await self._send(
            "POST", kind.path(namespace) + "?fieldManager=kubectl-create", manifest
        )

    async def get(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return await self._send("GET", KINDS[kind].path(namespace, name))

    async def list(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self._send("GET", KINDS[kind].path(namespace)))[
            "items"
        ]
        return items

    async def edit(
        self, kind: str, namespace: str, name: str, change: dict[str, Any], part: str = ""
    ) -> dict[str, Any]:
        """Merge a change into an object or one of its subresources, as `kubectl patch` does."""
        path = KINDS[kind].path(namespace, name, part) + "?fieldManager=kubectl-patch"
        return await self._send("PATCH", path, change, MERGE)

    async def set_status(
        self, kind: str, namespace: str, name: str, status: dict[str, Any]
    ) -> dict[str, Any]:
        return await self.edit(kind, namespace, name, {"status": status}, "status")

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        # A pod's grace ends by a kubelet's word, and there is none.
        options = {"gracePeriodSeconds": 0} if kind == "Pod" else {}
        await self._send("DELETE", KINDS[kind].path(namespace, name), options)

    async def _send(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> dict[str, Any]:
        call = Call(
            verb=method.lower(),
            resource="",
            method=method,
            path=path,
            body=body,
            content_type=content_type,
        )
        answer: dict[str, Any] = await self.api.call(call)
        return answer
