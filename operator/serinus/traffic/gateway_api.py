"""Weights on a Gateway API HTTPRoute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serinus.resource.traffic import GatewayAPI
from serinus.traffic.split import Split

API_VERSION = "gateway.networking.k8s.io/v1"
KIND = "HTTPRoute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A Service that a track's traffic goes to."""

    service: str
    port: int


def write(
    asked: GatewayAPI, split: Split, stable: Backend, canary: Backend | None
) -> dict[str, Any]:
    """Return the `spec` of an HTTPRoute; a track without weight is not named in it."""
    weighted = [(stable, split.stable)]
    if canary is not None:
        weighted.append((canary, split.canary))
    backends = [
        {"name": backend.service, "port": backend.port, "weight": weight}
        for backend, weight in weighted
        if weight > 0
    ]
    match = {"path": {"type": "PathPrefix", "value": asked.path_prefix}}
    spec: dict[str, Any] = {
        "parentRefs": [
            ref.model_dump(by_alias=True, exclude_none=True) for ref in asked.parent_refs
        ],
        "rules": [{"matches": [match], "backendRefs": backends}],
    }
    if asked.hostnames:
        spec["hostnames"] = list(asked.hostnames)
    return spec


def read(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Return the weight of each Service in the first rule; the API's default weight is 1."""
    rules = (manifest.get("spec") or {}).get("rules") or ()
    weights: dict[str, int] = {}
    for backend in (rules[0].get("backendRefs") or ()) if rules else ():
        name = str(backend["name"])
        weights[name] = weights.get(name, 0) + int(backend.get("weight", 1))
    return weights


def trouble(manifest: Mapping[str, Any]) -> str | None:
    """Return why the newest generation is not in force yet, None when every parent took it."""
    parents = (manifest.get("spec") or {}).get("parentRefs") or ()
    if not parents:
        return "the route names no Gateway"
    troubles = (_parent_trouble(parent, manifest) for parent in parents)
    return next((words for words in troubles if words), None)


def is_behind(manifest: Mapping[str, Any]) -> bool:
    """Return whether a Gateway still sends requests where an older generation led.

    One that has not taken the route at all, or refuses the newest generation, sends nobody.
    """
    generation = manifest["metadata"].get("generation", 0)
    parents = (manifest.get("spec") or {}).get("parentRefs") or ()
    observed = [[_observed(each) for each in _reports(parent, manifest)] for parent in parents]
    return any(max(generations) < generation for generations in observed if generations)


def _observed(report: Mapping[str, Any]) -> int:
    generations = (c.get("observedGeneration", 0) for c in report.get("conditions") or ())
    return max(generations, default=0)


def _reports(parent: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is reported of a parent that the route names no more is left aside."""
    namespace = manifest["metadata"].get("namespace")
    return [
        report
        for report in (manifest.get("status") or {}).get("parents") or ()
        if _identity(report["parentRef"], namespace) == _identity(parent, namespace)
    ]


def _parent_trouble(parent: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    reports = _reports(parent, manifest)
    if not reports:
        return f"no Gateway {parent['name']!r} has taken the route yet"
    generation = manifest["metadata"].get("generation", 0)
    # Several controllers may report on one parent; the one that it belongs to is enough.
    return min((_report_trouble(report, generation) for report in reports), key=len)


def _identity(reference: Mapping[str, Any], namespace: str | None) -> tuple[Any, ...]:
    place = (reference.get("namespace", namespace), reference["name"])
    return (*place, reference.get("sectionName"), reference.get("port"))


def _report_trouble(report: Mapping[str, Any], generation: int) -> str:
    conditions = {c["type"]: c for c in report.get("conditions") or ()}
    for kind in ("Accepted", "ResolvedRefs"):
        condition = conditions.get(kind, {})
        if condition.get("observedGeneration", 0) < generation:
            return "the Gateway has not taken the newest route yet"
        if condition.get("status") != "True":
            return f"{kind}: {condition.get('reason', '')}: {condition.get('message', '')}"
    return ""
