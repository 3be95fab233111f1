"""Gather one Snapshot: the only place that reads the cluster and the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from serinus.observe.snapshot import Children
from serinus.signals.series import Series


class ClusterReader(Protocol):
    """What observing needs of the cluster."""

    def children(self, namespace: str, name: str) -> Children:
        """Return what the watches know of a resource's children; no request is made."""

    async def config_maps(
        self, namespace: str, names: Sequence[str]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return the content of ConfigMaps that exist, read again only when they changed."""

    async def secret_digests(self, namespace: str, names: Sequence[str]) -> Mapping[str, str]:
        """Return a keyed digest of each Secret that exists, never its content."""


class MetricsReader(Protocol):
    """What observing needs of Prometheus."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return the raw samples of a series selector in the window that ends at a time.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
        """

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values on a grid of times, both ends included.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
        """


class Reader(ClusterReader, MetricsReader, Protocol):
    """Everything observing needs."""

    def now(self) -> datetime:
        """Return the time, in UTC."""


async def observe(resource: Resource, spec: Spec, memory: Memory, reader: Reader) -> Snapshot:
    """Look once: the cluster from watches, what the spec refers to, and fresh evidence."""
    children = reader.children(resource.namespace, resource.name)
    wanted, wanted_trouble = await _wanted(resource, spec, reader)
    now = reader.now()
    measured = await measure(_watch(resource, spec, memory, children, now), reader)
    return Snapshot(
        now=now,
        namespace=resource.namespace,
        name=resource.name,
        uid=resource.uid,
        generation=resource.generation,
        wanted=wanted,
        wanted_trouble=wanted_trouble,
        commands=read_commands(resource.annotations),
        children=children,
        ledger=measured.ledger,
        metrics_trouble=measured.trouble,
    )


async def _wanted(
    resource: Resource, spec: Spec, reader: ClusterReader
) -> tuple[Wanted | None, str]:
    names = [found.name for found in config_references(spec.template)]
    config = await reader.config_maps(resource.namespace, names) if names else {}
    secrets = await reader.secret_digests(resource.namespace, spec.track_secrets)
    try:
        return identify(resource.raw_spec, config, secrets), ""
    except ReferenceMissing as missing:
        return None, str(missing)
