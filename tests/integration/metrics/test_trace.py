"""A trace of the benchmark in a real Prometheus, asked as other tools ask."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stub.open_metrics import open_metrics
from benchmarks.stub.trace import moved
from serinus.signals.series import Series
from tests.integration.metrics.server import Server

SCRAPE_SECONDS, SCRAPES = 5, 120
START = 2_000_000_000.0
"""In 2033, as a trace that begins now has most of it to come."""


def counter(name: str, a_scrape: float, **labels: str) -> Series:
    samples = ((number * SCRAPE_SECONDS, number * a_scrape) for number in range(SCRAPES))
    return Series(labels={"__name__": name, **labels}, samples=tuple(samples))


TRACE = (
    counter("model_requests_total", 98.0, pod="fraud-bbb-1", code="200"),
    counter("model_requests_total", 2.0, pod="fraud-bbb-1", code="500"),
    counter("model_requests_total", 900.0, pod="fraud-aaa-1", code="200"),
    counter("model_seconds_bucket", 50.0, pod="fraud-bbb-1", le="0.1"),
    counter("model_seconds_bucket", 100.0, pod="fraud-bbb-1", le="0.25"),
    counter("model_seconds_bucket", 100.0, pod="fraud-bbb-1", le="+Inf"),
)


@pytest.fixture(scope="module")
def server(promtool: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(
        program=promtool.with_name("prometheus"),
        directory=tmp_path_factory.mktemp("trace") / "prometheus",
        scrape_interval_seconds=5,
    )
    with server.holding(open_metrics(moved(TRACE, START))) as answering:
        yield answering


def asked(server: Server, query: str, second: float) -> list[float]:
    """What it tells at a second of the trace."""
    form = urllib.parse.urlencode({"query": query, "time": START + second})
    with urllib.request.urlopen(f"{server.url}/api/v1/query?{form}", timeout=30) as response:
        found = json.load(response)["data"]["result"]
    return [float(one["value"][1]) for one in found]


def test_shares_of_bad_requests_are_what_the_trace_holds(server: Server) -> None:
    canary = 'pod=~"fraud-bbb-.*"'
    share = (
        f'sum(rate(model_requests_total{{{canary},code=~"5.."}}[1m]))'
        f"/ sum(rate(model_requests_total{{{canary}}}[1m]))"
    )
    assert asked(server, share, 300) == [pytest.approx(0.02)]


def test_quantiles_are_read_off_its_buckets(server: Server) -> None:
    quantile = "histogram_quantile(0.75, sum by (le) (rate(model_seconds_bucket[1m])))"
    assert asked(server, quantile, 300) == [pytest.approx(0.175)]


def test_nothing_is_told_of_what_is_to_come(server: Server) -> None:
    assert asked(server, "count(model_requests_total)", -1) == []
    assert asked(server, 'max_over_time(model_requests_total{code="500"}[1h])', 52) == [20]
