"""ConfigMaps and Secrets a pod template refers to, found and rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReference:
    """A ConfigMap named in a pod template."""

    name: str
    optional: bool
    field: str
    """Path in the template, for messages."""


def config_references(template: Mapping[str, Any]) -> tuple[ConfigReference, ...]:
    """Return the ConfigMaps the template refers to, each once, in order of appearance."""
    found: dict[str, ConfigReference] = {}
    for holder, key, field in _holders(template):
        name, optional = holder.get(key), bool(holder.get("optional", False))
        if name and (name not in found or found[name].optional):
            found[name] = ConfigReference(name=name, optional=optional, field=field)
    return tuple(found.values())


def rewrite_config_references(
    template: Mapping[str, Any], rename: Callable[[str], str]
) -> dict[str, Any]:
    """Return a copy of the template that refers to the renamed ConfigMaps."""
    copy: dict[str, Any] = deepcopy(dict(template))
    for holder, key, _ in _holders(copy):
        if holder.get(key):
            holder[key] = rename(holder[key])
    return copy


Holder = tuple[dict[str, Any], str, str]


def _holders(template: Mapping[str, Any]) -> Iterator[Holder]:
    """Yield every object that names a ConfigMap, its key for the name, and its path."""
    spec = template.get("spec") or {}
    for number, volume in enumerate(spec.get("volumes") or ()):
        yield from _volume_holders(volume, f"spec.volumes[{number}]")
    for kind in ("initContainers", "containers"):
        for number, container in enumerate(spec.get(kind) or ()):
            yield from _container_holders(container, f"spec.{kind}[{number}]")


def _volume_holders(volume: dict[str, Any], path: str) -> Iterator[Holder]:
    if volume.get("configMap"):
        yield volume["configMap"], "name", f"{path}.configMap"
    for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
        if source.get("configMap"):
            yield source["configMap"], "name", f"{path}.projected.sources[{number}].configMap"


def _container_holders(container: dict[str, Any], path: str) -> Iterator[Holder]:
    for number, source in enumerate(container.get("envFrom") or ()):
        if source.get("configMapRef"):
            yield source["configMapRef"], "name", f"{path}.envFrom[{number}].configMapRef"
    for number, variable in enumerate(container.get("env") or ()):
        reference = (variable.get("valueFrom") or {}).get("configMapKeyRef")
        if reference:
            yield reference, "name", f"{path}.env[{number}].valueFrom.configMapKeyRef"
