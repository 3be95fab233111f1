"""Two operators and one Lease, on a real API server: who works, who waits, and who must end."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
from aiohttp import web

from serinus.adapters.kubernetes_lease import WRITING_SHARE
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.controllers import Controllers
from tests.integration.faults.proxy import Answer, Forward, Proxy, Write
from tests.integration.manifests import model_deployment
from tests.integration.operator_process import OperatorProcess, grant
from tests.integration.test_operator import deploy, status_until
from tests.integration.within import within

IN_TIME_SECONDS = 60.0
"""Far more than anything here takes: how soon is told by tests that have a clock of their own."""
UNHURRIED = pytest.mark.parametrize("lease_seconds", [20.0])
"""For tests that do not wait for the Lease's end: nothing is lost on a machine that stalls."""


@pytest.fixture
def lease_seconds() -> float:
    """For how long the Lease lasts after its holder's last word."""
    return 6.0


@pytest.fixture
async def proxy(control_plane: ControlPlane) -> AsyncIterator[Proxy]:
    """What the first operator reaches the API server by."""
    proxy = Proxy(control_plane)
    async with proxy.serving():
        yield proxy


@pytest.fixture
async def two(
    control_plane: ControlPlane,
    proxy: Proxy,
    admin: Admin,
    controllers: Controllers,
    namespace: str,
    tmp_path: Path,
    lease_seconds: float,
) -> AsyncIterator[tuple[OperatorProcess, OperatorProcess]]:
    """The first works and has installed a model; the second waits."""
    await grant(admin, namespace)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(controllers.playing())

        async def started(name: str, api_url: str) -> OperatorProcess:
            operator = OperatorProcess(
                control_plane,
                namespace,
                tmp_path / f"{name}.log",
                name,
                f"{lease_seconds}s",
                api_url,
            )
            stack.callback(operator.kill)
            await operator.start()
            return operator

        first = await started("first", proxy.url)
        await until(first.is_leading)
        await admin.create(model_deployment(namespace, skipAnalysis=True))
        await status_until(admin, namespace, phase="Healthy", stableVersion="1")
        second = await started("second", "")
        yield first, second
        assert "Traceback" not in first.log.read_text() + second.log.read_text()


async def until(is_so: Callable[[], Awaitable[object]], seconds: float = IN_TIME_SECONDS) -> None:
    """Wait until something is so, and fail if it is not in time."""
    deadline = monotonic() + seconds
    while not await is_so():
        assert monotonic() < deadline, f"not so after {seconds} s"
        await asyncio.sleep(0.05)


async def goes_on(operator: OperatorProcess, admin: Admin, namespace: str, version: str) -> None:
    """Have a new version rolled out by this one."""
    await deploy(admin, namespace, version)
    await status_until(admin, namespace, phase="Healthy", stableVersion=version)
    assert await operator.is_leading()


@UNHURRIED
async def test_who_waits_is_ready_and_does_nothing_but_ask(
    two: tuple[OperatorProcess, OperatorProcess], admin: Admin, namespace: str
) -> None:
    first, second = two
    await goes_on(first, admin, namespace, "2")
    assert (await second.get("/readyz"))[0] == 200
    assert (await second.get("/healthz"))[0] == 200
    assert not await second.is_leading()
    assert (
        await second.metric(
            "serinus_kubernetes_requests_total", resource="leases.coordination.k8s.io"
        )
        > 0
    )
    for verb in ("create", "update", "patch", "delete"):
        assert await second.metric("serinus_kubernetes_requests_total", verb=verb) == 0


async def test_the_second_takes_over_once_the_time_of_one_that_was_killed_is_over(
    two: tuple[OperatorProcess, OperatorProcess], admin: Admin, namespace: str
) -> None:
    first, second = two
    first.kill()
    await deploy(admin, namespace, "2")
    await until(second.is_leading)
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")


@UNHURRIED
async def test_who_ends_in_order_hands_over_before_its_time_is_over(
    two: tuple[OperatorProcess, OperatorProcess],
    admin: Admin,
    namespace: str,
    lease_seconds: float,
) -> None:
    """Even if a Prometheus keeps its connection open, for which kopf waits when it ends."""
    first, second = two
    metrics = f"http://127.0.0.1:{first.metrics_port}/metrics"
    async with aiohttp.ClientSession() as scraper:
        async with scraper.get(metrics) as answer:
            await answer.read()
        first.signal(signal.SIGTERM)
        await until(second.is_leading, lease_seconds)
        assert await first.ended() == 0
    await goes_on(second, admin, namespace, "2")


@UNHURRIED
async def test_who_waits_ends_when_told_to_and_leaves_the_lease_alone(
    two: tuple[OperatorProcess, OperatorProcess], admin: Admin, namespace: str
) -> None:
    first, second = two
    assert second.stop() == 0
    await goes_on(first, admin, namespace, "2")


async def test_who_was_suspended_over_the_end_of_its_time_writes_nothing_and_ends(
    two: tuple[OperatorProcess, OperatorProcess], proxy: Proxy, admin: Admin, namespace: str
) -> None:
    first, second = two
    first.signal(signal.SIGSTOP)
    await deploy(admin, namespace, "2")
    await until(second.is_leading)
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")
    # Something to do for whoever looks now, and the news of it waits in the first one's sockets.
    await admin.edit("MLModelDeployment", namespace, "fraud", {"spec": {"replicas": 3}})
    written = len(proxy.writes)
    first.signal(signal.SIGCONT)
    assert await first.ended() == 1
    assert proxy.writes[written:] == []
    await goes_on(second, admin, namespace, "3")


async def test_who_is_cut_off_ends_and_another_goes_on(
    two: tuple[OperatorProcess, OperatorProcess], proxy: Proxy, admin: Admin, namespace: str
) -> None:
    first, second = two
    proxy.cut_off()
    await deploy(admin, namespace, "2")
    assert await first.ended() == 1
    await until(second.is_leading)
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")
    proxy.mend()
    await goes_on(second, admin, namespace, "3")


@pytest.mark.parametrize("lease_seconds", [15.0])
async def test_who_can_not_renew_stops_writing_before_its_time_is_over(
    two: tuple[OperatorProcess, OperatorProcess],
    proxy: Proxy,
    admin: Admin,
    namespace: str,
    lease_seconds: float,
) -> None:
    first, second = two
    sent, renewed = list[float](), list[float]()
    is_cut, was_renewed = False, asyncio.Event()

    def is_about_the_lease(request: web.Request) -> bool:
        if "/leases/" not in request.path:
            return False
        if not is_cut:  # asked once for a request, and once more for its answer
            renewed.append(monotonic())
            if len(renewed) == 2:
                was_renewed.set()
        return is_cut

    async def count(_write: Write, forward: Forward) -> Answer | None:
        sent.append(monotonic())
        return await forward()

    proxy.gate = count
    proxy.cut_off(is_about_the_lease)
    await within(IN_TIME_SECONDS, was_renewed.wait())
    is_cut = True
    replicas = 2
    while first.process and first.process.poll() is None:  # there is always something to write
        replicas = 5 - replicas
        change = {"spec": {"replicas": replicas}}
        await admin.edit("MLModelDeployment", namespace, "fraud", change)
        await asyncio.sleep(0.1)
    assert await first.ended() == 1
    assert sent
    # The Lease's last third is there for what was sent in time to arrive.
    assert sent[-1] - renewed[-1] < lease_seconds * (1 + WRITING_SHARE) / 2
    await until(second.is_leading)
