"""The composition root: settings, adapters, kopf; `python -m serinus` runs the operator."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import kopf
from kubernetes.aio.config import ConfigException

from serinus import handlers  # noqa: F401  # importing it is what registers them with kopf
from serinus.adapters.health import Health
from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_api import ApiServer
from serinus.adapters.kubernetes_login import Login, log_in
from serinus.adapters.outside import LiveOutside
from serinus.adapters.probes import serve_metrics, serve_probes
from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_session import PrometheusSettings
from serinus.adapters.telemetry import Telemetry, own_version
from serinus.lookout import Operator
from serinus.settings import Settings, SettingsInvalid, read_settings

logger = logging.getLogger("serinus")


def main() -> int:
    """Run until told to stop; return the exit code."""
    try:
        settings = read_settings(os.environ)
    except SettingsInvalid as invalid:
        sys.stderr.write(f"serinus: {invalid}\n")
        return 2
    set_up_logs(settings)
    try:
        asyncio.run(run(settings))
    except ConfigException as nobody:
        logger.critical("No credentials for the API server: %s", nobody)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def set_up_logs(settings: Settings) -> None:
    """Have everything log in one format, kopf included."""
    is_json = settings.log_format == "json"
    kopf.configure(log_format=kopf.LogFormat.JSON if is_json else kopf.LogFormat.FULL)
    logging.getLogger().setLevel(settings.log_level.upper())
    if settings.log_level != "debug":
        # It tells of every event that it delivered.
        logging.getLogger("kopf.objects").setLevel(logging.WARNING)


async def run(settings: Settings) -> None:
    """Put the adapters together and hand the rest to kopf."""
    telemetry, login = Telemetry(), await log_in()
    metrics = make_prometheus(settings, telemetry)
    started = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(metrics.close)
        cluster = await stack.enter_async_context(make_cluster(settings, login, telemetry))
        operator = Operator(
            LiveOutside(
                cluster=cluster,
                login=login,
                metrics=metrics,
                telemetry=telemetry,
                scrape_interval_seconds=settings.scrape_interval_seconds,
            )
        )
        cluster.on_change = operator.wake
        health = Health(
            cluster=cluster, overdue_seconds=operator.overdue_seconds, is_started=started.is_set
        )
        telemetry.show_resources(cluster.resources.bodies)
        telemetry.show_watches(cluster.watch_ages)
        await stack.enter_async_context(
            serve_probes(settings.probes_port, health.faults, health.missing)
        )
        await stack.enter_async_context(serve_metrics(settings.metrics_port, telemetry.registry))
        stack.callback(asyncio.create_task(login.keep_fresh(), name="login").cancel)
        logger.info(
            "serinus %s is watching %s", own_version(), settings.namespaces or "everything"
        )
        await cluster.defined()
        await serve(settings, operator, started)


async def serve(settings: Settings, operator: Operator, started: asyncio.Event) -> None:
    """Let kopf deliver resources until a signal ends it."""
    await kopf.operator(
        clusterwide=not settings.namespaces,
        namespaces=settings.namespaces,
        standalone=True,
        memo=kopf.Memo(operator=operator),
        ready_flag=started,
    )


def make_cluster(settings: Settings, login: Login, telemetry: Telemetry) -> Cluster:
    """Return the cluster adapter as the settings want it."""
    return Cluster(
        ApiServer(login.configuration, count=telemetry.kubernetes_request),
        namespaces=settings.namespaces,
        own_namespace=settings.own_namespace,
        tracks_secrets=settings.track_secrets,
        instance=os.environ.get("HOSTNAME", "serinus"),
        count_bug=telemetry.bug,
    )


def make_prometheus(settings: Settings, telemetry: Telemetry) -> Prometheus:
    """Return the metrics adapter as the settings want it."""
    username_file = settings.prometheus_username_file
    return Prometheus(
        PrometheusSettings(
            url=settings.prometheus_url,
            timeout_seconds=settings.prometheus_timeout_seconds,
            ca_file=settings.prometheus_ca_file,
            bearer_token_file=settings.prometheus_token_file,
            username=Path(username_file).read_text().strip() if username_file else "",
            password_file=settings.prometheus_password_file,
        ),
        count=telemetry.prometheus_request,
    )


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
