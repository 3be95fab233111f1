"""Resources in the situations that a person at a terminal meets, and a cluster that holds one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from serinus.cli.access import ResourceChanged
from serinus.cli.exits import Ended, ExitCode
from serinus.resource.objective_template import TemplateKind

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
STABLE, CANARY = "aaaaaaaaaa", "bbbbbbbbbb"


def at(seconds_ago: float = 0) -> str:
    return (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")


def rollout(**changes: Any) -> dict[str, Any]:
    return {
        "revision": CANARY,
        "version": "8",
        "startedAt": at(600),
        "weight": 5,
        "step": 1,
        "steps": 4,
        "stepEnteredAt": at(120),
        "capacityAskedAt": at(600),
    } | changes


def record(revision: str = CANARY, version: str = "8", fate: str = "RolledBack") -> dict[str, Any]:
    return {
        "revision": revision,
        "version": version,
        "fate": fate,
        "reason": "ObjectiveFailed",
        "message": "error-rate: 4.1 % of requests failed [limit 1 %]",
        "at": at(3600),
    }


def condition(type_: str, status: str, reason: str = "Because") -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": "a sentence",
        "lastTransitionTime": at(7200),
        "observedGeneration": 2,
    }


def status(phase: str, **changes: Any) -> dict[str, Any]:
    return {
        "observedGeneration": 2,
        "phase": phase,
        "message": "what is going on",
        "stable": {"revision": STABLE, "version": "7", "since": at(9 * 86400)},
        "replicas": 3,
        "readyReplicas": 3,
        "conditions": [
            condition("Ready", "False"),
            condition("Reconciling", "True"),
            condition("Stalled", "False"),
        ],
    } | changes


def healthy() -> dict[str, Any]:
    settled = [condition("Ready", "True", "Stable"), condition("Reconciling", "False")]
    return status("Healthy", conditions=settled)


def progressing(**changes: Any) -> dict[str, Any]:
    return status("Progressing", rollout=rollout(**changes))


def waiting_for_approval(**changes: Any) -> dict[str, Any]:
    return status("Paused", rollout=rollout(waitingSince=at(60), **changes))


def rolled_back(*records: dict[str, Any]) -> dict[str, Any]:
    stalled = [condition("Ready", "False"), condition("Stalled", "True", "ObjectiveFailed")]
    return status("RolledBack", conditions=stalled, history=list(records or [record()]))


def body(
    status: Mapping[str, Any] | None, version: str = "8", **annotations: str
) -> dict[str, Any]:
    """Return a resource as the API server gives it; annotations by the name of their command."""
    steps = [{"weight": 1}, {"weight": 5, "pause": {}}, {"weight": 25}, {"weight": 50}]
    return {
        "metadata": {
            "namespace": "ml",
            "name": "fraud",
            "uid": "00000000-0000-0000-0000-000000000000",
            "generation": 2,
            "resourceVersion": "41",
            "annotations": {f"serinus.dev/{name}": text for name, text in annotations.items()},
        },
        "spec": {"model": {"version": version}, "rollout": {"steps": steps}},
        "status": dict(status or {}),
    }


@dataclass
class OneResource:
    """A cluster that holds one resource and keeps the API server's precondition."""

    stored: dict[str, Any]
    meanwhile: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    """What others write between our reading and our writing, one after each reading."""
    templates: dict[tuple[TemplateKind, str], dict[str, Any]] = field(default_factory=dict)

    def read(self, name: str) -> Mapping[str, Any]:
        if name != self.stored["metadata"]["name"]:
            raise Ended(ExitCode.NOT_REACHED, f"there is no {name!r}")
        seen = json.loads(json.dumps(self.stored))
        if self.meanwhile:
            self.write(self.meanwhile.pop(0))
        return deepcopy(seen)

    def template(self, kind: TemplateKind, name: str) -> Mapping[str, Any] | None:
        return self.templates.get((kind, name))

    def annotate(self, name: str, annotation: str, value: str, resource_version: str) -> None:
        if resource_version != self.stored["metadata"]["resourceVersion"]:
            raise ResourceChanged
        self.write(lambda stored: stored["metadata"]["annotations"].update({annotation: value}))

    def write(self, change: Callable[[dict[str, Any]], None]) -> None:
        change(self.stored)
        metadata = self.stored["metadata"]
        metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)

    @property
    def commands(self) -> dict[str, str]:
        annotations: dict[str, str] = self.stored["metadata"]["annotations"]
        return {key.removeprefix("serinus.dev/"): text for key, text in annotations.items()}
