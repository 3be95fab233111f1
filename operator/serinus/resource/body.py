"""The resource as it came from the API server, before anything is believed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serinus.errors import NOT_WRITTEN
from serinus.resource.names import FINALIZER, GROUP

Body = Mapping[str, Any]

NO_TEMPLATE = {"spec": {"containers": [{"name": "left-out"}]}}
"""In the place of a pod template, which may hold what is nobody's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One MLModelDeployment, unparsed."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    raw_spec: Mapping[str, Any] = field(default_factory=dict, repr=False)
    raw_status: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_deleting: bool = False

    @property
    def not_written(self) -> str:
        """Why the last look could not write all that it wanted to, "" where it could."""
        for each in self.raw_status.get("conditions") or ():
            if each.get("type") == "Ready" and each.get("reason") in NOT_WRITTEN:
                return str(each.get("message", ""))
        return ""


def read_resource(body: Body) -> Resource:
    """Return the parts of an object that the loop needs."""
    metadata = body["metadata"]
    return Resource(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        generation=metadata.get("generation", 0),
        resource_version=metadata["resourceVersion"],
        annotations=dict(metadata.get("annotations") or {}),
        raw_spec=body.get("spec") or {},
        raw_status=body.get("status") or {},
        is_deleting="deletionTimestamp" in metadata,
    )


def is_held(body: Body) -> bool:
    """Return whether our finalizer keeps the resource until we have let it go."""
    return FINALIZER in (body["metadata"].get("finalizers") or ())


def bare(body: Body) -> Body:
    """Leave out what may hold what is nobody's business: pod templates, and copies of them."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "annotations"}
    ours = {
        key: value
        for key, value in (body["metadata"].get("annotations") or {}).items()
        if key.startswith(f"{GROUP}/")
    }
    spec = {key: value for key, value in (body.get("spec") or {}).items() if key != "template"}
    return {**body, "metadata": {**metadata, "annotations": ours}, "spec": spec}


def has_split(body: Body | None) -> bool:
    """Return whether a canary has traffic and nothing is decided about it."""
    status = (body or {}).get("status") or {}
    return bool((status.get("rollout") or {}).get("evidenceSince")) and not status.get("decision")
