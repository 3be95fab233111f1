"""A rollout's traffic on exporters with known truth, scraped by every Prometheus at hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cluster.programs import node
from tests.integration.metrics.exporters import Pod, Pods
from tests.integration.metrics.server import Server, programs

SCRAPE_SECONDS = 0.4
CANARY, OTHER_CANARY = "fraud-bbb-7d4b9-x1", "fraud-bbb-7d4b9-x2"
STABLE, STRANGER = "fraud-aaa-5c6d8-y1", "churn-aaa-5c6d8-z1"


@dataclass(frozen=True)
class Recorded:
    """What happened, and who scraped it."""

    servers: dict[str, Server]
    pods: dict[str, Pod]
    began_at: datetime
    restarted_at: dict[str, datetime]
    """When the processes of some pods began anew, as the kubelet tells."""
    ended_at: datetime

    def truth(self, revision: str, series: str) -> float:
        pods = (pod for name, pod in self.pods.items() if f"fraud-{revision}-" in name)
        return sum(pod.truth.get(series, 0.0) for pod in pods)


@pytest.fixture(scope="session")
def promtool() -> Path:
    found = node().directory() / "promtool"
    if not found.exists():
        pytest.skip("no promtool: `make cluster` builds one")
    return found


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    found = programs()
    if not found:
        pytest.skip("no Prometheus: `make cluster` builds one, apt-get install prometheus has one")
    names = (CANARY, OTHER_CANARY, STABLE, STRANGER)
    pods = {name: Pod(name, gauges={"model_drift": 0.25}) for name in names}
    exporters = Pods(pods)
    exporters.start()
    servers = {
        name: Server(
            program=program,
            directory=tmp_path_factory.mktemp("prometheus") / name,
            scrape_interval_seconds=SCRAPE_SECONDS,
            targets=exporters.targets,
        )
        for name, program in found.items()
    }
    try:
        for server in servers.values():
            server.start()
        for server in servers.values():
            server.wait_until_scraped()
        began_at = datetime.now(UTC)
        restarted_at = {OTHER_CANARY: _play(pods, exporters)}
        yield Recorded(servers, pods, began_at, restarted_at, datetime.now(UTC))
    finally:
        for server in servers.values():
            server.stop()
        exporters.stop()


def _play(pods: dict[str, Pod], exporters: Pods) -> datetime:
    """Births, errors, late scrapes, a restart, a death and failing scrapes.

    Returns:
        when the process of the other canary began anew.
    """
    canary, other, stable, stranger = (
        pods[name] for name in (CANARY, OTHER_CANARY, STABLE, STRANGER)
    )

    def serve(*requests: tuple[Pod, int]) -> None:
        for pod, count in requests:
            pod.serve(count)
        exporters.rest(3)

    serve((canary, 40), (other, 60), (stable, 900), (stranger, 5000))
    canary.serve(20, errors=7, slow=3)  # the first errors of this pod
    canary.late_seconds = 0.7 * SCRAPE_SECONDS  # the sample has the time at which it was asked
    serve((canary, 25), (stable, 150))
    stable.late_seconds = 0.4 * SCRAPE_SECONDS
    serve((canary, 35), (stable, 50))
    canary.late_seconds = stable.late_seconds = 0.0
    serve((other, 10), (stable, 100))
    restarted_at = datetime.now(UTC)
    other.restart()
    other.serve(30, errors=2, slow=1)
    exporters.rest(3)
    other.serve(5)
    exporters.rest(3)
    other.is_reachable = False  # for good
    stable.is_reachable = False  # for a while
    stable.serve(250, errors=1)
    exporters.rest(2)
    stable.is_reachable = True
    serve((canary, 15), (stable, 80))
    return restarted_at
