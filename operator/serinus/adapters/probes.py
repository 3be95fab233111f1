"""Three pages over HTTP: /healthz and /readyz on one port, /metrics on another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from serinus.adapters.health import Health
from serinus.adapters.telemetry import Telemetry
from serinus.errors import PortTaken

Faults = Callable[[], tuple[str, ...]]


@asynccontextmanager
async def serve_pages(
    probes_port: int, metrics_port: int, telemetry: Telemetry, health: Health
) -> AsyncIterator[None]:
    """Show whether we live, and our own metrics, for as long as the context lasts."""
    telemetry.show_resources(health.cluster.resources.bodies)
    telemetry.show_watches(health.cluster.watch_ages)
    async with (
        serve_probes(probes_port, health.faults, health.missing),
        serve_metrics(metrics_port, telemetry.registry),
    ):
        yield


@asynccontextmanager
async def serve_probes(port: int, healthy: Faults, ready: Faults) -> AsyncIterator[None]:
    """Serve the probes for as long as the context lasts.

    Each answers 503 with the faults, or 200 where there are none. The pages come from the event
    loop that does the work: when that stands still, there is no answer, which is an answer too.
    """
    app = web.Application()
    app.router.add_get("/healthz", _page(healthy))
    app.router.add_get("/readyz", _page(ready))
    async with _serving(app, port):
        yield


@asynccontextmanager
async def serve_metrics(port: int, registry: CollectorRegistry) -> AsyncIterator[None]:
    """Serve the metrics for as long as the context lasts."""

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with _serving(app, port):
        yield


def _page(faults: Faults) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        found = faults()
        return web.Response(status=503 if found else 200, text="\n".join(found) or "ok")

    return answer


@asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, port=port)  # on all addresses, of both protocols
        try:
            await site.start()
        except OSError as taken:
            raise PortTaken(f"can't listen on port {port}: {taken.strerror}") from taken
        yield
    finally:
        await runner.cleanup()
