"""The lives of one operator: a real process, killed and started again, as its Deployment would."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.integration.control_plane import free_ports, kubeconfig
from tests.integration.faults.proxy import Proxy
from tests.integration.operator_process import SOURCE, begun


@dataclass
class Lives:
    """Starts the operator, kills it, and starts it again."""

    proxy: Proxy
    """What it reaches the API server by."""
    token: str
    prometheus_url: str
    namespace: str
    folder: Path
    name: str = "operator-1"
    """As a pod has one: the next life has it too, and need not wait for the Lease's end."""
    lease_duration: str = "15s"
    scrape_interval: str = "500ms"
    count: int = 0
    process: subprocess.Popen[bytes] | None = None
    probes_port: int = 0
    metrics_port: int = 0
    kubeconfig: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the credentials it starts with: the proxy speaks plain HTTP on loopback."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.kubeconfig = self.folder / "kubeconfig"
        content = kubeconfig(self.proxy.url, None, self.token)
        self.kubeconfig.write_text(json.dumps(content))

    @property
    def log(self) -> Path:
        """What all its lives have said."""
        return self.folder / "operator.log"

    def start(self) -> None:
        """Begin a life."""
        self.count += 1
        self.probes_port, self.metrics_port = free_ports(2)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(SOURCE),
            # Compiled once for all lives: each would spend half its start on it.
            "PYTHONPYCACHEPREFIX": str(self.folder.parent / "bytecode"),
            "KUBECONFIG": str(self.kubeconfig),
            "SERINUS_NAMESPACES": self.namespace,
            "SERINUS_OWN_NAMESPACE": self.namespace,
            "SERINUS_INSTANCE": self.name,
            "SERINUS_LEASE_DURATION": self.lease_duration,
            "SERINUS_PROMETHEUS_URL": self.prometheus_url,
            "SERINUS_PROMETHEUS_TIMEOUT": "1s",
            "SERINUS_SCRAPE_INTERVAL": self.scrape_interval,
            "SERINUS_CALIBRATE": "false",  # there is no past to replay
            "SERINUS_PROBES_PORT": str(self.probes_port),
            "SERINUS_METRICS_PORT": str(self.metrics_port),
            "SERINUS_LOG_FORMAT": "text",
        }
        self.process = begun(environment, self.log)

    def kill(self) -> None:
        """End the life as a crash would, between two instructions."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)

    def restart(self) -> None:
        """Kill it and begin the next life."""
        self.kill()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def has_ended_by_itself(self) -> bool:
        """Return whether it is gone though nobody killed it."""
        return self.process is not None and self.process.poll() not in {None, -9}

    def bugs(self) -> list[str]:
        """Return what it logged that should not have been possible."""
        signs = ("Traceback", "a look failed on", "watching failed")
        lines = self.log.read_text(errors="replace").splitlines()
        found = (i for i, line in enumerate(lines) if any(sign in line for sign in signs))
        return [f"{lines[i]} {_what_it_was(lines[i + 1 :])}".rstrip() for i in found]

    async def is_healthy(self) -> bool:
        """Ask as the kubelet's liveness probe does."""
        return (await self._page(self.probes_port, "healthz"))[0] == 200

    async def is_waiting(self) -> bool:
        """Return whether it is ready, and another holds the Lease."""
        is_ready = (await self._page(self.probes_port, "readyz"))[0] == 200
        return is_ready and "serinus_leading 0.0" in await self._metrics()

    async def is_leading(self) -> bool:
        """Return whether it says that the Lease is its own."""
        return "serinus_leading 1.0" in await self._metrics()

    async def _metrics(self) -> str:
        return (await self._page(self.metrics_port, "metrics"))[1]

    async def _page(self, port: int, page: str) -> tuple[int, str]:
        within, url = aiohttp.ClientTimeout(total=2), f"http://127.0.0.1:{port}/{page}"
        try:
            async with aiohttp.ClientSession(timeout=within) as s, s.get(url) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    async def keep_alive(self) -> None:
        """Start it again whenever it has ended by itself, as the kubelet does, for ever."""
        while True:
            await asyncio.sleep(0.05)
            if self.has_ended_by_itself():
                self.start()

    async def keep_healthy(self, period_seconds: float, failures_allowed: int) -> None:
        """Restart it where its probe says so, as the kubelet does, for ever."""
        failures = 0
        while True:
            await asyncio.sleep(period_seconds)
            failures = 0 if await self.is_healthy() else failures + 1
            if failures >= failures_allowed:
                failures = 0
                self.restart()


def _what_it_was(following: Sequence[str]) -> str:
    """Return the line that ends a traceback: what was raised."""
    return next((line for line in following if not line.startswith(" ")), "")
