"""Counts and answers of a real Prometheus, of each version at hand."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.evidence.ledger import Ledger, Tally
from serinus.observe.measure import Measured, measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from tests.integration.metrics.conftest import SCRAPE_SECONDS, Recorded
from tests.integration.metrics.server import Server, programs

MARGIN = WorseThanStable(by="1%")
ERRORS = Objective(preset=Preset.ERROR_RATE, worse_than_stable=MARGIN)
LATENCY = Objective(
    preset=Preset.LATENCY, limit="500ms", worse_than_stable=WorseThanStable(by="1s")
)
OWN = Objective(
    name="own",
    bad='sum(model_requests_total{code="503",$(selector)})',
    total="sum(model_requests_total{$(selector)})",
    worse_than_stable=MARGIN,
)
DRIFT = Objective(name="drift", value="max(model_drift{$(selector)})", limit="0.2")
BROKEN = Objective(name="broken", value="max(model_drift{$(selector)}", limit="0.2")

OK, FAILED = 'model_requests_total{code="200"}', 'model_requests_total{code="503"}'


@pytest.fixture(params=sorted(programs()) or ["none"])
def server(request: pytest.FixtureRequest, recorded: Recorded) -> Server:
    return recorded.servers[request.param]


@pytest.fixture
async def prometheus(server: Server) -> AsyncIterator[Prometheus]:
    adapter = Prometheus(PrometheusSettings(url=server.url))
    yield adapter
    await adapter.close()


def watch_at(recorded: Recorded, now: datetime, ledger: Ledger, *objectives: Objective) -> Watch:
    return Watch(
        namespace="prod",
        model="fraud",
        stable="aaa",
        canary="bbb",
        rollout="r1",
        objectives=objectives,
        ledger=ledger,
        evidence_since=recorded.began_at,
        now=now,
        interval_seconds=1.0,
        pods_running_since=recorded.restarted_at,
        scrape_interval_seconds=SCRAPE_SECONDS,
    )


async def measured(
    recorded: Recorded, prometheus: Prometheus, *objectives: Objective, looks: int = 1
) -> Measured:
    """The evidence of all that happened, gathered in some looks."""
    found = Measured()
    end = recorded.ended_at + timedelta(seconds=2)
    await asyncio.sleep(max(0.0, (end - datetime.now(end.tzinfo)).total_seconds()))
    for look in range(1, looks + 1):
        now = recorded.began_at + (end - recorded.began_at) * look / looks
        watch = watch_at(recorded, now, found.ledger, *objectives)
        found = await measure(watch, prometheus)
    return found


def pooled(found: Measured, objective: Objective) -> tuple[Tally, Tally]:
    blocks = found.ledger.of(objective_key(objective))
    canary, stable = Tally(), Tally()
    for block in blocks:
        canary, stable = canary + block.canary, stable + block.stable
    return canary, stable


@pytest.mark.parametrize("looks", [1, 5])
@pytest.mark.parametrize("objective", [ERRORS, OWN])
async def test_every_request_counts_once(
    recorded: Recorded, prometheus: Prometheus, objective: Objective, looks: int
) -> None:
    """Through births, late scrapes, a restart, a death and failed ones, however often we look."""
    found = await measured(recorded, prometheus, objective, looks=looks)
    assert found.trouble == ""
    for tally, revision in zip(pooled(found, objective), ("bbb", "aaa"), strict=True):
        bad = recorded.truth(revision, FAILED)
        total = bad + recorded.truth(revision, OK)
        assert (tally.total, tally.bad) == (total, bad)


async def test_durations_are_counted_by_bucket(recorded: Recorded, prometheus: Prometheus) -> None:
    found = await measured(recorded, prometheus, LATENCY)
    canary, _ = pooled(found, LATENCY)
    shown = {
        edge: recorded.truth("bbb", f'model_request_duration_seconds_bucket{{le="{text}"}}')
        for edge, text in ((0.1, "0.1"), (0.5, "0.5"), (1.0, "1"), (float("inf"), "+Inf"))
    }
    assert dict(canary.buckets) == shown
    assert (canary.total, canary.bad) == (240, 4)


async def test_a_gauge_is_read(recorded: Recorded, prometheus: Prometheus) -> None:
    found = await measured(recorded, prometheus, DRIFT)
    canary, stable = pooled(found, DRIFT)
    assert canary.total >= 5
    assert canary.bad / canary.total == stable.bad / stable.total == 0.25


async def test_a_query_with_a_slip_is_told_in_the_words_of_prometheus(
    recorded: Recorded, prometheus: Prometheus
) -> None:
    found = await measured(recorded, prometheus, BROKEN, ERRORS)
    assert list(found.troubles) == [objective_key(BROKEN)]
    assert "parse error: unclosed left parenthesis" in found.trouble
    assert found.ledger.of(objective_key(ERRORS))


async def test_a_query_that_cannot_be_carried_out_is_refused(
    recorded: Recorded, prometheus: Prometheus
) -> None:
    many_to_many = "model_requests_total / on() model_requests_total"
    with pytest.raises(QueryRefused, match=r"many-to-many|duplicate series"):
        await prometheus.evaluate(many_to_many, recorded.began_at, recorded.ended_at, 1)


async def test_a_question_too_long_to_be_answered_is_refused(
    recorded: Recorded, prometheus: Prometheus
) -> None:
    since = recorded.began_at - timedelta(days=365)
    with pytest.raises(QueryRefused, match=r"exceeded maximum resolution"):
        await prometheus.evaluate("up", since, recorded.ended_at, 1)


async def test_all_models_are_served_by_the_same_few_requests(
    recorded: Recorded, prometheus: Prometheus
) -> None:
    answer = await prometheus.raw('model_requests_total{pod!=""}', 60, recorded.ended_at)
    again = await prometheus.raw('model_requests_total{pod!=""}', 60, recorded.ended_at)
    assert answer is again
    assert {series.labels["pod"].split("-")[0] for series in answer} == {"fraud", "churn"}


async def test_a_prometheus_that_went_away_is_no_bad_model(
    recorded: Recorded, prometheus: Prometheus
) -> None:
    gone = Prometheus(PrometheusSettings(url="http://127.0.0.1:9"))
    try:
        with pytest.raises(OutsideUnavailable):
            await gone.raw("up", 60, recorded.ended_at)
        watch = watch_at(recorded, recorded.ended_at, Ledger(), ERRORS)
        found = await measure(watch, gone)
    finally:
        await gone.close()
    assert "Connection refused" in found.trouble
    assert found.ledger.blocks.get(objective_key(ERRORS), ()) == ()
