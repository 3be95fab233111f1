"""The models of the benchmark as Argo Rollouts has them: a Rollout, two Services and a route."""

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.scale.fleet import INTERVAL, NAMESPACE, STEPS, Fleet, pod_spec
from benchmarks.scale.objective import LIMIT, share_of_errors
from benchmarks.scale.peers.promotions import Promotions
from benchmarks.scale.router import Routes
from serinus.adapters.kubernetes_kinds import Kind
from serinus.adapters.kubernetes_watch import Collected
from serinus.resource.names import MODEL_LABEL
from tests.integration.admin import KINDS, Admin

API, ISTIO = "argoproj.io/v1alpha1", "networking.istio.io/v1alpha3"
ANALYSIS = "error-share"
CANARY = "-canary"
ROLLOUT = Kind(name="Rollout", prefix=f"/apis/{API}", plural="rollouts")
TEMPLATE = Kind(name="AnalysisTemplate", prefix=f"/apis/{API}", plural="analysistemplates")
VIRTUAL_SERVICE = Kind(name="VirtualService", prefix=f"/apis/{ISTIO}", plural="virtualservices")
KINDS.update({kind.name: kind for kind in (ROLLOUT, TEMPLATE, VIRTUAL_SERVICE)})


def analysis_template(prometheus_url: str) -> dict[str, Any]:
    """Return the one analysis of all: one bad share of errors is one too many."""
    pods = "{{args.model}}-{{args.hash}}-[a-z0-9]+"
    metric = {
        "name": ANALYSIS,
        "interval": INTERVAL,
        "successCondition": f"result[0] <= {LIMIT}",
        "failureLimit": 0,
        "provider": {"prometheus": {"address": prometheus_url, "query": share_of_errors(pods)}},
    }
    return {
        "apiVersion": API,
        "kind": TEMPLATE.name,
        "metadata": {"namespace": NAMESPACE, "name": ANALYSIS},
        "spec": {"args": [{"name": "model"}, {"name": "hash"}], "metrics": [metric]},
    }


def service(name: str, model: str) -> dict[str, Any]:
    """Return a Service of a model, whose pods Argo Rollouts chooses."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": {"selector": {"app": model}, "ports": [{"name": "http", "port": 8080}]},
    }


def virtual_service(name: str) -> dict[str, Any]:
    """Return the route of a model, whose weights Argo Rollouts sets."""
    shares = ((name, 100), (f"{name}{CANARY}", 0))
    route = [{"destination": {"host": host}, "weight": weight} for host, weight in shares]
    return {
        "apiVersion": ISTIO,
        "kind": VIRTUAL_SERVICE.name,
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": {"hosts": [name], "gateways": ["public"], "http": [{"route": route}]},
    }


def steps(*, holds: bool = False) -> list[dict[str, Any]]:
    """Return the steps; a rollout that holds waits on the first for a person."""
    if holds:
        return [{"setWeight": STEPS[0]}, {"pause": {}}]
    each = [({"setWeight": weight}, {"pause": {"duration": INTERVAL}}) for weight in STEPS]
    return [step for pair in each for step in pair]


def rollout(name: str) -> dict[str, Any]:
    """Return the Rollout of a model."""
    arguments = [
        {"name": "model", "value": name},
        {"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}},
    ]
    canary = {
        "stableService": name,
        "canaryService": f"{name}{CANARY}",
        "trafficRouting": {"istio": {"virtualService": {"name": name}}},
        "steps": steps(),
        "analysis": {"templates": [{"templateName": ANALYSIS}], "args": arguments},
        "scaleDownDelaySeconds": int(INTERVAL.removesuffix("s")),
        "abortScaleDownDelaySeconds": int(INTERVAL.removesuffix("s")),
    }
    labels = {"app": name, MODEL_LABEL: name}
    return {
        "apiVersion": API,
        "kind": ROLLOUT.name,
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec("1")},
            "strategy": {"canary": canary},
        },
    }


class Rollouts(Fleet):
    """So many models in one namespace, rolled out by Argo Rollouts."""

    def __init__(self, admin: Admin, count: int, prometheus_url: str) -> None:
        super().__init__(admin, count, "time")
        self._prometheus_url = prometheus_url

    async def _make_first(self) -> None:
        await self._admin.create(analysis_template(self._prometheus_url))

    async def _make_one(self, name: str) -> None:
        await self._admin.create(service(name, name))
        await self._admin.create(service(f"{name}{CANARY}", name))
        await self._admin.create(virtual_service(name))
        await self._admin.create(rollout(name))

    async def _edit_one(self, name: str, version: str, *, holds: bool) -> None:
        strategy = {"canary": {"steps": steps(holds=holds)}}
        change = {"spec": {"template": {"spec": pod_spec(version)}, "strategy": strategy}}
        await self._admin.edit(ROLLOUT.name, NAMESPACE, name, change)


class VirtualServices(Routes):
    """The routes where Istio is the gateway, for whose word nobody waits."""

    collected = Collected(kind=VIRTUAL_SERVICE)

    @staticmethod
    def weights_of(raw: Mapping[str, Any]) -> dict[str, int]:
        (http,) = raw["spec"]["http"]
        return {each["destination"]["host"]: each.get("weight", 0) for each in http["route"]}

    @staticmethod
    def is_programmed(_raw: Mapping[str, Any]) -> bool:
        return True


class Stables(Promotions):
    """When Argo Rollouts said of each version that it is stable."""

    collected = Collected(kind=ROLLOUT)

    def saw(self, raw: Mapping[str, Any]) -> None:
        metadata, status = raw["metadata"], raw.get("status") or {}
        # Until it has seen a new template, what it says is about the one before.
        is_of_this = status.get("observedGeneration") == str(metadata["generation"])
        if (
            is_of_this
            and status.get("stableRS")
            and status["stableRS"] == status["currentPodHash"]
        ):
            image = raw["spec"]["template"]["spec"]["containers"][0]["image"]
            place = metadata["name"], image.rpartition(":")[2]
            self.said_at.setdefault(place, time.time())
