"""The world of a scenario: one resource, its cluster and its metrics, second by second."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from serinus.decide.decision import Happening
from serinus.decide.foresight import Foresights
from serinus.errors import OutsideUnavailable, PrometheusNotListed, ReferenceUnreadable
from serinus.observe.ledgers import Ledgers
from serinus.observe.snapshot import Children, ObjectSeen
from serinus.reconcile import let_go, reconcile
from serinus.resource.body import Resource
from serinus.resource.calibration import Calibration
from serinus.resource.defaults import Defaults
from serinus.resource.objective_template import TemplateKind, TemplateReference
from serinus.resource.objectives import Templates
from serinus.resource.spec import Spec
from serinus.resource.status import Memory
from serinus.resource.storage import IMAGES, StorageImages
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels, Series
from tests.fakes.cluster import FakeCluster
from tests.fakes.models import Behaviour
from tests.fakes.prometheus import SCRAPE_SECONDS, FakePrometheus

START = datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC)


@dataclass
class FakeWorld:
    """Implements the World protocol on a FakeCluster and a FakePrometheus."""

    resource: Resource
    cluster: FakeCluster
    prometheus: FakePrometheus
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    happenings: list[tuple[float, Happening]] = field(default_factory=list)
    trail: list[tuple[str, int, str]] = field(default_factory=list)
    """(phase, weight, version of stable) each time one of them changed."""
    records: list[str] = field(default_factory=list)
    next_look: float = 0.0
    seen_world: str = ""
    invariants: list[Any] = field(default_factory=list)
    scrape_interval_seconds: float = SCRAPE_SECONDS
    scrape_labels: ScrapeLabels = KUBERNETES_LABELS
    patience_seconds: float = 60.0
    refusal: PrometheusNotListed | None = None
    """Why the Prometheus that the model names may not be asked."""
    ledgers: Ledgers = field(default_factory=Ledgers)
    """What the operator's process keeps in its own memory."""
    foresights: Foresights = field(default_factory=Foresights)
    defaults: Defaults = field(default_factory=Defaults)
    storage_images: StorageImages = IMAGES
    unreadable: str = ""
    """Why no Secret may be read, "" where they may."""
    templates: dict[tuple[TemplateKind, str], dict[str, Any]] = field(default_factory=dict)
    """Specs of objective templates, by kind and name."""
    reads_cluster: bool = True
    calibrated: Calibration | None = None
    """The newest, as the process that makes them has it."""

    # What the loop asks of the world.

    def now(self) -> datetime:
        return START + timedelta(seconds=self.cluster.seconds)

    def children(self, namespace: str, name: str) -> Children:
        return self.cluster.children(START)

    async def config_maps(
        self, namespace: str, names: Sequence[str]
    ) -> Mapping[str, Mapping[str, Any]]:
        return {name: self.configs[name] for name in names if name in self.configs}

    def objective_templates(
        self, namespace: str, references: Sequence[TemplateReference]
    ) -> Templates:
        asked = [(each.kind, each.name) for each in references]
        found = {key: self.templates[key] for key in asked if key in self.templates}
        return Templates(specs=found, reads_cluster=self.reads_cluster)

    async def pod_template(self, namespace: str, workload: str) -> Mapping[str, Any] | None:
        found = self.cluster.objects.get(("Deployment", workload))
        return found["spec"]["template"] if found else None

    async def secret_digests(self, namespace: str, names: Sequence[str]) -> Mapping[str, str]:
        if names and self.unreadable:
            raise ReferenceUnreadable(self.unreadable)
        return dict.fromkeys(names, "digest")

    def calibration(self, resource: Resource, spec: Spec, memory: Memory) -> Calibration | None:
        return self.calibrated

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        if not self.prometheus.is_up:
            raise OutsideUnavailable("Prometheus does not answer")
        until = at.timestamp()
        return self.prometheus.raw(selector, until - window_seconds, until)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        return ()

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        self.cluster.apply(manifest)

    async def hand_over(
        self, kind: str, namespace: str, name: str, owner: Mapping[str, Any] | None
    ) -> None:
        self.cluster.hand_over(kind, name, owner)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        self.cluster.delete(kind, name)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        self.resource = replace(self.resource, raw_status=json.loads(json.dumps(status)))
        stable = (status.get("stable") or {}).get("version", "")
        step = (status["phase"], status["weight"], stable)
        if not self.trail or self.trail[-1] != step:
            self.trail.append(step)

    def record(self, namespace: str, name: str, record: str) -> None:
        self.records.append(record)

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        self.happenings.append((self.cluster.seconds, happening))

    # What a scenario does with it.

    async def run(self, seconds: float) -> None:
        """Let time pass, with a look whenever one is due or something changed."""
        end = self.cluster.seconds + seconds
        while self.cluster.seconds < end:
            await self.second()

    async def second(self) -> None:
        """Let one second pass."""
        self.cluster.seconds += 1
        self.prometheus.serve_one_second(START.timestamp() + self.cluster.seconds)
        for _ in range(20):
            picture = self._picture()
            if self.cluster.seconds < self.next_look and picture == self.seen_world:
                break
            self.seen_world = picture
            self.next_look = self.cluster.seconds + await self.look()
        for invariant in self.invariants:
            invariant(self)

    async def look(self) -> float:
        """Take one look, as the daemon would."""
        return await reconcile(self.resource, self)

    async def let_go(self) -> None:
        """Delete the resource."""
        await let_go(self.resource, self)

    def edit(self, **changes: Any) -> None:
        """Change fields of the spec, as kubectl apply would."""
        spec = {**deepcopy(dict(self.resource.raw_spec)), **changes}
        generation = self.resource.generation + 1
        self.resource = replace(self.resource, raw_spec=spec, generation=generation)

    def deploy(self, version: str, behaviour: Behaviour | None = None) -> None:
        """Ask for another version of the model."""
        if behaviour is not None:
            self.cluster.behaviours[version] = behaviour
        template = deepcopy(dict(self.resource.raw_spec["template"]))
        template["spec"]["containers"][0]["image"] = f"models/fraud:{version}"
        self.edit(model={"version": version}, template=template)

    def with_a_new_process(self) -> FakeWorld:
        """Return the same world with an operator that knows the cluster only."""
        return replace(
            self,
            next_look=0.0,
            seen_world="",
            ledgers=Ledgers(),
            foresights=Foresights(),
        )

    def annotate(self, command: str, text: str) -> None:
        """Give a command."""
        annotations = {**self.resource.annotations, f"serinus.dev/{command}": text}
        self.resource = replace(self.resource, annotations=annotations)

    @property
    def status(self) -> Mapping[str, Any]:
        """The status as people read it."""
        return self.resource.raw_status

    @property
    def evidence(self) -> str:
        """The ledger as it is stored, "" without one."""
        found = self.cluster.objects.get(("ConfigMap", "fraud-evidence"))
        return found["data"]["ledger"] if found else ""

    @property
    def reasons(self) -> list[str]:
        """Reasons of the events told so far."""
        return [happening.reason for _, happening in self.happenings]

    def _picture(self) -> str:
        pods = [(p.name, self.cluster.is_ready(p)) for p in self.cluster.pods.values()]
        children = self.cluster.children(START)
        crashing = [pod.is_crash_looping for pod in children.pods]
        spec = (self.resource.generation, dict(self.resource.annotations))
        objects = sorted(self.cluster.objects)
        told = (children.route, children.readings)
        return repr((pods, crashing, told, spec, objects, self.templates))


