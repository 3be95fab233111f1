"""The operator's own metrics: named as Prometheus wants, few however many models there are."""

import re
from typing import Any

import pytest
from prometheus_client import generate_latest

from serinus.adapters.telemetry import Telemetry
from tests.architecture.sources import ROOT


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(name, labels)


def resource(**status: Any) -> dict[str, Any]:
    return {"metadata": {}, "status": status}


PROMOTION = {"id": "1", "kind": "promote", "reason": "EveryStepPassed"}


def test_a_decision_is_counted_once_however_often_its_status_is_written(
    telemetry: Telemetry,
) -> None:
    telemetry.status_written(resource(), resource(decision=PROMOTION))
    telemetry.status_written(resource(decision=PROMOTION), resource(decision=PROMOTION))
    labels = {"kind": "promote", "reason": "EveryStepPassed"}
    assert value(telemetry, "serinus_decisions_total", **labels) == 1


def test_a_rollout_is_counted_when_it_has_ended(telemetry: Telemetry) -> None:
    first = {"revision": "a", "at": "2026-01-01T00:00:00Z", "fate": "Installed"}
    second = {"revision": "b", "at": "2026-01-02T00:00:00Z", "fate": "RolledBack"}
    again = {**second, "at": "2026-01-03T00:00:00Z"}
    before = resource(history=[first])
    telemetry.status_written(before, resource(history=[second, first]))
    telemetry.status_written(resource(history=[second, first]), resource(history=[again, first]))
    assert value(telemetry, "serinus_rollouts_total", fate="RolledBack") == 2
    assert value(telemetry, "serinus_rollouts_total", fate="Installed") is None


def test_resources_are_counted_by_phase_at_the_time_of_asking(telemetry: Telemetry) -> None:
    bodies = [resource(phase="Healthy")]
    telemetry.show_resources(lambda: bodies)
    assert value(telemetry, "serinus_resources", phase="Healthy") == 1
    bodies[:] = [resource(phase="Progressing"), resource(phase="Progressing"), {"metadata": {}}]
    assert value(telemetry, "serinus_resources", phase="Healthy") is None
    assert value(telemetry, "serinus_resources", phase="Progressing") == 2
    assert value(telemetry, "serinus_resources", phase="Pending") == 1


DRIFT = {
    "objective": "drift",
    "features": [{"feature": "age", "distance": 0.31}, {"feature": "city"}],
}


def test_drift_is_told_by_feature_while_the_rollout_goes_on(telemetry: Telemetry) -> None:
    body: dict[str, Any] = {
        "metadata": {"namespace": "prod", "name": "fraud"},
        "status": {"verdicts": [DRIFT]},
    }
    whose = {"namespace": "prod", "model": "fraud", "objective": "drift"}
    telemetry.show_resources(lambda: [body])
    assert value(telemetry, "serinus_feature_drift", **whose, feature="age") is None
    body["status"] = {"verdicts": [DRIFT], "rollout": {"revision": "abc"}}
    assert value(telemetry, "serinus_feature_drift", **whose, feature="age") == 0.31
    assert value(telemetry, "serinus_feature_drift", **whose, feature="city") is None


def test_who_leads_is_asked_each_time(telemetry: Telemetry) -> None:
    is_leading = False
    telemetry.show_leading(lambda: is_leading)
    assert value(telemetry, "serinus_leading") == 0
    is_leading = True
    assert value(telemetry, "serinus_leading") == 1


def test_the_page_tells_all_of_them(telemetry: Telemetry) -> None:
    telemetry.show_leading(lambda: True)
    telemetry.show_resources(list)
    telemetry.show_watches(dict)
    page = (ROOT / "docs" / "metrics.md").read_text()
    told = set(re.findall(r"`(serinus_\w+)[`{]", page))
    assert {f"{each.name}{COUNTED[each.type]}" for each in telemetry.registry.collect()} <= told


def test_how_late_canaries_with_traffic_are_looked_at_is_told_apart(telemetry: Telemetry) -> None:
    telemetry.looked("ok", 20.0, 0.2, has_split=False)
    telemetry.looked("ok", 0.001, 0.2, has_split=True)
    late = telemetry.registry.get_sample_value
    assert late("serinus_tick_lag_seconds_sum", {"canary": "none"}) == 20.0
    assert late("serinus_tick_lag_seconds_sum", {"canary": "serving"}) == 0.001


COUNTED = {"counter": "_total", "gauge": "", "histogram": ""}


def test_names_follow_the_conventions(telemetry: Telemetry) -> None:
    telemetry.show_leading(lambda: True)
    telemetry.show_resources(list)
    telemetry.show_watches(lambda: {"pods": 3.0})
    telemetry.looked("ok", 0.1, 0.2, has_split=False)
    telemetry.kubernetes_request("patch", "services", "200")
    for family in telemetry.registry.collect():
        assert family.name.startswith("serinus_")
        assert family.documentation.endswith(".")
        if family.type == "histogram" or "age" in family.name:
            assert family.name.endswith("_seconds")
    text = generate_latest(telemetry.registry).decode()
    assert "serinus_bugs_total 0.0" in text
    assert "_created" not in text
