"""The composition root: settings, adapters, kopf; `python -m serinus` runs the operator."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace

import kopf
from kubernetes.aio.config import ConfigException

from serinus import handlers  # importing it is what registers them with kopf
from serinus.adapters.calibrator import Calibrator
from serinus.adapters.health import Health
from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_api import ApiServer
from serinus.adapters.kubernetes_json import read_json
from serinus.adapters.kubernetes_lease import Lease
from serinus.adapters.kubernetes_login import Login, log_in
from serinus.adapters.memory import be_modest
from serinus.adapters.outside import LiveOutside
from serinus.adapters.probes import serve_pages
from serinus.adapters.prometheuses import Prometheuses
from serinus.adapters.telemetry import Telemetry, own_version
from serinus.alarm import Alarm
from serinus.errors import PortTaken
from serinus.lookouts import Operator
from serinus.resource.defaults import Defaults
from serinus.settings import Settings, SettingsInvalid, read_settings

logger = logging.getLogger("serinus")


def main() -> int:
    """Run until told to stop; return the exit code."""
    try:
        settings = read_settings(os.environ)
        made_up = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"  # no other process has it
        settings = replace(settings, instance=settings.instance or made_up)
    except SettingsInvalid as invalid:
        sys.stderr.write(f"serinus: {invalid}\n")
        return 2
    set_up_logs(settings)
    be_modest()
    try:
        return asyncio.run(run(settings))
    except ConfigException as nobody:
        logger.critical("No credentials for the API server: %s", nobody)
        return 2
    except PortTaken as taken:
        logger.critical("%s", taken)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


def set_up_logs(settings: Settings) -> None:
    """Have everything log in one format, kopf included."""
    is_json = settings.log_format == "json"
    kopf.configure(log_format=kopf.LogFormat.JSON if is_json else kopf.LogFormat.FULL)
    logging.getLogger().setLevel(settings.log_level.upper())
    if settings.log_level != "debug":
        # It tells of every event that it delivered.
        logging.getLogger("kopf.objects").setLevel(logging.WARNING)


async def run(settings: Settings) -> int:
    """Put the adapters together, hand the rest to kopf, and return the exit code."""
    end_when_told_to()
    telemetry, login, started = Telemetry(), await log_in(), asyncio.Event()
    metrics = make_prometheus(settings, telemetry)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(metrics.close)
        lease = await stack.enter_async_context(leasing(settings, login, telemetry))
        cluster = make_cluster(settings, login, telemetry, lease)
        await stack.enter_async_context(cluster)
        outside = make_outside(settings, cluster, login, metrics, telemetry)
        operator = Operator(outside)
        alarm = Alarm(lookouts=operator.lookouts, outside=outside)
        cluster.on_change = operator.wake
        metrics.listen(alarm.heard)
        works = [login.keep_fresh(), alarm.keep_listening()]
        if outside.calibrator:
            outside.calibrator.on_made = operator.wake
            works.append(outside.calibrator.keep_calibrating())
        overdue_seconds, is_started = operator.overdue_seconds, started.is_set
        health = Health(
            cluster=cluster, lease=lease, overdue_seconds=overdue_seconds, is_started=is_started
        )
        ports = settings.probes_port, settings.metrics_port
        await stack.enter_async_context(serve_pages(*ports, telemetry, health))
        for work in works:
            stack.callback(asyncio.create_task(work).cancel)
        logger.info("serinus %s: watching %s", own_version(), settings.namespaces or "everything")
        await lease.acquire()
        idle = asyncio.Event()
        await while_held(lease, serve(settings, cluster, operator, started, idle), idle)
    return 0


def make_outside(
    settings: Settings, cluster: Cluster, login: Login, metrics: Prometheuses, telemetry: Telemetry
) -> LiveOutside:
    """Return all that looking needs."""
    return LiveOutside(
        cluster=cluster,
        login=login,
        metrics=metrics,
        telemetry=telemetry,
        defaults=Defaults(objectives=settings.default_objectives, policy=settings.default_policy),
        storage_images=settings.storage_images,
        calibrator=Calibrator() if settings.calibrate and settings.prometheus_url else None,
    )


def end_when_told_to() -> None:
    """End in order on SIGTERM until kopf, which does so too, has started.

    The first process of a container is not ended by a signal that it does not handle.
    """
    if task := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def while_held(lease: Lease, work: Coroutine[None, None, None], idle: asyncio.Event) -> None:
    """Work for as long as the Lease is ours, and give it back as soon as nobody looks any more.

    What kopf has to end after that can take it five seconds: it waits for the connections to our
    pages too, and a Prometheus that scrapes them keeps its own open.
    """
    keeping = asyncio.create_task(lease.keep(), name="lease")
    working = asyncio.create_task(work, name="work")
    resting = asyncio.create_task(idle.wait(), name="rest")
    tasks = {keeping, working, resting}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            end_at_once(keeping.exception())
        keeping.cancel()
        await asyncio.wait({keeping})
        await lease.release()
        await working
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def end_at_once(bug: BaseException | None) -> None:
    """End without a farewell: kopf's takes seconds, in which it would still write finalizers.

    Whatever is under way is another's to finish by now, and finds itself in the cluster.
    """
    if bug:
        logger.critical("The Lease can't be kept", exc_info=bug)
    logging.shutdown()
    os._exit(1)


async def serve(
    settings: Settings,
    cluster: Cluster,
    operator: Operator,
    started: asyncio.Event,
    idle: asyncio.Event,
) -> None:
    """Let kopf deliver resources until a signal ends it; it writes finalizers, and no sooner."""
    await cluster.defined()
    cluster.resources.expect_delivery()
    handlers.read_with(read_json)
    await kopf.operator(
        clusterwide=not settings.namespaces,
        namespaces=settings.namespaces,
        standalone=True,
        memo=kopf.Memo(operator=operator, idle=idle),
        ready_flag=started,
    )


@asynccontextmanager
async def leasing(settings: Settings, login: Login, telemetry: Telemetry) -> AsyncIterator[Lease]:
    """Make the Lease as the settings want it, and give it back when everything else has ended.

    Its connections are its own: a renewal must not wait behind what it is there to allow.
    """
    api = ApiServer(
        login.configuration,
        request_timeout_seconds=settings.lease_duration_seconds / 3,
        count=telemetry.kubernetes_request,
    )
    lease = Lease(
        api,
        namespace=settings.own_namespace,
        name=settings.lease,
        identity=settings.instance,
        duration_seconds=settings.lease_duration_seconds,
    )
    telemetry.show_leading(lambda: lease.is_held)
    try:
        yield lease
    finally:
        await lease.release()
        await api.close()


def make_cluster(settings: Settings, login: Login, telemetry: Telemetry, lease: Lease) -> Cluster:
    """Return the cluster adapter as the settings want it; it writes while the Lease lasts."""
    return Cluster(
        ApiServer(
            login.configuration,
            count=telemetry.kubernetes_request,
            write_seconds=lease.write_seconds,
        ),
        namespaces=settings.namespaces,
        own_namespace=settings.own_namespace,
        tracks_secrets=settings.track_secrets,
        instance=settings.instance,
        count_bug=telemetry.bug,
    )


def make_prometheus(settings: Settings, telemetry: Telemetry) -> Prometheuses:
    """Return the metrics adapter as the settings want it."""
    return Prometheuses(
        settings.prometheuses,
        settings.scrape_interval_seconds,
        settings.aws_identity,
        count=telemetry.prometheus_request,
    )


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