def spec_of(version: str = "1", **fields: Any) -> dict[str, Any]:
    """Return a complete spec, short steps, an error rate and null outputs as objectives."""
    container = {
        "name": "model",
        "image": f"models/fraud:{version}",
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    rollout = {
        "steps": [{"weight": 10}, {"weight": 50}],
        "interval": "10s",
        "minTime": "30s",
        "maxDuration": "30m",
        "scaleDownDelay": "20s",
    }
    objectives = [
        {"preset": "error-rate", "limit": "5%", "worseThanStable": {"by": "1%"}},
        {"preset": "null-outputs", "worseThanStable": {"by": "2%"}},
    ]
    return {
        "replicas": 4,
        "model": {"version": version},
        "template": {"spec": {"containers": [container]}},
        "objectives": objectives,
        "rollout": {**rollout, **fields.pop("rollout", {})},
        "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
        **fields,
    }


def world_of(spec: Mapping[str, Any] | None = None, **behaviours: Behaviour) -> FakeWorld:
    """Return a world with one resource just applied; behaviours by version ("v3" for "3")."""
    cluster = FakeCluster(behaviours={v.removeprefix("v"): b for v, b in behaviours.items()})
    resource = Resource(
        namespace="prod",
        name="fraud",
        uid="uid-1",
        generation=1,
        resource_version="1",
        raw_spec=dict(spec or spec_of()),
    )
    return FakeWorld(resource=resource, cluster=cluster, prometheus=FakePrometheus(cluster))


async def serving_by_config(config: str) -> FakeWorld:
    """Return a world in which version 1 serves by a ConfigMap of this name."""
    spec = spec_of()
    container = spec["template"]["spec"]["containers"][0]
    container["envFrom"] = [{"configMapRef": {"name": config}}]
    world = world_of(spec)
    world.configs[config] = {"data": {"THRESHOLD": "0.5"}}
    await world.run(30)
    return world


async def serving(spec: Mapping[str, Any] | None = None, **behaviours: Behaviour) -> FakeWorld:
    """Return a world in which version 1 already serves."""
    world = world_of(spec, **behaviours)
    await world.run(30)
    return world
