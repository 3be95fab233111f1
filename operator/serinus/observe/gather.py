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
