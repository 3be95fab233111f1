"""A stage without a cluster: what is applied changes what the next looks show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from cluster.target import Addresses
from demo.errors import UnreachableError
from demo.names import MODEL
from demo.sights import Sight
from demo.stage import Stage
from demo.watching import Watcher
from serinus.resource.status import Status
from tests.unit.demo.recorded import START_SECONDS, resource, status, summary

Scene = tuple[Status, Mapping[str, int]]
"""A status, and what each version has answered by then."""


def operator_pod(name: str, *, is_ready: bool = True) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": str(is_ready)}]
    return {"metadata": {"name": name}, "status": {"conditions": conditions}}


@dataclass
class Theatre:
    """Kubectl, API server and clients in one; every look moves the clock and the scene."""

    scenes_after: Mapping[str, list[Scene]] = field(default_factory=dict)
    """By the version whose application brings them about."""
    scenes: list[Scene] = field(default_factory=lambda: [(status(), {})])
    operators: list[list[dict[str, Any]]] = field(
        default_factory=lambda: [[operator_pod("serinus-a")]]
    )
    last_line: str = ""
    said: list[tuple[str, ...]] = field(default_factory=list)
    applied: list[dict[str, Any]] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    now: float = START_SECONDS

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        self.said.append(arguments)
        for manifest in yaml.safe_load_all(stdin or ""):
            self.applied.append(manifest)
            if manifest["metadata"]["name"] == MODEL:
                version = manifest["spec"]["model"]["version"]
                self.scenes = list(self.scenes_after.get(version, self.scenes))
        if arguments[:2] == ("delete", "pod"):
            self.operators = self.operators[1:]
        return self.last_line if arguments[0] == "logs" else ""

    def resource(self) -> Any:
        return resource(self.scenes[0][0])

    def load_summary(self) -> Any:
        return summary(self.scenes[0][1])

    def pods(self, namespace: str, labels: str) -> list[Any]:
        del namespace, labels
        if not self.operators:
            raise UnreachableError("no answer")
        return self.operators[0]

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.scenes = self.scenes[1:] or self.scenes
        if any(said[:2] == ("delete", "pod") for said in self.said):
            self.operators = self.operators[1:] or self.operators

    def stage(self, gateway: str = "http://127.0.0.1:9") -> Stage:
        shown: Callable[[Sight], None] = [].append  # type: ignore[assignment]
        return Stage(
            kubectl=self,
            cluster=self,
            watch=Watcher(self, shown, wall_clock=lambda: self.now, sleep=self.sleep),
            image="serinus-demo:test",
            addresses=Addresses("http://gateway.inside", gateway, "", ""),
            announce=self.announced.append,
        )
