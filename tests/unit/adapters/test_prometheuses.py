"""Which Prometheus a model may name, and whom it is asked as."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.adapters.prometheuses import Prometheuses
from serinus.errors import OutsideUnavailable
from serinus.signals.series import ScrapeLabels
from tests.unit.adapters.stub_prometheus import serving, success

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def naming(**prometheus: Any) -> dict[str, Any]:
    return {"metrics": {"prometheus": prometheus}}


async def test_a_model_is_told_of_by_the_prometheus_and_tenant_it_names() -> None:
    with serving(success()) as own, serving(success()) as mimir:
        prometheuses = Prometheuses(
            {
                "": PrometheusSettings(url=own.url),
                "mimir": PrometheusSettings(url=mimir.url, tenants=("team-a",)),
            }
        )
        for spec in ({}, naming(name="mimir"), naming(name="mimir", tenant="team-a")):
            source = prometheuses.source("fraud", spec)
            assert source.refusal is None
            await source.reader.raw("r", 60, NOON)
            assert await source.overhearing.raw("r", 60, NOON) == ()
        await prometheuses.close()
    assert len(own.asked) == 1
    assert [each.get("x-scope-orgid") for each in mimir.headers] == [None, "team-a"]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"name": "http://169.254.169.254"}, r"name: 'http.* not among .* \(mimir\)"),
        ({"name": "mimir", "tenant": "team-b"}, r"tenant: 'team-b' .* \(team-a\)"),
        ({"tenant": "team-a"}, r"tenant: 'team-a' is not among .* \(none\)"),
    ],
)
async def test_what_nobody_listed_is_not_asked(named: dict[str, str], words: str) -> None:
    with serving(success()) as stub:
        prometheuses = Prometheuses(
            {
                "": PrometheusSettings(url=stub.url),
                "mimir": PrometheusSettings(url=stub.url, tenants=("team-a",)),
            }
        )
        source = prometheuses.source("fraud", naming(**named))
        with pytest.raises(OutsideUnavailable, match=words):
            await source.reader.raw("r", 60, NOON)
        with pytest.raises(OutsideUnavailable, match=words):
            await source.overhearing.evaluate("r", NOON, NOON, 15)
        await prometheuses.close()
    assert stub.asked == []
    assert type(source.refusal).__name__ == "PrometheusNotListed"


@pytest.mark.parametrize(
    ("namespace", "named", "words"),
    [
        ("fraud", {"name": "mimir"}, ""),
        (
            "search",
            {"name": "mimir"},
            r"name: 'mimir' .* namespace 'search'; .*others.mimir\.name",
        ),
        ("search", {"name": "mimir", "tenant": "team-a"}, r"name: 'mimir' .* namespace 'search'"),
        ("search", {"name": "open"}, ""),
        ("search", {"name": "shut"}, r"name: 'shut' is not among .* \(open\)"),
        ("fraud", {}, r"name: not given, .* own .* 'fraud'; .* under prometheus\.namespaces"),
        ("search", {}, ""),
    ],
)
async def test_a_prometheus_is_asked_for_models_of_its_namespaces_only(
    namespace: str, named: dict[str, str], words: str
) -> None:
    with serving(success()) as stub:
        prometheuses = Prometheuses(
            {
                "": PrometheusSettings(url=stub.url, namespaces=("search",)),
                "mimir": PrometheusSettings(
                    url=stub.url, tenants=("team-a",), namespaces=("fraud", "churn")
                ),
                "open": PrometheusSettings(url=stub.url),
            }
        )
        source = prometheuses.source(namespace, naming(**named))
        if words:
            with pytest.raises(OutsideUnavailable, match=words):
                await source.reader.raw("r", 60, NOON)
        else:
            await source.reader.raw("r", 60, NOON)
        await prometheuses.close()
    assert bool(stub.asked) == (not words)
    assert (source.refusal is None) == (not words)


async def test_each_prometheus_has_its_own_labels_and_scrape_interval() -> None:
    relabelled = PrometheusSettings(
        namespace_label="kubernetes_namespace",
        pod_label="kubernetes_pod_name",
        scrape_interval=60.0,
    )
    prometheuses = Prometheuses({"": PrometheusSettings(), "old": relabelled}, 15.0)
    own = prometheuses.source("fraud", {})
    old = prometheuses.source("fraud", naming(name="old"))
    assert (own.labels, own.scrape_interval_seconds) == (ScrapeLabels(), 15.0)
    assert old.labels == ScrapeLabels(namespace="kubernetes_namespace", pod="kubernetes_pod_name")
    assert old.scrape_interval_seconds == 60.0
    await prometheuses.close()


@pytest.mark.parametrize(
    "spec", [{"metrics": None}, {"metrics": "x"}, {"metrics": {"prometheus": 3}}]
)
async def test_a_spec_that_makes_no_sense_is_for_others_to_refuse(spec: dict[str, Any]) -> None:
    prometheuses = Prometheuses({"": PrometheusSettings()})
    assert prometheuses.source("fraud", spec).refusal is None
    await prometheuses.close()
