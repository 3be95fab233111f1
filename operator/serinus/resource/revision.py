"""Revisions: what can run and be identified, with a digest no upgrade may change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from serinus.errors import ReferenceMissing
from serinus.resource.references import config_references

DIGEST_LENGTH = 10

ConfigContent = Mapping[str, Any]
"""`data` and `binaryData` of a ConfigMap as the API server gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The revision that the spec asks for now, as the user wrote it."""

    digest: str
    version: str
    template: Mapping[str, Any] = field(repr=False)
    """The pod template as written, before any default of ours; empty where none is."""
    config: Mapping[str, ConfigContent] = field(default_factory=dict, repr=False)
    """Content of the referenced ConfigMaps by their original name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """As what a revision's pods are asked for their metrics."""

    server: str
    """Name of the model server's preset."""
    served_name: str | None = None
    """The model's name inside its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision as its ControllerRevision keeps it, rendered once and frozen."""

    digest: str
    version: str
    pod_template: Mapping[str, Any] = field(repr=False)
    """The pod template as rendered when the revision was first seen."""
    config_names: tuple[str, ...] = ()
    """Names of the immutable ConfigMap copies it refers to."""
    shows: Shows | None = None
    """As what its pods are asked; None where that was not written down."""


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def identify(
    raw_spec: Mapping[str, Any],
    config: Mapping[str, ConfigContent],
    secret_digests: Mapping[str, str] | None = None,
) -> Wanted:
    """Return the revision that a spec as written asks for.

    The digest covers `model` and `template` as the user wrote them and the content they refer
    to; objectives, steps, traffic and replicas are no part of it.

    Raises:
        ReferenceMissing: if a ConfigMap that is not optional is not in `config`.
    """
    template, model = raw_spec.get("template") or {}, raw_spec["model"]
    for reference in config_references(template):
        if reference.name not in config and not reference.optional:
            raise ReferenceMissing("ConfigMap", reference.name, f"spec.template.{reference.field}")
    identity: dict[str, Any] = {"model": dict(model)}
    if template:
        identity["template"] = template
    if config:
        identity["config"] = {name: _content(content) for name, content in config.items()}
    if secret_digests:
        identity["secrets"] = dict(secret_digests)
    digest = sha256(canonical(identity).encode()).hexdigest()[:DIGEST_LENGTH]
    return Wanted(
        digest=digest, version=str(model["version"]), template=template, config=dict(config)
    )


def _content(content: ConfigContent) -> dict[str, Any]:
    return {key: content[key] for key in ("data", "binaryData") if content.get(key)}


def read_revision(digest: str, data: Mapping[str, Any]) -> Revision:
    """Return a revision from the data of its ControllerRevision."""
    server, served_name = data.get("server"), data.get("servedName")
    return Revision(
        digest=digest,
        version=data["version"],
        pod_template=data["podTemplate"],
        config_names=tuple(data.get("configNames") or ()),
        shows=Shows(server=server, served_name=served_name or None) if server else None,
    )
