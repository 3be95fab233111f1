"""The probes: a restart is asked for only where it would help."""

import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from serinus.adapters.health import Health
from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_lease import Lease
from serinus.adapters.probes import serve_metrics, serve_probes
from serinus.adapters.telemetry import Telemetry
from serinus.errors import PortTaken
from tests.integration.control_plane import free_ports, kubeconfig
from tests.unit.adapters.stub_api_server import StubApiServer


@dataclass
class Operator:
    overdue: float = 0.0
    is_started: bool = True


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Never started: its watches have nothing and tried nothing."""
    stub = StubApiServer()
    stub.url = "http://127.0.0.1:1"
    cluster = Cluster(stub.connect())
    yield cluster
    await cluster.api.close()


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def lease(cluster: Cluster) -> Lease:
    lease = Lease(cluster.api, namespace="space", name="serinus", identity="a")
    lease._renewed_at = time.monotonic()
    return lease


@pytest.fixture
def health(cluster: Cluster, lease: Lease, operator: Operator) -> Health:
    return Health(
        cluster=cluster,
        lease=lease,
        overdue_seconds=lambda: operator.overdue,
        is_started=lambda: operator.is_started,
    )


def fill(cluster: Cluster) -> None:
    for watch in cluster.watches:
        watch._filled.set()


async def test_it_is_ready_once_all_is_seen_and_kopf_is_at_work(
    health: Health, cluster: Cluster, operator: Operator
) -> None:
    assert len(health.missing()) == len(cluster.watches)
    fill(cluster)
    assert health.missing() == ()
    operator.is_started = False
    assert health.missing() == ("kopf has not started",)


async def test_who_waits_for_the_lease_is_ready_to_take_over(
    health: Health, cluster: Cluster, lease: Lease, operator: Operator
) -> None:
    """Else a rolling update would wait for itself."""
    operator.is_started = False
    lease._renewed_at = -math.inf
    assert len(health.missing()) == len(cluster.watches)
    fill(cluster)
    assert health.missing() == ()
    lease.trouble = "leases is forbidden"
    assert health.missing() == ("the Lease: leases is forbidden",)
    assert health.faults() == ()


async def test_a_cache_that_does_not_fill_is_no_reason_for_a_restart(health: Health) -> None:
    assert health.faults() == ()


async def test_a_look_that_is_very_late_is(health: Health, operator: Operator) -> None:
    operator.overdue = 60.0
    assert health.faults() == ()
    operator.overdue = 121.0
    assert health.faults() == ("a look is 121 s late",)


async def test_a_watch_that_is_stuck_is(health: Health, cluster: Cluster) -> None:
    cluster.watches[0]._busy_at = time.monotonic() - 301
    (fault,) = health.faults()
    assert "deployments.apps has not tried anything for 301 s" in fault


async def test_a_version_that_kopf_owes_us_is(health: Health, cluster: Cluster) -> None:
    metadata = {"namespace": "space", "name": "fraud", "resourceVersion": "7"}
    cluster.resources.saw({"metadata": metadata})
    cluster.resources._announced["space", "fraud"] = (7, time.monotonic() - 300)
    assert health.faults() == ()
    cluster.resources._delivery_began_at = time.monotonic() - 121
    assert health.faults() == ("kopf has not delivered a change for 121 s",)
    assert health.faults()[0] in health.missing()


async def test_the_pages_say_what_is_wrong_in_words_and_by_their_status() -> None:
    faults: list[str] = []
    (port,) = free_ports(1)
    async with (
        serve_probes(port, lambda: tuple(faults), lambda: ("not yet",)),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        async with session.get("/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        faults.append("a look is late")
        async with session.get("/healthz") as answer:
            assert (answer.status, await answer.text()) == (503, "a look is late")
        async with session.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "not yet")


async def test_the_metrics_are_served_as_prometheus_reads_them() -> None:
    (port,) = free_ports(1)
    async with (
        serve_metrics(port, Telemetry().registry),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get("/metrics") as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert "serinus_build_info" in await answer.text()


async def test_who_finds_its_port_taken_says_which() -> None:
    (port,) = free_ports(1)
    with socket.socket() as other:
        other.bind(("0.0.0.0", port))
        other.listen()
        with pytest.raises(PortTaken, match=f"can't listen on port {port}: "):
            async with serve_probes(port, tuple, tuple):
                pass


def test_an_operator_without_its_port_ends_with_a_sentence(tmp_path: Path) -> None:
    login = tmp_path / "kubeconfig"
    login.write_text(json.dumps(kubeconfig("http://127.0.0.1:1", None, "token")))
    (port,) = free_ports(1)
    with socket.socket() as other:
        other.bind(("0.0.0.0", port))
        other.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "serinus"],
            env={**os.environ, "KUBECONFIG": str(login), "SERINUS_PROBES_PORT": str(port)},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 2
    assert f"can't listen on port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr
