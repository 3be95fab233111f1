"""The World of one look at one resource: the cluster, the metrics and the clock behind it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from serinus.adapters.calibrator import Calibrator
from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_owners import hand_over
from serinus.adapters.prometheuses import Source
from serinus.decide.decision import Happening
from serinus.decide.foresight import Foresights
from serinus.errors import PrometheusNotListed
from serinus.observe.ask import MetricsReader
from serinus.observe.fetch import PATIENCE_SECONDS
from serinus.observe.ledgers import Ledgers
from serinus.observe.snapshot import Children, ObjectSeen
from serinus.resource.body import Resource
from serinus.resource.calibration import Calibration
from serinus.resource.defaults import Defaults
from serinus.resource.objective_template import TemplateReference
from serinus.resource.objectives import Templates
from serinus.resource.spec import Spec
from serinus.resource.status import Memory
from serinus.resource.storage import IMAGES, StorageImages
from serinus.signals.series import ScrapeLabels, Series

logger = logging.getLogger(__name__)
records = logging.getLogger("serinus.decisions")
"""A logger of its own, so that records can be kept longer than the rest, or left out."""


class StatusListener(Protocol):
    """Who counts what statuses tell."""

    def status_written(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Take in a resource before and after its status was written."""


class LiveWorld:
    """What one look may ask and do.

    It remembers the version of the resource that the look began with: what is written rests on
    it, and is refused as a conflict if anybody wrote in between.
    """

    __slots__ = (
        "_body",
        "_calibrator",
        "_cluster",
        "_defaults",
        "_listener",
        "_metrics",
        "_name",
        "_namespace",
        "_source",
        "_storage_images",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - all that a look may ask and do
        self,
        cluster: Cluster,
        metrics: MetricsReader,
        listener: StatusListener,
        source: Source,
        body: Mapping[str, Any],
        defaults: Defaults,
        storage_images: StorageImages = IMAGES,
        calibrator: Calibrator | None = None,
    ) -> None:
        self._cluster, self._metrics, self._listener = cluster, metrics, listener
        self._source = source
        self._defaults = defaults
        self._storage_images, self._calibrator = storage_images, calibrator
        self._body = body
        self._namespace: str = body["metadata"]["namespace"]
        self._name: str = body["metadata"]["name"]

    @property
    def scrape_interval_seconds(self) -> float:
        """How often Prometheus scrapes the models."""
        return self._source.scrape_interval_seconds

    @property
    def scrape_labels(self) -> ScrapeLabels:
        """What the labels are called that say whose a series is."""
        return self._source.labels

    @property
    def patience_seconds(self) -> float:
        """How long a look waits for stable's past; see observe.gather.Reader."""
        return PATIENCE_SECONDS

    @property
    def refusal(self) -> PrometheusNotListed | None:
        """Why the Prometheus that the model names may not be asked."""
        return self._source.refusal

    @property
    def ledgers(self) -> Ledgers:
        """What this process has counted so far."""
        return self._cluster.ledgers

    @property
    def foresights(self) -> Foresights:
        """What the alarm saw and decided; see reconcile.World."""
        return self._cluster.foresights

    @property
    def defaults(self) -> Defaults:
        """What holds for models that say nothing of it."""
        return self._defaults

    @property
    def storage_images(self) -> StorageImages:
        """What fetches a model's files where the template does not say."""
        return self._storage_images

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    def calibration(self, resource: Resource, spec: Spec, memory: Memory) -> Calibration | None:
        """Return a newer calibration, asking for one that is due; see observe.gather.Reader."""
        return self._calibrator.newest(resource, spec, memory) if self._calibrator else None

    def children(self, namespace: str, name: str) -> Children:
        """Return what the watches know of a resource's children; no request is made."""
        return self._cluster.store.children(namespace, name)

    async def config_maps(
        self, namespace: str, names: Sequence[str]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return the content of ConfigMaps that exist; see observe.gather.ClusterReader."""
        return await self._cluster.config_maps.read(namespace, names, self._name)

    def objective_templates(
        self, namespace: str, references: Sequence[TemplateReference]
    ) -> Templates:
        """Return the templates that exist; see observe.gather.ClusterReader."""
        return self._cluster.templates.read(namespace, references, self._name)

    async def secret_digests(self, namespace: str, names: Sequence[str]) -> Mapping[str, str]:
        """Return a keyed digest of each Secret that exists; see observe.gather.ClusterReader."""
        return await self._cluster.secrets.digests(namespace, names, self._name)

    async def pod_template(self, namespace: str, workload: str) -> Mapping[str, Any] | None:
        """Return the pod template of a workload; see observe.recover.WorkloadReader."""
        return await self._cluster.pod_template(namespace, workload)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples; see observe.gather.MetricsReader."""
        return await self._metrics.raw(selector, window_seconds, at)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values; see observe.gather.MetricsReader."""
        return await self._metrics.evaluate(expression, since, until, step_seconds)

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        """Make an object what the manifest says; see act.perform.Writer."""
        await self._cluster.writer.apply(
            manifest, is_ours=is_ours, expected=expected, is_urgent=is_urgent
        )
        if is_urgent:
            # To tell of it takes as long as to do it, and others have theirs still to do.
            await self._cluster.api.turns.calm()

    async def hand_over(
        self, kind: str, namespace: str, name: str, owner: Mapping[str, Any] | None
    ) -> None:
        """Have an object go with its owner or outlive it; see act.perform.Writer."""
        await hand_over(self._cluster.api, self._cluster.store, kind, namespace, name, owner)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object; see act.perform.Writer."""
        await self._cluster.writer.delete(kind, namespace, name)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        """Replace the status; see report.publish.Teller."""
        before = self._body
        version = before["metadata"]["resourceVersion"]
        self._body = await self._cluster.writer.write_status(namespace, name, version, status)
        self._cluster.resources.learn(self._body)
        self._listener.status_written(before, self._body)

    def record(self, namespace: str, name: str, record: str) -> None:
        """Write a decision record into the log; see report.record.replay_record."""
        records.info("%s/%s: %s", namespace, name, record)

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        """Have an event posted; one that is lost stays in the log."""
        logger.info("%s/%s: %s: %s", namespace, name, happening.reason, happening.message)
        event = self._cluster.writer.event(namespace, name, uid, happening)
        if event is not None:
            self._cluster.events.add(event)
