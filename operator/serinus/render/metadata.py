"""What every manifest carries: names, labels, owner, and the digest of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from serinus.resource.names import API_VERSION, APPLIED_ANNOTATION, KIND, model_labels
from serinus.resource.revision import canonical

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The resource that manifests are made for."""

    namespace: str
    name: str
    uid: str
    is_owner: bool
    """Whether its deletion takes the objects along (deletionPolicy: Delete)."""


def manifest(
    owner: Owner,
    api_version: str,
    kind: str,
    name: str,
    content: Mapping[str, Any],
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """Return a manifest with our metadata and, as an annotation, its own digest."""
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": owner.namespace,
        "labels": {**model_labels(owner.name), **(labels or {})},
        "annotations": dict(annotations or {}),
    }
    if owner.is_owner:
        metadata["ownerReferences"] = [owner_reference(owner)]
    made = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}
    digest = sha256(canonical(made).encode()).hexdigest()[:16]
    metadata["annotations"][APPLIED_ANNOTATION] = digest
    return made


def owner_reference(owner: Owner) -> dict[str, Any]:
    """Return how what goes with the resource refers to it."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
