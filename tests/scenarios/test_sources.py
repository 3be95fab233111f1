"""A Prometheus with labels of its own, and one that a model may not name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from serinus.errors import PrometheusNotForNamespace, PrometheusNotListed
from serinus.signals.series import ScrapeLabels, Series
from tests.fakes.models import GOOD, Behaviour
from tests.fakes.world import FakeWorld, serving

RELABELLED = ScrapeLabels(namespace="kubernetes_namespace", pod="kubernetes_pod_name")


@dataclass
class RelabelledWorld(FakeWorld):
    """Its Prometheus calls namespace and pod something else."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        found = await super().raw(selector, window_seconds, at)
        return tuple(replace(each, labels=relabelled(each.labels)) for each in found)


def relabelled(labels: Mapping[str, str]) -> dict[str, str]:
    names = {"namespace": RELABELLED.namespace, "pod": RELABELLED.pod}
    return {names.get(name, name): value for name, value in labels.items()}


async def test_a_canary_is_judged_by_the_labels_its_prometheus_has() -> None:
    world = await serving()
    renamed = RelabelledWorld(**{name: getattr(world, name) for name in vars(world)})
    renamed.scrape_labels = RELABELLED
    renamed.deploy("2", Behaviour(error_share=0.3))
    await renamed.run(120)
    assert renamed.status["phase"] == "RolledBack"
    assert "error-rate" in renamed.status["message"]


@pytest.mark.parametrize(
    "refusal",
    [PrometheusNotListed("name", "mimir", ()), PrometheusNotForNamespace("mimir", "default")],
    ids=lambda refusal: type(refusal).__name__,
)
async def test_a_prometheus_it_may_not_name_holds_the_canary_and_stable_serves(
    refusal: PrometheusNotListed,
) -> None:
    world, reason = await serving(), type(refusal).__name__
    world.refusal = refusal
    world.deploy("2", GOOD)
    await world.run(1800)
    (ready,) = [each for each in world.status["conditions"] if each["type"] == "Ready"]
    assert (ready["status"], ready["reason"]) == ("False", reason)
    assert world.reasons.count(reason) == 1
    assert "spec.metrics.prometheus.name: 'mimir'" in world.status["message"]
    assert (world.status["weight"], world.status["stable"]["version"]) == (0, "1")
    assert "2" not in world.prometheus.requests_by_version

    world.refusal = None
    await world.run(240)
    assert world.status["stable"]["version"] == "2"


async def test_a_dead_canary_loses_its_traffic_whatever_prometheus_is_named() -> None:
    world = await serving()
    world.deploy("2", Behaviour(dies_at=80))
    await world.run(30)
    assert world.status["weight"] == 10
    world.refusal = PrometheusNotListed("tenant", "team-b", ("team-a",))
    await world.run(60)
    assert world.status["weight"] == 0
