"""Native histograms as real ones of Prometheus store and tell them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import pytest

from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.observe.measure import Measured, measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from serinus.signals.tally import Tally, tallied
from tests.integration.metrics.exporters import Pod, Pods, Shown
from tests.integration.metrics.native_exporters import NativePod
from tests.integration.metrics.server import Server, programs, version

SCRAPE_SECONDS = 0.4
CANARY, STABLE = "fraud-bbb-7d4b9-x1", "fraud-aaa-5c6d8-y1"
LATENCY = Objective(
    preset=Preset.LATENCY, limit="300ms", worse_than_stable=WorseThanStable(by="1s")
)
A_SETTING_SINCE = (3, 8)
"""Of Prometheus, where a flag was needed before."""


@contextmanager
def scraped(
    program: Path, directory: Path, pods: Mapping[str, Shown]
) -> Iterator[tuple[Server, Pods]]:
    """A Prometheus that takes native histograms, and makes some of classic ones where it can."""
    is_setting = version(program) >= A_SETTING_SINCE
    settings = {"scrape_native_histograms": True, "convert_classic_histograms_to_nhcb": True}
    exporters = Pods(pods)
    exporters.start()
    server = Server(
        program=program,
        directory=directory / "prometheus",
        scrape_interval_seconds=SCRAPE_SECONDS,
        targets=exporters.targets,
        options=() if is_setting else ("--enable-feature=native-histograms",),
        scrape_settings=settings if is_setting else {},
    )
    try:
        server.start()
        server.wait_until_scraped()
        yield server, exporters
    finally:
        server.stop()
        exporters.stop()


@pytest.fixture(params=sorted(programs()) or ["none"])
def program(request: pytest.FixtureRequest) -> Path:
    if request.param not in programs():
        pytest.skip("no Prometheus: `make cluster` builds one, apt-get install prometheus has one")
    return programs()[request.param]


async def counted(
    server: Server, began_at: datetime, restarted_at: datetime, looks: int
) -> tuple[Tally, Tally]:
    """What both tracks showed, gathered in some looks."""
    prometheus, found = Prometheus(PrometheusSettings(url=server.url)), Measured()
    end = datetime.now(UTC) + timedelta(seconds=1)
    await asyncio.sleep(2)
    for look in range(1, looks + 1):
        watch = Watch(
            namespace="prod",
            model="fraud",
            stable="aaa",
            canary="bbb",
            rollout="r1",
            objectives=(LATENCY,),
            ledger=found.ledger,
            evidence_since=began_at,
            now=began_at + (end - began_at) * look / looks,
            interval_seconds=1.0,
            pods_running_since={CANARY: restarted_at},
            scrape_interval_seconds=SCRAPE_SECONDS,
        )
        found = await measure(watch, prometheus)
    await prometheus.close()
    assert found.trouble == ""
    blocks = found.ledger.of(objective_key(LATENCY))
    return tallied(each.canary for each in blocks), tallied(each.stable for each in blocks)


@pytest.mark.parametrize("looks", [1, 4])
async def test_native_histograms_count_every_request_once(
    program: Path, tmp_path: Path, looks: int
) -> None:
    """Through a restart with wider buckets: next to 300 ms are 324.2, and 353.6 ms then."""
    canary, stable = (NativePod(name) for name in (CANARY, STABLE))
    with scraped(program, tmp_path, {each.name: each for each in (canary, stable)}) as (
        server,
        exporters,
    ):
        began_at = datetime.now(UTC)
        canary.serve(40, 0.05)
        stable.serve(900, 0.05)
        exporters.rest(3)
        canary.serve(7, 0.45)
        canary.serve(5, 0.002)
        stable.serve(3, 0.34)
        stable.serve(2, 5.0)
        exporters.rest(3)
        restarted_at = datetime.now(UTC)
        canary.restart(schema=2)
        canary.serve(20, 0.05)
        stable.serve(50, 0.2)
        exporters.rest(3)
        canary.serve(2, 0.9)
        exporters.rest(3)
        tallies = await counted(server, began_at, restarted_at, looks)
    for pod, tally in zip((canary, stable), tallies, strict=True):
        assert tally.total == len(pod.truth)
        at_most, at_least = (sum(seconds > e for seconds in pod.truth) for e in (0.3, 2**-1.5))
        assert at_least <= tally.bad <= (at_most if looks > 1 else at_least)
        for edge, within in tally.buckets:
            assert within == sum(seconds <= edge for seconds in pod.truth)
    assert len(tallies[0].buckets) > 4


async def test_classic_buckets_that_prometheus_made_custom_ones_have_the_edges_they_had(
    program: Path, tmp_path: Path
) -> None:
    if version(program) < A_SETTING_SINCE:
        pytest.skip("this Prometheus makes no native histograms of classic ones")
    canary, stable = (Pod(name) for name in (CANARY, STABLE))
    with scraped(program, tmp_path, {each.name: each for each in (canary, stable)}) as (
        server,
        exporters,
    ):
        began_at = datetime.now(UTC)
        canary.serve(40, slow=7)
        stable.serve(900, slow=3)
        exporters.rest(3)
        canary.serve(30, slow=2)
        stable.serve(60)
        exporters.rest(3)
        tallies = await counted(server, began_at, began_at, looks=1)
    assert [(each.total, each.bad) for each in tallies] == [(70, 9), (960, 3)]
    assert {edge for edge, _ in tallies[0].buckets} == {0.1, 0.5, 1.0, inf}
