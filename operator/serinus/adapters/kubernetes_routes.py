"""An HTTPRoute reduced to its weights and to whether the router has taken them over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from serinus.observe.snapshot import RouteSeen
from serinus.resource.names import DECISION_ANNOTATION

NEEDED = ("Accepted", "ResolvedRefs")


def read_route(raw: Mapping[str, Any]) -> RouteSeen:
    """Return the weights of the first rule and what the router says of them."""
    troubles = tuple(_parent_trouble(parent, raw) for parent in _parents(raw))
    trouble = next((words for words in troubles if words), "")
    return RouteSeen(
        weights=_weights(raw["spec"].get("rules") or ()),
        is_programmed=bool(troubles) and not trouble,
        trouble=trouble,
        decision=(raw["metadata"].get("annotations") or {}).get(DECISION_ANNOTATION, ""),
    )


def _parents(raw: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return raw["spec"].get("parentRefs") or ()


def _weights(rules: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    weights: Counter[str] = Counter()
    for rule in list(rules)[:1]:
        for backend in rule.get("backendRefs") or ():
            weights[backend["name"]] += backend.get("weight", 1)
    return dict(weights)


def _parent_trouble(parent: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    """Return why no router has taken the newest generation over for this parent, "" if one has."""
    namespace = raw["metadata"]["namespace"]
    reports = [
        report
        for report in (raw.get("status") or {}).get("parents") or ()
        if _identity(report["parentRef"], namespace) == _identity(parent, namespace)
    ]
    if not reports:
        return f"no router has answered for parent {parent['name']!r} yet"
    # Several controllers may report on one parent; the one it belongs to is enough.
    troubles = [
        _report_trouble(report, raw["metadata"].get("generation", 0)) for report in reports
    ]
    return min(troubles, key=len)


def _identity(reference: Mapping[str, Any], namespace: str) -> tuple[Any, ...]:
    return (
        reference.get("namespace", namespace),
        reference["name"],
        reference.get("sectionName"),
        reference.get("port"),
    )


def _report_trouble(report: Mapping[str, Any], generation: int) -> str:
    conditions = {condition["type"]: condition for condition in report.get("conditions") or ()}
    for name in NEEDED:
        condition = conditions.get(name, {})
        if condition.get("observedGeneration", 0) != generation:
            return f"{report['parentRef']['name']}: generation {generation} is not taken over yet"
        if condition.get("status") != "True":
            reason, message = condition.get("reason", name), condition.get("message", "")
            return f"{report['parentRef']['name']}: {reason}: {message}"
    return ""
