"""The resource as it came from the API server, before anything is believed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


def read_resource(body: Mapping[str, Any]) -> Resource:
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
