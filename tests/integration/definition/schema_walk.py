"""The definition as it is committed, walked: its rules, its limits and how to exceed them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[3]
DEFINITION: dict[str, Any] = yaml.safe_load((ROOT / "crds/mlmodeldeployments.yaml").read_text())
SCHEMA: dict[str, Any] = DEFINITION["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
SPEC: dict[str, Any] = SCHEMA["properties"]["spec"]

REMOVED = object()
WRONG_TYPE = {"string": 1, "integer": "1", "boolean": "true", "object": "x", "array": "x"}
NEVER_A_WORD = "\t?!"

Path_ = tuple[str, ...]


class Rule(NamedTuple):
    """A CEL rule and where it stands."""

    path: str
    message: str


class Excess(NamedTuple):
    """A value that goes beyond one limit of the schema."""

    limit: str
    path: Path_
    value: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} beyond {self.limit}"


def rules(node: dict[str, Any] = SCHEMA, path: str = "") -> Iterator[Rule]:
    """Yield every CEL rule; items of a list are `[]` in its path."""
    for rule in node.get("x-kubernetes-validations", ()):
        yield Rule(path, rule["message"])
    for name, child in (node.get("properties") or {}).items():
        yield from rules(child, f"{path}.{name}".lstrip("."))
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from rules(node[key], f"{path}[]")


def fields(
    node: dict[str, Any] = SPEC, path: Path_ = ()
) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Yield every field of the spec with its schema."""
    for name, child in (node.get("properties") or {}).items():
        yield (*path, name), child
        yield from fields(child, (*path, name))
    if "items" in node:
        yield (*path, "[]"), node["items"]
        yield from fields(node["items"], (*path, "[]"))


def excesses() -> Iterator[Excess]:
    """Yield a value beyond each limit of each field."""
    for path, node in fields():
        yield Excess("type", path, WRONG_TYPE[node["type"]])
        for limit in _EXCEEDED.keys() & node.keys():
            yield Excess(limit, path, _EXCEEDED[limit](node[limit]))
        for name in node.get("required", ()):
            yield Excess("required", (*path, name), REMOVED)
        if "properties" in node and "x-kubernetes-preserve-unknown-fields" not in node:
            yield Excess("known fields", (*path, "surplus"), 1)
    for name in SPEC["required"]:
        yield Excess("required", (name,), REMOVED)
    yield Excess("known fields", ("surplus",), 1)


_EXCEEDED: dict[str, Any] = {
    "minimum": lambda least: least - 1,
    "maximum": lambda most: most + 1,
    "minLength": lambda least: "a" * (least - 1),
    "maxLength": lambda most: "1" * (most + 1),
    "minItems": lambda least: ["x"] * (least - 1),
    "maxItems": lambda most: most + 1,
    "maxProperties": lambda most: {f"key-{number}": "x" for number in range(most + 1)},
    "enum": lambda _: NEVER_A_WORD,
    "pattern": lambda pattern: NEVER_A_WORD if not re.search(pattern, NEVER_A_WORD) else 1 / 0,
}


def changed(spec: dict[str, Any], path: Path_, value: Any) -> tuple[dict[str, Any], str]:
    """Return a copy with the value put in its place, and the place as the API server writes it.

    Of a list, the first item that has the field is changed. A number where a list belongs means
    that many copies of its first item.
    """
    copy, told = deepcopy(spec), "spec"
    holder: Any = copy
    *above, last = path
    for position, key in enumerate(above):
        index = _index(holder, key, path[position + 1])
        holder, told = holder[index], told + (f"[{index}]" if key == "[]" else f".{key}")
    index = _index(holder, last, "")
    told += f"[{index}]" if last == "[]" else f".{last}"
    if value is REMOVED:
        del holder[index]
    elif (
        isinstance(value, int) and isinstance(holder, dict) and isinstance(holder.get(last), list)
    ):
        holder[index] = [holder[last][0]] * value if value > 1 else "x"
    else:
        holder[index] = value
    return copy, told


def _index(holder: Any, key: str, below: str) -> str | int:
    if key != "[]":
        return key
    return next(
        (i for i, item in enumerate(holder) if isinstance(item, dict) and below in item), 0
    )
