"""Gather one Snapshot: the only place that reads the cluster and the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from serinus.errors import PrometheusNotListed, ReferenceMissing, ReferenceUnreadable
from serinus.evidence.captured import Captured
from serinus.evidence.ledger import Ledger
from serinus.evidence.policy import deciding
from serinus.observe.ask import MetricsReader
from serinus.observe.capture import Asked, capture_seconds, captured
from serinus.observe.last_asked import write_asked
from serinus.observe.ledgers import Ledgers
from serinus.observe.measure import Measured, measure
from serinus.observe.recover import WorkloadReader, recovered
from serinus.observe.snapshot import Children, Snapshot
from serinus.observe.watch import Watch
from serinus.resource.body import Resource
from serinus.resource.calibration import Calibration
from serinus.resource.commands import read_commands
from serinus.resource.defaults import Defaults
from serinus.resource.objective_template import TemplateReference
from serinus.resource.objectives import ObjectivesInForce, Templates, in_force, resolve
from serinus.resource.references import config_references
from serinus.resource.revision import Shows, Wanted, identify
from serinus.resource.rollout import Advance
from serinus.resource.spec import Spec
from serinus.resource.status import Memory
from serinus.resource.storage import StorageImages
from serinus.signals.series import ScrapeLabels


class ClusterReader(WorkloadReader, Protocol):
    """What observing needs of the cluster."""

    def children(self, namespace: str, name: str) -> Children:
        """Return what the watches know of a resource's children; no request is made."""

    async def config_maps(
        self, namespace: str, names: Sequence[str]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return the content of ConfigMaps that exist, read again only when they changed.

        Raises:
            ReferenceUnreadable: we are not let read one.
        """

    def objective_templates(
        self, namespace: str, references: Sequence[TemplateReference]
    ) -> Templates:
        """Return what the watches know of these templates; no request is made."""

    async def secret_digests(self, namespace: str, names: Sequence[str]) -> Mapping[str, str]:
        """Return a keyed digest of each Secret that exists, never its content; raises likewise."""


class Reader(ClusterReader, MetricsReader, Protocol):
    """Everything observing needs."""

    @property
    def scrape_interval_seconds(self) -> float:
        """How often Prometheus scrapes the models."""

    @property
    def scrape_labels(self) -> ScrapeLabels:
        """What the labels are called that say whose a series is."""

    @property
    def patience_seconds(self) -> float:
        """How long a look waits for stable's past, which is not needed to decide."""

    @property
    def refusal(self) -> PrometheusNotListed | None:
        """Why the Prometheus that the model names may not be asked."""

    @property
    def ledgers(self) -> Ledgers:
        """What this process has counted so far."""

    @property
    def defaults(self) -> Defaults:
        """What holds for models that say nothing of it."""

    @property
    def storage_images(self) -> StorageImages:
        """What fetches a model's files where the template does not say."""

    def now(self) -> datetime:
        """Return the time, in UTC."""

    def calibration(self, resource: Resource, spec: Spec, memory: Memory) -> Calibration | None:
        """Return one that is newer than what is remembered; where one is due, have it made.

        Nothing is waited for: it is there at another look.
        """


async def observe(resource: Resource, spec: Spec, memory: Memory, reader: Reader) -> Snapshot:
    """Look once: the cluster from watches, what the spec refers to, and fresh evidence."""
    children = reader.children(resource.namespace, resource.name)
    wanted, wanted_trouble = await _wanted(resource, spec, reader)
    objectives = _objectives(resource, spec, reader)
    now = reader.now()
    known = reader.ledgers.known(resource.namespace, resource.name, children.evidence)
    asked = in_force(spec, objectives)
    baseline = await _captured(resource, asked, memory, children, now, reader)
    watch = _watch(resource, asked, memory, children, known.newest, now, reader)
    measured = await _measured(_informed(watch, baseline, reader), resource, reader)
    return Snapshot(
        now=now,
        namespace=resource.namespace,
        name=resource.name,
        uid=resource.uid,
        generation=resource.generation,
        wanted=wanted,
        wanted_trouble=wanted_trouble,
        objectives=objectives,
        recovered=await recovered(resource.namespace, resource.name, memory, children, reader),
        last_asked=write_asked(resource.raw_spec, memory),
        not_written=resource.not_written,
        images=reader.storage_images,
        commands=read_commands(resource.annotations),
        children=children,
        ledger=measured.ledger,
        checkpoint=known.stored,
        captured=baseline,
        calibration=_calibration(resource, asked, memory, reader),
        next_block_at=watch.next_block_at if watch else None,
        metrics_trouble=measured.trouble,
        metrics_troubles=measured.troubles,
        metrics_failures=measured.failures,
    )


async def _wanted(
    resource: Resource, spec: Spec, reader: ClusterReader
) -> tuple[Wanted | None, str]:
    names = [found.name for found in config_references(spec.template)]
    try:
        config = await reader.config_maps(resource.namespace, names) if names else {}
        secrets = await reader.secret_digests(resource.namespace, spec.track_secrets)
        return identify(resource.raw_spec, config, secrets), ""
    except (ReferenceMissing, ReferenceUnreadable) as unknown:
        return None, str(unknown)


def _objectives(resource: Resource, spec: Spec, reader: Reader) -> ObjectivesInForce:
    templates = reader.objective_templates(resource.namespace, spec.objective_templates)
    return resolve(spec, templates, reader.defaults.objectives).unless(reader.refusal)


def _calibration(
    resource: Resource, spec: Spec, memory: Memory, reader: Reader
) -> Calibration | None:
    """Before the first revision serves there is no past to replay."""
    if memory.stable is None or not deciding(spec):
        return None
    return reader.calibration(resource, spec, memory)


async def _captured(
    resource: Resource,
    spec: Spec,
    memory: Memory,
    children: Children,
    now: datetime,
    reader: Reader,
) -> Captured | None:
    """What objectives against a captured baseline are compared with; no other model has one."""
    seconds = capture_seconds(spec.objectives)
    if not seconds or memory.stable is None:
        return None
    asked = Asked(
        namespace=resource.namespace,
        model=resource.name,
        stable=memory.stable,
        seconds=seconds,
        labels=reader.scrape_labels,
    )
    return await captured(asked, children.baseline, now, reader)


async def _measured(watch: Watch | None, resource: Resource, reader: Reader) -> Measured:
    measured = await measure(watch, reader)
    reader.ledgers.keep(resource.namespace, resource.name, measured.ledger)
    return measured


def _informed(watch: Watch | None, baseline: Captured | None, reader: Reader) -> Watch | None:
    if watch is None:
        return None
    return replace(
        watch,
        captured=baseline.bins if baseline else {},
        labels=reader.scrape_labels,
        patience_seconds=reader.patience_seconds,
    )


# Whose evidence is wanted: nobody's before the canary has had traffic.
def _watch(
    resource: Resource,
    spec: Spec,
    memory: Memory,
    children: Children,
    ledger: Ledger,
    now: datetime,
    reader: Reader,
) -> Watch | None:
    if not (rollout := memory.rollout) or not memory.stable or not rollout.evidence_since:
        return None
    return Watch(
        namespace=resource.namespace,
        model=resource.name,
        stable=memory.stable.revision,
        canary=rollout.revision,
        rollout=rollout.id,
        objectives=spec.objectives,
        ledger=ledger,
        evidence_since=rollout.evidence_since,
        now=now,
        interval_seconds=spec.rollout.interval_seconds,
        scrape_interval_seconds=reader.scrape_interval_seconds,
        pods_started_at=children.pods_started_at,
        pods_running_since=children.pods_running_since,
        pods_began_before=children.pods_began_before,
        server=spec.model.server,
        source=spec.metrics.source,
        served_name=spec.model.name,
        stable_shows=_shows(children, memory.stable.revision),
        versions=(memory.stable.version, rollout.version),
        step_entered_at=rollout.step_entered_at,
        weight_percent=rollout.weight,
        is_bet_on=spec.rollout.advance is Advance.EVIDENCE,
    )


def _shows(children: Children, revision: str) -> Shows | None:
    found = children.revisions.get(revision)
    return found.shows if found else None
