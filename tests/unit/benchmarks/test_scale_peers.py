"""A peer's figures are read from kube-apiserver, from its questions, and from what it wrote."""

import time

import pytest

from benchmarks.scale.fleet import NAMESPACE
from benchmarks.scale.meters import Lag, Reading
from benchmarks.scale.objective import SHARE_OF
from benchmarks.scale.peers.canaries import Primaries, metric_template
from benchmarks.scale.peers.flows import read
from benchmarks.scale.peers.lateness import lag_buckets
from benchmarks.scale.peers.peer import total
from benchmarks.scale.prometheus import BAD_VERSION, Exposed, Pod
from benchmarks.scale.router import Routes

DISPATCHED = "apiserver_flowcontrol_dispatched_requests_total"


def primary(version: str) -> dict[str, object]:
    container = {"name": "model", "image": f"model:{version}"}
    return {
        "metadata": {"namespace": NAMESPACE, "name": "model-0001-primary"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def test_requests_are_those_of_the_peers_flows_by_verb() -> None:
    counted = (("global-default", "7"), ("peer-get", "1.234e+06"), ("peer-update", "12"))
    metrics = "\n".join(
        f'{DISPATCHED}{{flow_schema="{schema}",priority_level="global-default"}} {count}'
        for schema, count in counted
    )
    assert read(metrics) == {"get": 1_234_000, "update": 12}


def test_looks_are_all_series_of_the_peers_counter() -> None:
    metrics = """\
# TYPE looks_count counter
looks_count{name="model-0001"} 3
looks_count{name="model-0002"} 1e+01
looks_count_of_something_else{name="model-0001"} 100
"""
    assert total("looks_count", metrics) == 13


def test_a_look_is_late_by_what_it_came_after_an_interval() -> None:
    asked = {"a 2": [0.0, 10.0, 20.0, 33.0], "a 3": [500.0], "b 2": [1.0, 10.9]}
    reading = Reading(lag=Lag(lag_buckets(asked, 10.0)))
    assert reading.lag.buckets[float("inf")] == 4
    assert reading.lag.seconds(0.75) == pytest.approx(0.0)
    assert reading.lag.seconds(1.0) == pytest.approx(3.0)


def test_what_came_before_a_phase_is_not_its_lag() -> None:
    before = {"a 2": [0.0, 19.0]}
    after = {"a 2": [0.0, 19.0, 29.0]}
    phase = Reading(lag=Lag(lag_buckets(after, 10.0))).since(
        Reading(lag=Lag(lag_buckets(before, 10.0)))
    )
    assert phase.lag.seconds(0.99) == pytest.approx(0.0)


def test_a_version_is_stable_once_the_primary_has_it_and_every_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routes = Routes()
    primaries = Primaries(routes)
    monkeypatch.setattr(time, "time", lambda: 8.0)
    primaries.saw(primary("1"))
    assert primaries.stable_at("model-0001", "1") == 0.0  # no route yet
    routes.changes["model-0001"] = [(5.0, 0), (100.0, 10), (140.0, 50)]
    assert primaries.stable_at("model-0001", "1") == 8.0
    monkeypatch.setattr(time, "time", lambda: 150.0)
    primaries.saw(primary("2"))
    assert primaries.stable_at("model-0001", "2") == 0.0
    routes.changes["model-0001"].append((160.0, 0))
    assert primaries.stable_at("model-0001", "2") == 160.0
    assert primaries.stable_at("model-0001", "1") == 8.0


def test_the_stub_tells_a_canarys_share_of_errors_without_its_primarys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_060.0)
    stub = Exposed(scrape_seconds=5.0)
    for name, version in (("fraud-6f-x1", BAD_VERSION), ("fraud-primary-6f-x2", "2")):
        stub.pods[name] = Pod({"pod": name}, "fraud", version, 1_800_000_000.0, 0.5)
    query = metric_template("")["spec"]["query"].replace("{{ target }}", "fraud")
    asked = SHARE_OF.search(query)
    assert asked
    assert stub.error_share(query, asked[1]) == 0.0
    assert stub.first_bad_answers == {}
    stub.bad_since["fraud"] = 1_800_000_000.0
    assert stub.error_share(query, asked[1]) == pytest.approx(0.5)
    assert stub.first_bad_answers == {"fraud": 1_800_000_060.0}
    assert list(stub.shares_asked_at.values()) == [[1_800_000_060.0] * 2]
