"""Run a model server: answer probes at once, load the model, serve, and leave no one hanging."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import time
from collections.abc import Coroutine

from aiohttp import web
from prometheus_client import CollectorRegistry

from demo.environment import SettingError
from demo.model import artefact
from demo.model.server import ModelServer
from demo.model.settings import ServerSettings
from demo.stopping import stop_on_signal
from serinus_sdk import Baseline, Monitor

CRASHED = 70
LAST_ACCEPTED_SECONDS = 0.2  # what came in just before the port closed is still to be read

log = logging.getLogger(__name__)


async def serve(settings: ServerSettings, stop: asyncio.Event) -> None:
    baseline = Baseline.load(settings.baseline_path)
    monitor = Monitor(baseline, version=settings.version, registry=CollectorRegistry())
    server = ModelServer(settings.version, settings.faults, random.Random(), monitor)  # noqa: S311
    runner = web.AppRunner(
        server.application(), access_log=None, shutdown_timeout=settings.drain_seconds
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        await until_stopped(load_and_wait(server, settings), stop)
        await drain(server, site, settings.drain_seconds)
    finally:
        await runner.cleanup()


async def load_and_wait(server: ModelServer, settings: ServerSettings) -> None:
    started = time.monotonic()
    await asyncio.sleep(settings.faults.load_seconds)
    server.model = await asyncio.to_thread(artefact.load, settings.model_path)
    seconds = time.monotonic() - started
    log.info("version %s ready after %.2f s", settings.version, seconds)
    if settings.faults.crash_after_seconds:
        await asyncio.sleep(settings.faults.crash_after_seconds)
        log.error("CRASH_AFTER_SECONDS is over")
        os._exit(CRASHED)  # like an OOM kill: no drain, no clean-up, no last word
    await asyncio.Event().wait()


async def until_stopped(work: Coroutine[None, None, None], stop: asyncio.Event) -> None:
    """Until SIGTERM, or until the work fails: a model that can't be loaded ends the process."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
    working.cancel()
    stopping.cancel()


async def drain(server: ModelServer, site: web.TCPSite, seconds: float) -> None:
    """Go on answering for a while: who asks now hasn't heard yet that this pod is leaving."""
    server.draining = True
    log.info("draining for %.1f s", seconds)
    await asyncio.sleep(seconds)
    await site.stop()
    await asyncio.sleep(LAST_ACCEPTED_SECONDS)


async def run(settings: ServerSettings) -> None:
    await serve(settings, stop_on_signal())


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        settings = ServerSettings.read(os.environ)
    except SettingError as error:
        sys.exit(str(error))
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
