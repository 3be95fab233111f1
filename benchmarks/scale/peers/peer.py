"""Another operator's process: its own program, which may do everything, and what it says."""

import asyncio
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

import aiohttp
import yaml

from benchmarks.scale.meters import Lag, Reading
from benchmarks.scale.objective import WINDOW_SECONDS
from benchmarks.scale.operator import Operator
from benchmarks.scale.peers.flows import count_apart, requests_by_verb
from benchmarks.scale.peers.lateness import lag_buckets
from benchmarks.scale.stage import Stage
from cluster.programs import ProgramSet
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.operator_process import OPERATOR


@dataclass
class Peer(Operator):
    """Its looks it says itself; requests are the API server's word, and lags are Prometheus's."""

    looks: ClassVar[str]
    """The counter in its metrics, which may have many series."""
    directory: Path = field(default_factory=Path)
    """Of the program."""

    @classmethod
    async def admitted(cls, stage: Stage, programs: ProgramSet) -> Self:
        """Return it ready to start, where its kinds are defined and its requests counted apart."""
        directory = await asyncio.to_thread(programs.ensure)
        _define(stage.plane, directory / "crd.yaml")
        await _grant_everything(stage.admin)
        await count_apart(stage.admin, OPERATOR)
        return cls(
            plane=stage.plane,
            prometheus_url=stage.prometheus_url,
            scrape_seconds=stage.scrape_seconds,
            folder=stage.folder,
            wrapper=stage.wrapper,
            directory=directory,
        )

    async def _read(self) -> Reading:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer:
                looks = total(self.looks, await answer.text())
            async with session.get(f"{self.prometheus_url}/shares-asked-at") as answer:
                asked_at = await answer.json()
        return Reading(
            requests=await requests_by_verb(self.plane),
            looks=looks,
            lag=(lag := Lag(lag_buckets(asked_at, WINDOW_SECONDS))),
            lag_of_all=lag,
        )


def total(counter: str, metrics: str) -> float:
    """Return the sum of all series of a counter out of a page of metrics."""
    series = re.compile(rf"^{counter}(?:\{{.*\}})? (\S+)$", re.MULTILINE)
    return sum(map(float, series.findall(metrics)))


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
