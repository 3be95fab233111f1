"""The stub answers as Prometheus does, from a recorded trace."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.stub.open_metrics import open_metrics
from benchmarks.stub.server import application
from benchmarks.stub.trace import moved, read_trace, write_trace
from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.signals.series import Series

GOOD = Series(
    labels={"__name__": "requests_total", "code": "200", "pod": "a"},
    samples=((10.0, 1.0), (15.0, 4.0), (20.0, 9.5)),
)
BAD = Series(
    labels={"__name__": "requests_total", "code": "500", "pod": "a"}, samples=((20.0, 1.0),)
)
UP = Series(labels={"__name__": "up", "pod": "a"}, samples=((10.0, 1.0), (15.0, 0.0)))
TRACE = (GOOD, BAD, UP)


@pytest.fixture
async def stub() -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(application(TRACE, lambda: 1000.0))) as client:
        yield client


async def ask(stub: TestClient, query: str, time: str = "20") -> dict:
    answer = await stub.get("/api/v1/query", params={"query": query, "time": time})
    return dict(await answer.json())


async def test_a_range_gives_raw_samples_after_its_start(stub: TestClient) -> None:
    answer = await ask(stub, 'requests_total{code="200"}[10s]')
    assert answer["data"] == {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"__name__": "requests_total", "code": "200", "pod": "a"},
                "values": [[15.0, "4"], [20.0, "9.5"]],
            }
        ],
    }


async def test_a_selector_alone_gives_the_newest_sample(stub: TestClient) -> None:
    answer = await ask(stub, 'requests_total{code=~"2..|5.."}', time="19")
    assert [(one["metric"]["code"], one["value"]) for one in answer["data"]["result"]] == [
        ("200", [19.0, "4"])
    ]


async def test_what_is_too_old_is_gone(stub: TestClient) -> None:
    assert (await ask(stub, "up", time="400"))["data"]["result"] == []


async def test_it_may_be_posted_and_asked_by_a_date(stub: TestClient) -> None:
    at = datetime.fromtimestamp(20, UTC).isoformat()
    answer = await stub.post("/api/v1/query", data={"query": "up[1m]", "time": at})
    assert len((await answer.json())["data"]["result"][0]["values"]) == 2


async def test_what_it_cannot_evaluate_is_refused(stub: TestClient) -> None:
    answer = await stub.get("/api/v1/query", params={"query": "sum(rate(requests_total[1m]))"})
    assert answer.status == 400
    assert (await answer.json())["errorType"] == "bad_data"


async def test_a_moved_trace_grows_with_the_clock() -> None:
    now = 5000.0
    app = application(TRACE, lambda: now, starts_at=5000.0)
    async with TestClient(TestServer(app)) as client:
        assert len((await ask(client, "requests_total[1m]", "9999"))["data"]["result"]) == 1
        now += 10
        assert len((await ask(client, "requests_total[1m]", "9999"))["data"]["result"]) == 2


async def test_the_operator_reads_it_as_it_reads_prometheus(stub: TestClient) -> None:
    reader = Prometheus(PrometheusSettings(url=str(stub.make_url("/"))))
    try:
        found = await reader.raw("requests_total", 60.0, datetime.fromtimestamp(20, UTC))
    finally:
        await reader.close()
    assert found == (GOOD, BAD)


def test_a_trace_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace.jsonl", TRACE)
    assert read_trace(tmp_path / "trace.jsonl") == TRACE
    assert (
        json.loads((tmp_path / "trace.jsonl").read_text().splitlines()[2])["labels"]["pod"] == "a"
    )


def test_a_trace_that_begins_now_is_told_family_by_family() -> None:
    assert open_metrics(moved(TRACE, 5000.0)).splitlines() == [
        "# TYPE requests counter",
        'requests_total{code="200",pod="a"} 1.0 5000.0',
        'requests_total{code="200",pod="a"} 4.0 5005.0',
        'requests_total{code="200",pod="a"} 9.5 5010.0',
        'requests_total{code="500",pod="a"} 1.0 5010.0',
        "# TYPE up gauge",
        'up{pod="a"} 1.0 5000.0',
        'up{pod="a"} 0.0 5005.0',
        "# EOF",
    ]
