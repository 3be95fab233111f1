"""Flagger's process: its own program with the flags by which it is fastest."""

import asyncio
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml

from benchmarks.scale.meters import Reading
from benchmarks.scale.operator import Operator
from benchmarks.scale.peers.flows import count_apart, requests_by_verb
from benchmarks.scale.peers.lateness import lag_buckets
from benchmarks.scale.prometheus import WINDOW_SECONDS
from cluster import programs
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.operator_process import OPERATOR

LOOKS = re.compile(r"^flagger_canary_duration_seconds_count\{.*\} (\S+)$", re.MULTILINE)


@dataclass
class Flagger(Operator):
    """One process, which may do everything."""

    directory: Path = field(default_factory=Path)
    """Of the program."""

    def _command(self) -> list[str]:
        return [
            *self.wrapper,
            str(self.directory / "flagger"),
            f"-kubeconfig={self.plane.kubeconfig(OPERATOR)}",
            # Its own limits, 100 requests a second and two workers, would be what is measured.
            "-kubeconfig-qps=10000",
            "-kubeconfig-burst=10000",
            "-threadiness=32",
            "-mesh-provider=gatewayapi:v1",
            f"-metrics-server={self.prometheus_url}",
            f"-port={self.metrics_port}",
            "-log-level=error",
        ]

    async def _read(self) -> Reading:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer:
                looks = LOOKS.findall(await answer.text())
            async with session.get(f"{self.prometheus_url}/shares-asked-at") as answer:
                asked_at = await answer.json()
        return Reading(
            requests=await requests_by_verb(self.plane),
            looks=sum(map(float, looks)),
            lag_buckets=lag_buckets(asked_at, WINDOW_SECONDS),
        )


async def flagger(
    plane: ControlPlane, admin: Admin, prometheus_url: str, folder: Path, wrapper: tuple[str, ...]
) -> Flagger:
    """Return it ready to start, where its kinds are defined and its requests counted apart."""
    directory = await asyncio.to_thread(programs.flagger().ensure)
    _define(plane, directory / "crd.yaml")
    await _grant_everything(admin)
    await count_apart(admin, OPERATOR)
    return Flagger(plane, prometheus_url, 0.0, folder, wrapper, directory=directory)


def _define(plane: ControlPlane, definitions: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, definition in enumerate(yaml.safe_load_all(definitions.read_text())):
            file = Path(folder) / f"{number}.yaml"
            file.write_text(yaml.safe_dump(definition))
            plane.define([file])


async def _grant_everything(admin: Admin) -> None:
    group = "rbac.authorization.k8s.io"
    await admin.create(
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "peer"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "name": OPERATOR, "apiGroup": group}],
        }
    )
