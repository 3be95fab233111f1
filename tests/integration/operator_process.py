"""The operator as a process, started as in a pod but with a kubeconfig, under its own rights."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.chart.test_permissions import OWN, USED
from tests.integration.admin import Admin
from tests.integration.control_plane import DIE_WITH_PARENT, ControlPlane, free_ports, kubeconfig

OPERATOR = "user-0"
SOURCE = Path(__file__).parents[2] / "operator"


def begun(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start the operator with these variables and no others; its output goes to the log."""
    command = [sys.executable, "-c", DIE_WITH_PARENT, sys.executable, "-m", "serinus"]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )


@dataclass
class OperatorProcess:
    """One process, its ports and its log."""

    plane: ControlPlane
    namespace: str
    log: Path
    name: str = "operator-1"
    """As a pod has one: the next life has it too, and need not wait for the Lease's end."""
    lease_duration: str = "15s"
    api_url: str = ""
    """Of a proxy in between, if there is one."""
    probes_port: int = 0
    metrics_port: int = 0
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self._start()
        await self._until_ready()

    def _start(self) -> None:
        self.probes_port, self.metrics_port = free_ports(2)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.log.parent),
            "PYTHONPATH": str(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "KUBECONFIG": str(self._kubeconfig()),
            "SERINUS_NAMESPACES": self.namespace,
            "SERINUS_OWN_NAMESPACE": self.namespace,
            "SERINUS_INSTANCE": self.name,
            "SERINUS_LEASE_DURATION": self.lease_duration,
            "SERINUS_PROMETHEUS_URL": "http://127.0.0.1:1",
            "SERINUS_PROBES_PORT": str(self.probes_port),
            "SERINUS_METRICS_PORT": str(self.metrics_port),
            "SERINUS_LOG_FORMAT": "text",
        }
        self.process = begun(environment, self.log)

    def _kubeconfig(self) -> Path:
        if not self.api_url:
            return self.plane.kubeconfig(OPERATOR)
        path = self.log.with_suffix(".kubeconfig")
        path.write_text(json.dumps(kubeconfig(self.api_url, None, self.plane.tokens[OPERATOR])))
        return path

    async def _until_ready(self) -> None:
        for _ in range(900):
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            if (await self.get("/readyz"))[0] == 200:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"never ready: {await self.get('/readyz')}\n{self.log.read_text()}")

    async def get(self, path: str) -> tuple[int, str]:
        """Return status and text of one of its pages; 0 where nobody answers."""
        port = self.metrics_port if path == "/metrics" else self.probes_port
        within = aiohttp.ClientTimeout(total=30)
        try:
            async with (
                aiohttp.ClientSession(timeout=within) as session,
                session.get(f"http://127.0.0.1:{port}{path}") as answer,
            ):
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    async def metric(self, name: str, but: tuple[str, str] = ("", ""), **labels: str) -> float:
        """Return the sum of a metric over its series with these labels, but for those with one."""
        _, text = await self.get("/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name
            and labels.items() <= sample.labels.items()
            and but not in sample.labels.items()
        )

    async def is_leading(self) -> bool:
        """Return whether it says that the Lease is its own."""
        return await self.metric("serinus_leading") == 1

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self, seconds: float = 60) -> int:
        """Wait until it has ended by itself; return its exit code."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, seconds)

    def stop(self) -> int:
        """End it as Kubernetes would; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=60)


async def grant(admin: Admin, namespace: str) -> None:
    """Give the operator's user exactly the rights that the chart gives it."""
    api_group = "rbac.authorization.k8s.io"
    name = {"name": f"operator-in-{namespace}", "namespace": namespace}
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": sorted(verbs)}
        for (group, resource), verbs in (USED | OWN).items()
    ]
    await admin.create(
        {"apiVersion": f"{api_group}/v1", "kind": "Role", "metadata": name, "rules": rules}
    )
    await admin.create(
        {
            "apiVersion": f"{api_group}/v1",
            "kind": "RoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": api_group, "kind": "Role", "name": name["name"]},
            "subjects": [{"kind": "User", "name": OPERATOR, "apiGroup": api_group}],
        }
    )


@asynccontextmanager
async def running(
    plane: ControlPlane, admin: Admin, namespace: str, folder: Path
) -> AsyncIterator[OperatorProcess]:
    """Run the operator for one namespace; it is ended whatever happens."""
    await grant(admin, namespace)
    operator = OperatorProcess(plane, namespace, folder / "operator.log")
    try:
        await operator.start()
        yield operator
    finally:
        operator.kill()
