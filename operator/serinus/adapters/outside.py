"""What the handlers need of the outside, put together from the adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from serinus.adapters.calibrator import Calibrator
from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_login import Login
from serinus.adapters.kubernetes_turns import begin_look
from serinus.adapters.prometheuses import Prometheuses, Source
from serinus.adapters.telemetry import Telemetry
from serinus.adapters.world import LiveWorld
from serinus.observe.ask import MetricsReader
from serinus.resource.defaults import Defaults
from serinus.resource.storage import IMAGES, StorageImages

FAREWELL_SECONDS = 1.0
"""An operator that ends waits no longer than this for what it has to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOutside:
    """The cluster, Prometheus and our own metrics; see handlers.Outside."""

    cluster: Cluster
    login: Login
    metrics: Prometheuses
    telemetry: Telemetry
    defaults: Defaults = field(default_factory=Defaults)
    """For models that say nothing of it."""
    storage_images: StorageImages = IMAGES
    calibrator: Calibrator | None = None
    """Who replays policies on models' pasts; nobody where that is not wanted."""

    async def credentials(self) -> Mapping[str, Any]:
        """Return where the API server is and whom we are to it."""
        return await self.login.credentials()

    async def filled(self) -> None:
        """Wait until everything that is watched was seen once."""
        await self.cluster.filled()

    def newest(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return the newest body that is known of a resource."""
        return self.cluster.resources.newest(namespace, name)

    def has_split(self, namespace: str, name: str) -> bool:
        """Return whether a canary has traffic and nothing is decided about it."""
        return self.cluster.resources.has_split(namespace, name)

    def deliver(self, body: Mapping[str, Any]) -> None:
        """Take in a body that kopf delivered."""
        self.cluster.resources.deliver(body)

    async def refresh(self, namespace: str, name: str) -> None:
        """Read a resource anew."""
        await self.cluster.refresh(namespace, name)

    async def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        await self.cluster.forget(namespace, name)
        if self.calibrator:
            self.calibrator.forget(namespace, name)

    def world(self, body: Mapping[str, Any]) -> LiveWorld:
        """Return the World of one look that begins now, with this body."""
        begin_look()
        source = self._source(body)
        return self._world(body, source.reader, source)

    def overhearing(self, body: Mapping[str, Any]) -> LiveWorld:
        """Return the World as it is known without asking Prometheus anything."""
        source = self._source(body)
        return self._world(body, source.overhearing, source)

    def _source(self, body: Mapping[str, Any]) -> Source:
        return self.metrics.source(body["metadata"]["namespace"], body.get("spec") or {})

    def _world(self, body: Mapping[str, Any], metrics: MetricsReader, source: Source) -> LiveWorld:
        return LiveWorld(
            self.cluster,
            metrics,
            self.telemetry,
            source,
            body,
            self.defaults,
            self.storage_images,
            self.calibrator,
        )

    async def all_told(self) -> None:
        """Wait a moment for what was told to be posted."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.cluster.events.emptied()

    def looked(
        self, outcome: str, lag_seconds: float, duration_seconds: float, *, has_split: bool
    ) -> None:
        """Count a look."""
        self.telemetry.looked(outcome, lag_seconds, duration_seconds, has_split=has_split)

    def bug(self) -> None:
        """Count a failure of ours."""
        self.telemetry.bug()
