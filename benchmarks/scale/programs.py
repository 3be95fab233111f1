"""The programs of a cluster without machines: control plane, controllers and pretended nodes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from cluster import assets, programs
from serinus.resource.names import GROUP
from tests.integration.admin import Admin
from tests.integration.conftest import DEFINITIONS
from tests.integration.control_plane import ControlPlane, Program

NODE = "pretended"
STAGES = Path(__file__).with_name("stages.yaml")
CONTROLLERS = (
    "deployment-controller",
    "replicaset-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
)


@dataclass
class PretendedCluster:
    """etcd, kube-apiserver, kube-controller-manager and KWOK; no container ever runs."""

    plane: ControlPlane
    controllers: Program
    kwok: Program

    @property
    def programs(self) -> dict[str, Program]:
        """All programs by the name that figures have for them."""
        return {
            "etcd": self.plane.etcd,
            "kube-apiserver": self.plane.api_server,
            "kube-controller-manager": self.controllers,
            "kwok": self.kwok,
        }


@contextlib.asynccontextmanager
async def pretended_cluster(folder: Path) -> AsyncIterator[PretendedCluster]:
    """Start everything, with one node and our definitions, and stop it in the end."""
    directory = await asyncio.to_thread(assets.directory)
    kwok = await asyncio.to_thread(programs.kwok().ensure)
    plane = ControlPlane(assets=directory, directory=folder / "plane")
    plane.start()
    kubeconfig = plane.kubeconfig()
    made = PretendedCluster(
        plane=plane,
        controllers=Program(_controllers(directory, kubeconfig), folder / "controllers.log"),
        kwok=Program(_kwok(kwok, kubeconfig), folder / "kwok.log"),
    )
    try:
        plane.define(DEFINITIONS)
        made.controllers.start()
        made.kwok.start()
        async with await Admin.of(plane) as admin:
            await _make_node(admin)
        yield made
    finally:
        made.kwok.stop()
        made.controllers.stop()
        plane.stop()


def _controllers(directory: Path, kubeconfig: Path) -> list[str]:
    return [
        str(directory / "kube-controller-manager"),
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--leader-elect=false",
        "--secure-port=0",
        # Its own limits would be what is measured.
        "--kube-api-qps=1000",
        "--kube-api-burst=2000",
        "--concurrent-deployment-syncs=20",
        "--concurrent-replicaset-syncs=20",
        "--concurrent-service-endpoint-syncs=20",
        "--endpointslice-updates-batch-period=0s",
    ]


def _kwok(directory: Path, kubeconfig: Path) -> list[str]:
    return [
        str(directory / "kwok"),
        f"--kubeconfig={kubeconfig}",
        f"--config={STAGES}",
        "--manage-all-nodes=true",
        "--cidr=10.128.0.0/9",
    ]


async def _make_node(admin: Admin) -> None:
    await admin.create(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": NODE, "labels": {f"{GROUP}/pretended": "true"}},
        }
    )
