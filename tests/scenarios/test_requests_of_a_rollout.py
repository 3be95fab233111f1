"""A rollout costs the requests to the API server that docs/benchmarks.md names, and no others."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import serinus
from serinus.adapters.kubernetes_kinds import MODEL_DEPLOYMENT, OWNED
from tests.architecture.sources import ROOT
from tests.fakes.models import GOOD
from tests.fakes.world import FakeWorld, serving, spec_of

TABLE = re.compile(
    r"^\| ((?:create|delete|patch|update) \S+) \| (\d+) \| \d+ \| .* \| (.*) \|$", re.MULTILINE
)
ROWS = TABLE.findall((ROOT / "docs" / "benchmarks.md").read_text())

RESOURCES = {kind.name: kind.resource for kind in OWNED}
VERBS = {"apply": "patch", "delete": "delete"}


@dataclass
class CountingWorld(FakeWorld):
    """Counts how often status is written."""

    statuses: list[Mapping[str, Any]] = field(default_factory=list)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        self.statuses.append(status)
        await super().write_status(namespace, name, status)

    def requests(self) -> Counter[str]:
        counts = Counter(
            f"{VERBS[verb]} {RESOURCES[kind]}" for verb, kind, _ in self.cluster.writes
        )
        counts["create events"] = len(self.happenings)
        counts[f"update {MODEL_DEPLOYMENT.resource}/status"] = len(self.statuses)
        return counts


async def test_a_rollout_of_five_steps_is_made_of_the_requests_that_are_told() -> None:
    """As the scale benchmark has it: a pod, an objective, five steps of one interval."""
    objective = {"preset": "error-rate", "limit": "5%", "minSamples": 20}
    spec = spec_of(
        replicas=1,
        objectives=[objective | {"failureLimit": {"failed": 1, "of": 1}}],
        rollout={
            "advance": "time",
            "steps": [{"weight": weight} for weight in (10, 20, 30, 40, 50)],
            "interval": "10s",
            "minTime": "10s",
            "scaleDownDelay": "10s",
        },
    )
    served = await serving(spec)
    world = CountingWorld(**{name: getattr(served, name) for name in vars(served)})
    before = world.requests()
    world.deploy("2", GOOD)
    await world.run(120)
    assert world.status["stable"]["version"] == "2"
    assert dict(world.requests() - before) == {request: int(count) for request, count, _ in ROWS}


def test_who_sends_them_is_there() -> None:
    for _, _, senders in ROWS:
        for sender in re.findall(r"`(.*?)`", senders):
            name, _, function = sender.partition("._")
            place = name if "." in name else f"adapters.{name}"
            found = importlib.import_module(f"{serinus.__name__}.{place}")
            assert not function or hasattr(found, f"_{function}")
