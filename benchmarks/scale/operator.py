"""The operator's process, watching all namespaces under its own rights."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.scale.meters import Reading
from tests.chart.test_permissions import OWN, USED, USED_ON_THE_CLUSTER
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane, Program, free_ports
from tests.integration.operator_process import OPERATOR, SOURCE

STARTS_WITHIN_SECONDS = 300


@dataclass
class Operator:
    """One process after the other."""

    plane: ControlPlane
    prometheus_url: str
    scrape_seconds: float
    folder: Path
    wrapper: tuple[str, ...] = ()
    """A profiler to run it under."""
    probes_port: int = 0
    metrics_port: int = 0
    program: Program = field(init=False)
    started_at: float = 0.0

    def start(self) -> None:
        self.probes_port, self.metrics_port = free_ports(2)
        self.program = Program(self._command(), self.folder / "operator.log")
        self.started_at = time.time()
        self.program.start()

    def _command(self) -> list[str]:
        environment = {
            "HOME": str(self.folder),
            "PYTHONPATH": str(SOURCE),
            "KUBECONFIG": str(self.plane.kubeconfig(OPERATOR)),
            "SERINUS_OWN_NAMESPACE": "default",
            # As a pod has one: the next life has it too, and need not wait for the Lease to end.
            "SERINUS_INSTANCE": "operator-1",
            "SERINUS_PROMETHEUS_URL": self.prometheus_url,
            "SERINUS_SCRAPE_INTERVAL": f"{self.scrape_seconds:g}s",
            "SERINUS_CALIBRATE": "false",  # a process of its own, which is not what is measured
            "SERINUS_PROBES_PORT": str(self.probes_port),
            "SERINUS_METRICS_PORT": str(self.metrics_port),
        }
        assignments = [f"{name}={value}" for name, value in environment.items()]
        path = f"PATH={os.environ['PATH']}"
        program = [*self.wrapper, sys.executable, "-m", "serinus"]
        return ["/usr/bin/env", "-i", path, *assignments, *program]

    @property
    def process_id(self) -> int:
        process = self.program.process
        return process.pid if process else 0

    async def reading(self) -> Reading:
        """Ask its metrics, waiting until it answers."""
        for _ in range(STARTS_WITHIN_SECONDS * 10):
            if self.program.has_ended():
                raise RuntimeError(f"the operator ended:\n{self.program.last_words()}")
            try:
                return await self._read()
            except OSError:
                await asyncio.sleep(0.1)
        raise RuntimeError("the operator does not answer")

    async def _read(self) -> Reading:
        return await Reading.of(self.metrics_port)


def lease_first() -> dict[str, Any]:
    """The chart's FlowSchema for the Lease of the operator's user."""
    rule = {
        "subjects": [{"kind": "User", "user": {"name": OPERATOR}}],
        "resourceRules": [
            {
                "apiGroups": ["coordination.k8s.io"],
                "resources": ["leases"],
                "verbs": ["get", "create", "update"],
                "namespaces": ["*"],
            }
        ],
    }
    return {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "FlowSchema",
        "metadata": {"name": "operator-lease"},
        "spec": {
            "matchingPrecedence": 200,
            "priorityLevelConfiguration": {"name": "leader-election"},
            "rules": [rule],
        },
    }


async def grant_everywhere(admin: Admin) -> None:
    """Give the operator's user the rights that the chart gives it, in all namespaces."""
    await admin.create(lease_first())
    group = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": [api], "resources": [resource], "verbs": sorted(verbs)}
        for (api, resource), verbs in (USED | USED_ON_THE_CLUSTER | OWN).items()
    ]
    await admin.create(
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "operator"},
            "rules": rules,
        }
    )
    await admin.create(
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "operator"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "operator"},
            "subjects": [{"kind": "User", "name": OPERATOR, "apiGroup": group}],
        }
    )
