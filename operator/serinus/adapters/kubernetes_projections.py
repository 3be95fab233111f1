"""Objects reduced to the few fields that decisions rest on, the moment they arrive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from serinus.adapters.kubernetes_pods import read_pod, read_reading
from serinus.adapters.kubernetes_workloads import WorkloadSeen, read_workload
from serinus.observe.snapshot import ObjectSeen, PodSeen, ReadingSeen, RouteSeen
from serinus.resource.names import (
    APPLIED_ANNOTATION,
    DECISION_ANNOTATION,
    FIELD_MANAGER,
    GROUP,
    MODEL_LABEL,
    READS_LABEL,
    READS_REVISION_LABEL,
    REVISION_LABEL,
    baseline_name,
    evidence_name,
)
from serinus.traffic import gateway_api

LEDGER, LAST_ASKED, BASELINE = "ledger", "lastAsked", "baseline"
READING = "Reading"
"""Pods that read a claim, which other labels tell from those that serve."""
SERVICE_NAME_LABEL = "kubernetes.io/service-name"

CONTENT = frozenset({"f:spec", "f:data", "f:binaryData", "f:immutable", "f:revision"})
"""What we write of an object, besides its metadata; `f:status` is for others to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointsSeen:
    """One EndpointSlice: the pods it holds for a Service."""

    service: str
    pods: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """What we keep in a ConfigMap for ourselves."""

    texts: Mapping[str, str]
    """By where in the ConfigMap's data they are."""


Detail = (
    StoredText | PodSeen | ReadingSeen | EndpointsSeen | RouteSeen | WorkloadSeen | bytes | None
)
"""What a kind is watched for: a route's weights, a revision's JSON, evidence, replicas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """All that is kept of one object."""

    kind: str
    namespace: str
    name: str
    model: str
    uid: str
    resource_version: int
    detail: Detail = None
    seen: ObjectSeen | None = None
    """Only for kinds that we write; `is_edited` says whether another field manager is in it."""
    ownership: int = 0
    """Another number when a field of the content changes hands: by being changed or removed."""

    @property
    def revision(self) -> str:
        """The revision it belongs to, "" without one."""
        return self.seen.revision if self.seen else ""


def project(kind: str, raw: Mapping[str, Any]) -> Projection:
    """Return what is kept of an object."""
    metadata = raw["metadata"]
    labels = metadata.get("labels") or {}
    is_ours = kind not in {"Pod", "EndpointSlice", READING}
    model = labels.get(READS_LABEL if kind == READING else MODEL_LABEL, "")
    return Projection(
        kind=kind,
        namespace=intern(metadata["namespace"]),
        name=metadata["name"],
        model=intern("" if is_ours and not _is_of_our_making(metadata) else model),
        uid=metadata["uid"],
        resource_version=version_number(metadata["resourceVersion"]),
        detail=_detail(kind, raw, labels),
        seen=_object(kind, raw, labels) if is_ours else None,
        ownership=_ownership(metadata) if is_ours else 0,
    )


def _is_of_our_making(metadata: Mapping[str, Any]) -> bool:
    """Whether the operator wrote it: to be written by force takes more than a model's label.

    Restored from a backup it has another manager, and taken in hand by people maybe no annotation.
    """
    managers = (entry.get("manager") for entry in metadata.get("managedFields") or ())
    return APPLIED_ANNOTATION in (metadata.get("annotations") or {}) or FIELD_MANAGER in managers


def version_number(resource_version: str) -> int:
    """Return a resourceVersion as what it is, a number of one growing sequence."""
    return int(resource_version or 0)


def _detail(kind: str, raw: Mapping[str, Any], labels: Mapping[str, str]) -> Detail:
    match kind:
        case "Pod":
            return read_pod(raw, revision=intern(labels.get(REVISION_LABEL, "")))
        case "Reading":
            return read_reading(raw, revision=intern(labels.get(READS_REVISION_LABEL, "")))
        case "EndpointSlice":
            return _endpoints(raw, labels)
        case "HTTPRoute":
            return _route(raw)
        case "Deployment":
            return read_workload(raw)
        case "ControllerRevision":
            return json.dumps(raw.get("data"), separators=(",", ":")).encode()
        case "ConfigMap":
            return _stored(raw, labels.get(MODEL_LABEL, ""))
        case _:
            return None


def _stored(raw: Mapping[str, Any], model: str) -> Detail:
    """What we keep there for ourselves; content that revisions refer to is read elsewhere."""
    keys = {evidence_name(model): (LEDGER, LAST_ASKED), baseline_name(model): (BASELINE,)}
    ours, data = keys.get(raw["metadata"]["name"]), raw.get("data") or {}
    return StoredText(texts={key: str(data.get(key, "")) for key in ours}) if ours else None


def _route(raw: Mapping[str, Any]) -> RouteSeen:
    trouble = gateway_api.trouble(raw)
    return RouteSeen(
        weights=gateway_api.read(raw),
        is_programmed=trouble is None,
        is_behind=gateway_api.is_behind(raw),
        trouble=trouble or "",
        decision=(raw["metadata"].get("annotations") or {}).get(DECISION_ANNOTATION, ""),
    )


def _object(kind: str, raw: Mapping[str, Any], labels: Mapping[str, str]) -> ObjectSeen:
    metadata = raw["metadata"]
    return ObjectSeen(
        kind=kind,
        name=metadata["name"],
        applied=(metadata.get("annotations") or {}).get(APPLIED_ANNOTATION, ""),
        is_edited=any(
            entry.get("manager") != FIELD_MANAGER and _is_about_ours(entry)
            for entry in metadata.get("managedFields") or ()
        ),
        is_owned=bool(metadata.get("ownerReferences")),
        revision=intern(labels.get(REVISION_LABEL, "")),
        resource_version=metadata["resourceVersion"],
    )


def _is_about_ours(entry: Mapping[str, Any]) -> bool:
    """Whether a manager owns content or any serinus.dev label or annotation.

    Those who write the status, or annotations of their own such as a Deployment's revision,
    own neither.
    """
    fields = entry.get("fieldsV1") or {}
    if not CONTENT.isdisjoint(fields):
        return True
    metadata = fields.get("f:metadata") or {}
    keys = (*metadata.get("f:labels", ()), *metadata.get("f:annotations", ()))
    return any(key.startswith(f"f:{GROUP}/") for key in keys)


def _ownership(metadata: Mapping[str, Any]) -> int:
    owners = [
        (entry.get("manager"), entry.get("operation"), entry.get("fieldsV1"))
        for entry in metadata.get("managedFields") or ()
        if _is_about_ours(entry)
    ]
    # Not the generation: a Deployment's grows with every annotation, even its controller's own.
    return hash(json.dumps(owners, sort_keys=True))


def _endpoints(raw: Mapping[str, Any], labels: Mapping[str, str]) -> EndpointsSeen:
    return EndpointsSeen(
        service=labels.get(SERVICE_NAME_LABEL, ""),
        pods=frozenset(_serving_pods(raw.get("endpoints") or ())),
    )


def _serving_pods(endpoints: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for endpoint in endpoints:
        conditions, target = endpoint.get("conditions") or {}, endpoint.get("targetRef") or {}
        # An absent `ready` means unknown, to be taken as ready; a terminating pod still serves.
        may_serve = conditions.get("ready", True) is not False or conditions.get("terminating")
        if may_serve and target.get("kind") == "Pod":
            yield target["name"]
