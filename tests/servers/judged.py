"""A real server, real requests, a real Prometheus: what the operator counts of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.evidence.ledger import Ledger, Tally
from serinus.observe.measure import measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.objective import Preset as ObjectivePreset
from serinus.servers.preset import preset_of
from serinus.signals.blocks import objective_key
from serinus.signals.tally import tallied
from tests.integration.control_plane import free_ports
from tests.integration.metrics.server import Server, Target
from tests.servers.recipes import RECIPES, Ports, Recipe, write_files
from tests.servers.running import Running, environment, status_of

GOOD, BAD, PROBES = 60, 20, 15
SCRAPE_SECONDS = 1.0
STARTS_WITHIN_SECONDS = 180.0
POD = "fraud-bbb-7d4b9-x1"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was counted where GOOD and BAD requests were sent."""

    errors: Tally
    latency: Tally

    @property
    def signals(self) -> list[str]:
        """The signals that said exactly what had happened; of durations, of how many."""
        found = []
        if (self.errors.total, self.errors.bad) == (GOOD + BAD, BAD):
            found.append("error-rate")
        if self.latency.total in (GOOD, GOOD + BAD):
            found.append("latency")
        return found


def judge(name: str, prometheus: Path, folder: Path) -> Judged:
    """Return what the operator counts of a server that was sent requests."""
    recipe, ports = RECIPES[name], Ports(**dict(zip(PORTS, free_ports(3), strict=True)))
    write_files(recipe, ports, folder)
    server = Running(recipe.command(environment(recipe.packages), ports), folder)
    preset = preset_of(name)
    target = Target(
        f"127.0.0.1:{recipe.shows_at(ports)}",
        preset.pod.metrics.path,
        {"namespace": "prod", "pod": POD, "instance": POD},
    )
    scraper = Server(prometheus, folder / "prometheus", SCRAPE_SECONDS, (target,))
    try:
        server.start()
        _wait_until_ready(name, ports, server)
        return _sent_and_counted(name, ports, scraper)
    finally:
        server.stop()


def _sent_and_counted(name: str, ports: Ports, scraper: Server) -> Judged:
    recipe = RECIPES[name]
    scraper.start()
    try:
        scraper.wait_until_scraped()
        since = datetime.now(UTC)
        _send(recipe, ports)
        time.sleep(recipe.settles_seconds)
        return asyncio.run(_counted(name, recipe, scraper.url, since))
    finally:
        scraper.stop()


PORTS = ("http", "metrics", "other")


def _wait_until_ready(name: str, ports: Ports, server: Running) -> None:
    """By the preset's own probe: what it says of readiness is tried as well."""
    probe = preset_of(name).pod.ready
    path = (probe.path if probe else None) or RECIPES[name].probes[0]
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while status_of(f"http://127.0.0.1:{ports.http}{path}") != 200:
        if time.monotonic() > deadline or server.has_ended():
            raise RuntimeError(f"{name} does not start: {server.last_words()}")
        time.sleep(0.3)


def _send(recipe: Recipe, ports: Ports) -> None:
    at = f"http://127.0.0.1:{ports.http}"
    outcomes = [status_of(at + recipe.path, recipe.body(1.0)) for _ in range(GOOD)]
    outcomes += [status_of(at + recipe.path, recipe.body(-1.0)) for _ in range(BAD)]
    if outcomes != [200] * GOOD + [500] * BAD:
        raise RuntimeError(f"the model answers otherwise than it should: {outcomes}")
    for path in recipe.probes:
        for _ in range(PROBES):
            status_of(at + path)


async def _counted(name: str, recipe: Recipe, url: str, since: datetime) -> Judged:
    adapter = Prometheus(PrometheusSettings(url=url))
    try:
        errors = Objective(preset=ObjectivePreset.ERROR_RATE, limit="5%")
        latency = Objective(
            preset=ObjectivePreset.LATENCY, worse_than_stable=WorseThanStable(by="20%")
        )
        found = await measure(_watch(name, recipe, since, (errors, latency)), adapter)
    finally:
        await adapter.close()
    tallies = (
        tallied(block.canary for block in found.ledger.of(objective_key(each)))
        for each in (errors, latency)
    )
    return Judged(errors=next(tallies), latency=next(tallies))


def _watch(name: str, recipe: Recipe, since: datetime, objectives: Sequence[Objective]) -> Watch:
    return Watch(
        namespace="prod",
        model="fraud",
        stable="aaa",
        canary="bbb",
        rollout="r1",
        objectives=tuple(objectives),
        ledger=Ledger(),
        evidence_since=since - timedelta(seconds=2 * SCRAPE_SECONDS),
        now=datetime.now(UTC),
        interval_seconds=15.0,
        scrape_interval_seconds=SCRAPE_SECONDS,
        server=name,
        source=recipe.source,
        served_name=recipe.served_name,
    )
