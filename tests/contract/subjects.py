"""The two clusters a contract is read to: the scenarios' fake one, and a real API server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_owners import hand_over
from serinus.observe.snapshot import Children
from tests.fakes.cluster import FakeCluster
from tests.fakes.world import START
from tests.integration.admin import Admin
from tests.integration.controllers import Controllers
from tests.integration.within import until


class Subject(Protocol):
    """What the loop relies on, and what others do to a cluster behind its back."""

    namespace: str

    async def apply(self, manifest: Mapping[str, Any], *, is_ours: bool) -> None:
        """Write as the loop does."""

    async def delete(self, kind: str, name: str) -> None:
        """Delete as the loop does."""

    async def hand_over(self, kind: str, name: str, owner: Mapping[str, Any] | None) -> None:
        """Have an object go with an owner or with nobody, as the loop does."""

    def children(self) -> Children:
        """See as the loop does."""

    async def somebody_owns(self, manifest: dict[str, Any]) -> None:
        """An object that is not ours takes its place."""

    async def somebody_edits(self, kind: str, name: str, change: dict[str, Any]) -> None:
        """A field that is ours is changed, and we have seen it."""

    async def time_passes(self) -> None:
        """Controllers, kubelet and router do their part, and we have seen it."""


class Fake:
    """The cluster of the scenarios."""

    namespace = "prod"

    def __init__(self) -> None:
        self.cluster = FakeCluster()

    async def apply(self, manifest: Mapping[str, Any], *, is_ours: bool) -> None:
        self.cluster.apply(manifest)

    async def delete(self, kind: str, name: str) -> None:
        self.cluster.delete(kind, name)

    async def hand_over(self, kind: str, name: str, owner: Mapping[str, Any] | None) -> None:
        self.cluster.hand_over(kind, name, owner)

    def children(self) -> Children:
        return self.cluster.children(START)

    async def somebody_owns(self, manifest: dict[str, Any]) -> None:
        self.cluster.foreign.add((manifest["kind"], manifest["metadata"]["name"]))

    async def somebody_edits(self, kind: str, name: str, change: dict[str, Any]) -> None:
        self.cluster.edited.add((kind, name))

    async def time_passes(self) -> None:
        self.cluster.seconds += 10


class Real:
    """A kube-apiserver, seen through the adapter."""

    def __init__(self, cluster: Cluster, admin: Admin, controllers: Controllers) -> None:
        self.cluster, self.admin, self.controllers = cluster, admin, controllers
        self.namespace = controllers.namespace

    async def apply(self, manifest: Mapping[str, Any], *, is_ours: bool) -> None:
        await self.cluster.writer.apply(manifest, is_ours=is_ours)

    async def delete(self, kind: str, name: str) -> None:
        await self.cluster.writer.delete(kind, self.namespace, name)

    async def hand_over(self, kind: str, name: str, owner: Mapping[str, Any] | None) -> None:
        api, store = self.cluster.api, self.cluster.store
        await hand_over(api, store, kind, self.namespace, name, owner)

    def children(self) -> Children:
        return self.cluster.store.children(self.namespace, "fraud")

    async def somebody_owns(self, manifest: dict[str, Any]) -> None:
        metadata = {**manifest["metadata"], "labels": {}, "annotations": {}}
        metadata.pop("ownerReferences", None)
        await self.admin.create({**manifest, "metadata": metadata})

    async def somebody_edits(self, kind: str, name: str, change: dict[str, Any]) -> None:
        await self.admin.edit(kind, self.namespace, name, change)
        await until(lambda: self.children().objects[kind, name].is_edited)

    async def time_passes(self) -> None:
        for _ in range(2):
            await self.controllers.run_workloads()
            await self.controllers.fill_endpoints()
            await self.controllers.program_routes()
        await until(self._has_settled)

    def _has_settled(self) -> bool:
        seen = self.children()
        has_pods = len(seen.pods) == sum(seen.workload_sizes.values())
        is_programmed = seen.route is None or seen.route.is_programmed
        services = {name for kind, name in seen.objects if kind == "Service"}
        return (
            has_pods
            and all(pod.is_ready for pod in seen.pods)
            and is_programmed
            and all(seen.endpoints.get(name) for name in services)
        )
