"""The models of the benchmark as Flagger has them: a Deployment and a Canary each."""

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.scale.fleet import INTERVAL, NAMESPACE, STEPS, Fleet, pod_spec
from benchmarks.scale.objective import LIMIT, share_of_errors
from benchmarks.scale.peers.promotions import Promotions
from serinus.adapters.kubernetes_kinds import DEPLOYMENT, Kind
from serinus.adapters.kubernetes_watch import Collected
from serinus.resource.names import MODEL_LABEL
from tests.integration.admin import KINDS, Admin

API = "flagger.app/v1beta1"
METRIC = "error-share"
PRIMARY = "-primary"
KINDS.update(
    {
        name: Kind(name=name, prefix=f"/apis/{API}", plural=plural)
        for name, plural in (("Canary", "canaries"), ("MetricTemplate", "metrictemplates"))
    }
)


def metric_template(prometheus_url: str) -> dict[str, Any]:
    """Return the one metric of all: the share of errors in the last interval."""
    return {
        "apiVersion": API,
        "kind": "MetricTemplate",
        "metadata": {"namespace": NAMESPACE, "name": METRIC},
        "spec": {
            "provider": {"type": "prometheus", "address": prometheus_url},
            "query": share_of_errors("{{ target }}-[a-z0-9]+-[a-z0-9]+"),
        },
    }


def deployment(name: str, version: str) -> dict[str, Any]:
    """Return the Deployment that Flagger copies."""
    labels = {"app": name, MODEL_LABEL: name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": NAMESPACE, "name": name, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec(version)},
        },
    }


def analysis(gate_url: str = "") -> dict[str, Any]:
    """Return the steps; with a gate, which never opens, a canary stands on the first."""
    gate = {"name": "gate", "type": "confirm-promotion", "url": gate_url, "retries": 0}
    return {
        "interval": INTERVAL,
        "threshold": 1,
        "stepWeight": STEPS[0],
        "maxWeight": STEPS[0] if gate_url else STEPS[-1],
        "metrics": [
            {
                "name": METRIC,
                "interval": INTERVAL,
                "templateRef": {"name": METRIC},
                "thresholdRange": {"max": LIMIT},
            }
        ],
        "webhooks": [gate] if gate_url else [],
    }


def canary(name: str) -> dict[str, Any]:
    """Return the Canary of a model."""
    return {
        "apiVersion": API,
        "kind": "Canary",
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "service": {"port": 8080, "gatewayRefs": [{"name": "public"}]},
            "analysis": analysis(),
        },
    }


class Canaries(Fleet):
    """So many models in one namespace, rolled out by Flagger."""

    def __init__(self, admin: Admin, count: int, prometheus_url: str) -> None:
        super().__init__(admin, count, "time")
        self._prometheus_url = prometheus_url

    async def _make_first(self) -> None:
        await self._admin.create(metric_template(self._prometheus_url))

    async def _make_one(self, name: str) -> None:
        await self._admin.create(deployment(name, "1"))
        await self._admin.create(canary(name))

    async def _edit_one(self, name: str, version: str, *, holds: bool) -> None:
        if holds:
            # Nobody answers for this page, which is a no.
            change = {"spec": {"analysis": analysis(f"{self._prometheus_url}/gate")}}
            await self._admin.edit("Canary", NAMESPACE, name, change)
        image = {"spec": {"template": {"spec": pod_spec(version)}}}
        await self._admin.edit("Deployment", NAMESPACE, name, image)


class Primaries(Promotions):
    """When each version was in the primary Deployment."""

    # Flagger copies no labels: ours is on the Deployments that it copies.
    collected = Collected(kind=DEPLOYMENT, selector={"labelSelector": f"!{MODEL_LABEL}"})

    def saw(self, raw: Mapping[str, Any]) -> None:
        name = raw["metadata"]["name"]
        if name.endswith(PRIMARY):
            image = raw["spec"]["template"]["spec"]["containers"][0]["image"]
            place = name.removesuffix(PRIMARY), image.rpartition(":")[2]
            self.said_at.setdefault(place, time.time())
