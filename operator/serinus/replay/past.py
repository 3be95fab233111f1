"""A past rollout: its decision records, and a world in which it happens again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from serinus.decide.decision import Decision
from serinus.errors import PrometheusNotListed
from serinus.observe.ask import MetricsReader
from serinus.observe.ledgers import Ledgers
from serinus.observe.snapshot import Children, PodSeen, RouteSeen
from serinus.report.record import Record
from serinus.resource.body import Resource
from serinus.resource.calibration import Calibration
from serinus.resource.defaults import Defaults
from serinus.resource.names import workload_name
from serinus.resource.objective_template import TemplateReference
from serinus.resource.objectives import Templates
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Rollout
from serinus.resource.storage import IMAGES, StorageImages
from serinus.signals.series import ScrapeLabels, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One rollout as the operator logged it, from the look that gave the canary traffic on."""

    records: tuple[Record, ...]
    """Oldest first; the first is the one that entered the first step."""
    ended: Record | None
    """The one that took the terminal decision; none where the rollout was still under way."""

    @property
    def rollout(self) -> Rollout:
        """The rollout as it was before its first traffic."""
        rollout = self.records[0].memory.rollout
        if rollout is None:
            raise LookupError("a record without a rollout begins none")
        return rollout

    @property
    def begins_at(self) -> datetime:
        """When the canary got its first traffic."""
        return self.records[0].seen.now

    @property
    def ends_at(self) -> datetime:
        """When it was decided, or when anything was logged last."""
        return (self.ended or self.records[-1]).seen.now


def rollouts_of(records: Sequence[Record]) -> tuple[Past, ...]:
    """Return the rollouts that records tell of, oldest first."""
    by_rollout: dict[str, list[Record]] = {}
    for record in records:
        rollout = record.memory.rollout
        if rollout is not None and record.memory.stable is not None:
            by_rollout.setdefault(rollout.id, []).append(record)
    found = (_past(those) for those in by_rollout.values())
    return tuple(each for each in found if each is not None)


def _past(records: Sequence[Record]) -> Past | None:
    entering = (n for n, each in enumerate(records) if each.rule == "step_is_due_to_be_entered")
    first = next(entering, None)
    if first is None:
        return None
    those = tuple(each for each in records[first:] if each.memory.decision is None)
    ended = next((n for n, each in enumerate(those) if each.is_terminal), None)
    return Past(
        records=those if ended is None else those[: ended + 1],
        ended=None if ended is None else those[ended],
    )


@dataclass(slots=True, kw_only=True)
class PastWorld:
    """What observing asks for, at a moment of the past; see observe.gather.Reader."""

    metrics: MetricsReader
    scrape_interval_seconds: float
    scrape_labels: ScrapeLabels
    moment: datetime
    logged: Record
    """The newest that was logged by then."""
    last: Decision | None = None
    """The decision before, where the cluster follows it and not what was logged."""
    ledgers: Ledgers = field(default_factory=Ledgers)
    defaults: Defaults = field(default_factory=Defaults)
    storage_images: StorageImages = IMAGES
    refusal: PrometheusNotListed | None = None
    patience_seconds: float = 300.0
    """Nobody hurries: how busy this machine is changes nothing of what was decided."""

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def children(self, namespace: str, name: str) -> Children:  # noqa: ARG002 - Reader has it
        """Return the cluster as it was logged last, or as the decision before wants it."""
        logged = self.logged.seen.children
        return logged if self.last is None else obedient(logged, self.last, name)

    def calibration(
        self,
        resource: Resource,  # noqa: ARG002 - Reader has it
        spec: Spec,  # noqa: ARG002
        memory: Memory,  # noqa: ARG002
    ) -> Calibration | None:
        """Return nothing: what was in force then was logged."""
        return None

    async def config_maps(
        self,
        namespace: str,  # noqa: ARG002
        names: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return nothing: what a revision is made of was logged by its digest."""
        return {}

    async def pod_template(
        self,
        namespace: str,  # noqa: ARG002
        workload: str,  # noqa: ARG002
    ) -> Mapping[str, Any] | None:
        """Return nothing: no manifest is made here."""
        return None

    async def secret_digests(
        self,
        namespace: str,  # noqa: ARG002
        names: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Return nothing, likewise."""
        return {}

    def objective_templates(
        self,
        namespace: str,  # noqa: ARG002
        references: Sequence[TemplateReference],  # noqa: ARG002
    ) -> Templates:
        """Return nothing: the objectives in force were logged."""
        return Templates()

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples; see observe.measure.MetricsReader."""
        return await self.metrics.raw(selector, window_seconds, at)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values; see observe.measure.MetricsReader."""
        return await self.metrics.evaluate(expression, since, until, step_seconds)


def world_of(
    past: Past, metrics: MetricsReader, scrape_interval_seconds: float, labels: ScrapeLabels
) -> PastWorld:
    """Return the world as it was when the canary got its first traffic."""
    return PastWorld(
        metrics=metrics,
        scrape_interval_seconds=scrape_interval_seconds,
        scrape_labels=labels,
        moment=past.begins_at,
        logged=past.records[0],
    )


def obedient(logged: Children, last: Decision, name: str) -> Children:
    """Return the cluster as if all that was decided were done at once: pods ready, route set."""
    pods = [pod for pod in logged.pods if pod.revision in last.sizes]
    for revision, size in last.sizes.items():
        mine = sum(pod.revision == revision and pod.is_ready for pod in pods)
        pods += [
            PodSeen(
                name=f"{workload_name(name, revision)}-as-decided-{n}",
                revision=revision,
                is_ready=True,
            )
            for n in range(size - mine)
        ]
    split = last.split
    weights = (
        {
            workload_name(name, revision): weight
            for revision, weight in ((last.stable, split.stable), (last.canary, split.canary))
            if revision
        }
        if split
        else {}
    )
    return replace(
        logged,
        pods=tuple(pods),
        workload_sizes=dict(last.sizes),
        endpoints={**logged.endpoints, **_behind(pods, name)},
        route=RouteSeen(weights=weights, is_programmed=True),
    )


def _behind(pods: Sequence[PodSeen], name: str) -> dict[str, frozenset[str]]:
    """Return the ready pods behind each revision's own Service."""
    behind: dict[str, frozenset[str]] = {}
    for pod in pods:
        if pod.is_ready:
            service = workload_name(name, pod.revision)
            behind[service] = behind.get(service, frozenset()) | {pod.name}
    return behind
