"""The demo's model, with what a test wants otherwise: faults, policy, objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import yaml

from cluster.addons import GATEWAY_NAMESPACE
from demo.manifests.templates import fill
from tests.e2e.node import Node
from tests.e2e.proxied import Json

TRAINED_AS = "v1"
CRASHES_ON_LOAD = {"MODEL_TRAINED_AS": "v4"}

ROLLOUT: Json = {
    "steps": [{"weight": 20}, {"weight": 50}],
    "interval": "5s",
    "minTime": "10s",
    "maxDuration": "10m",
    "progressDeadline": "90s",
    "scaleDownDelay": "5s",
}
OBJECTIVES: list[Json] = [
    {"preset": "error-rate", "limit": "2%", "minSamples": 20},
    {"preset": "latency", "quantile": "0.95", "limit": "2s", "minSamples": 20},
    {"preset": "null-outputs", "worseThanStable": {"by": "2%"}, "minSamples": 20},
]


class Asked(Protocol):
    """Whose manifest it is."""

    node: Node
    namespace: str
    name: str
    replicas: int

    @property
    def host(self) -> str: ...


def written(
    model: Asked, version: str, faults: Mapping[str, str], changes: Mapping[str, Any]
) -> Json:
    text = fill(
        "diagnosis",
        name=model.name,
        namespace=model.namespace,
        replicas=model.replicas,
        version=version,
        image=model.node.image,
        gateway_name="public",
        gateway_namespace=GATEWAY_NAMESPACE,
        host=model.host,
    )
    manifest: Json = yaml.safe_load(text)
    changes = dict(changes)
    if config_map := changes.pop("config_map", ""):
        _mount(manifest, config_map)
    spec = manifest["spec"]
    rollout = {**ROLLOUT, **changes.get("rollout", {})}
    spec.update({"objectives": OBJECTIVES, **changes, "rollout": rollout})
    container_of(manifest)["env"] += [
        {"name": name, "value": value}
        for name, value in {"MODEL_TRAINED_AS": TRAINED_AS, **faults}.items()
    ]
    return manifest


def container_of(manifest: Json) -> Json:
    container: Json = manifest["spec"]["template"]["spec"]["containers"][0]
    return container


def _mount(manifest: Json, config_map: str) -> None:
    volume = {"name": "config", "configMap": {"name": config_map}}
    manifest["spec"]["template"]["spec"]["volumes"] = [volume]
    mount = {"name": "config", "mountPath": "/config", "readOnly": True}
    container_of(manifest)["volumeMounts"] = [mount]
