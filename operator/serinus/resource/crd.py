"""The CustomResourceDefinitions, generated from the models of specs and status."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from serinus.resource.names import (
    CLUSTER_TEMPLATE_PLURAL,
    GROUP,
    KIND,
    PLURAL,
    TEMPLATE_PLURAL,
    VERSION,
)
from serinus.resource.objective_template import ObjectiveTemplateSpec, TemplateKind
from serinus.resource.quantities import explained, format_duration
from serinus.resource.schema import Schema, validations
from serinus.resource.spec import Spec
from serinus.resource.status import Status

HEADER = "# Generated from operator/serinus/resource by `make crds`; edit the models instead.\n"
NAME_RULES = validations(
    [
        (
            "self.metadata.name.size() <= 40",
            "metadata.name is at most 40 characters: the names of children are derived from it",
        ),
        (
            "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
            "metadata.name must be a DNS label that starts with a letter: it names a Service",
        ),
    ]
)
PRINTER_COLUMNS = (
    ("Phase", "string", ".status.phase", 0),
    ("Stable", "string", ".status.stableVersion", 0),
    ("Canary", "string", ".status.canaryVersion", 0),
    ("Weight", "integer", ".status.weight", 0),
    ("Step", "string", ".status.step", 1),
    ("Verdict", "string", ".status.verdict", 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
    ("Message", "string", ".status.message", 1),
)
TEMPLATE_COLUMNS = (
    ("Description", "string", ".spec.description", 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
)
IDENTITY = ("model", "template")
"""Fields a revision's digest covers: the API server must not write defaults into them."""

FROM_THE_CLUSTER = ("rollout",)
"""Fields the cluster has defaults for: what the API server wrote would hide who said nothing."""

GENERATED = ("crds", "charts/serinus/files", "manifests")
"""Folders that hold the committed definition."""

_DROPPED = {"title", "additionalProperties", "$defs", "default"}


def definition() -> dict[str, Any]:
    """Return the definition of MLModelDeployment."""
    return _definition(KIND, PLURAL, "mlmd", "Namespaced", _version(), in_all=True)


def definitions() -> dict[str, dict[str, Any]]:
    """Return every definition by its plural."""
    namespaced, cluster = TemplateKind.NAMESPACED, TemplateKind.CLUSTER
    plural, cluster_plural = TEMPLATE_PLURAL, CLUSTER_TEMPLATE_PLURAL
    return {
        PLURAL: definition(),
        plural: _definition(namespaced, plural, "ot", "Namespaced", _template_version()),
        cluster_plural: _definition(
            cluster, cluster_plural, "cot", "Cluster", _template_version()
        ),
    }


def _definition(
    kind: str,
    plural: str,
    short_name: str,
    scope: str,
    version: dict[str, Any],
    *,
    in_all: bool = False,
) -> dict[str, Any]:
    names = {
        "kind": str(kind),
        "listKind": f"{kind}List",
        "plural": plural,
        "singular": kind.lower(),
        "shortNames": [short_name],
        "categories": ["all", "serinus"] if in_all else ["serinus"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{GROUP}",
            "annotations": {"helm.sh/resource-policy": "keep"},
        },
        "spec": {"group": GROUP, "names": names, "scope": scope, "versions": [version]},
    }


def _version() -> dict[str, Any]:
    spec, status = _schema(Spec, with_defaults=True), _schema(Status, with_defaults=False)
    for name in (*IDENTITY, *FROM_THE_CLUSTER):
        _strip_defaults(spec["properties"][name])
    status.pop("required", None)
    described = "A machine-learning model, deployed step by step on evidence."
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    root = {**_root(described, {"spec": spec, "status": status}), **NAME_RULES}
    return _served(PRINTER_COLUMNS, root, {"subresources": {"status": {}, "scale": scale}})


def _template_version() -> dict[str, Any]:
    spec = _schema(ObjectiveTemplateSpec, with_defaults=True)
    described = "Objectives that models refer to, with arguments that each may fill in."
    return _served(TEMPLATE_COLUMNS, _root(described, {"spec": spec}), {})


def _root(described: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": described,
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            **parts,
        },
    }


def _served(
    columns: tuple[tuple[str, str, str, int], ...], root: dict[str, Any], more: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        **more,
        "additionalPrinterColumns": [_column(*column) for column in columns],
        "schema": {"openAPIV3Schema": root},
    }


def _column(name: str, type_: str, path: str, priority: int) -> dict[str, Any]:
    column = {"name": name, "type": type_, "jsonPath": path}
    # The API server stores no zero: written, it would differ from what is stored for ever.
    return {**column, "priority": priority} if priority else column


def _schema(model: type[Schema], *, with_defaults: bool) -> dict[str, Any]:
    raw = model.model_json_schema(mode="validation" if with_defaults else "serialization")
    return _structural(raw, raw.get("$defs", {}), with_defaults=with_defaults)


def _structural(
    node: Mapping[str, Any], definitions: Mapping[str, Any], *, with_defaults: bool
) -> dict[str, Any]:
    """Return a structural schema: references inlined, nulls and titles gone."""
    node = _inlined(node, definitions)
    result = {key: value for key, value in node.items() if key not in _DROPPED}
    if "const" in result:
        result["enum"] = [result.pop("const")]
    if "pattern" in result:
        result["pattern"] = explained(result["pattern"])
    if "required" in result:
        result["required"] = [*result["required"]]  # YAML would write one that is shared as &id001
    if not result.get("properties"):
        result.pop("properties", None)
    default = node.get("default")
    if with_defaults and isinstance(default, float) and node["type"] == "string":
        result["default"] = format_duration(default)
    elif with_defaults and isinstance(default, str | int | float):
        result["default"] = default
    for name, child in (node.get("properties") or {}).items():
        result["properties"] = result["properties"] | {
            name: _structural(child, definitions, with_defaults=with_defaults)
        }
    if "items" in node:
        result["items"] = _structural(node["items"], definitions, with_defaults=with_defaults)
    if isinstance(node.get("additionalProperties"), Mapping):
        result["additionalProperties"] = _structural(
            node["additionalProperties"], definitions, with_defaults=with_defaults
        )
    return result


def _inlined(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the node with its reference, or its one alternative to null, in its place."""
    merged = dict(node)
    if "$ref" in merged:
        target = definitions[merged.pop("$ref").rpartition("/")[2]]
        merged = {**_inlined(target, definitions), **merged}
    if "anyOf" in merged:
        (real,) = (choice for choice in merged.pop("anyOf") if choice.get("type") != "null")
        merged = {**_inlined(real, definitions), **merged}
    return merged


def _strip_defaults(schema: dict[str, Any]) -> None:
    schema.pop("default", None)
    for child in (schema.get("properties") or {}).values():
        _strip_defaults(child)
    if "items" in schema:
        _strip_defaults(schema["items"])


def write(folders: list[Path]) -> None:
    """Write the definitions into each folder."""
    for plural, made in definitions().items():
        text = HEADER + yaml.safe_dump(made, sort_keys=False, width=99)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{plural}.yaml").write_text(text)


if __name__ == "__main__":
    write([Path(folder) for folder in sys.argv[1:] or GENERATED])
