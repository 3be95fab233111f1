"""ConfigMaps that users' templates refer to: read once, and again only when they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import OnChange
from serinus.adapters.kubernetes_kinds import CONFIG_MAP
from serinus.adapters.kubernetes_projections import version_number
from serinus.errors import OutsideUnavailable

Place = tuple[str, str]
"""Namespace and name."""


@dataclass(slots=True, kw_only=True)
class Kept:
    """One ConfigMap that somebody refers to."""

    referrers: set[str] = field(default_factory=set)
    content: Mapping[str, Any] | None = None
    """`data` and `binaryData`; None while there is no such ConfigMap."""
    resource_version: int = 0
    changes: int = 1
    """How often the watch told of a change."""
    read_at_change: int = 0
    """How many changes had been told when it was read last."""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_stale(self) -> bool:
        """Whether it changed since it was read."""
        return self.read_at_change != self.changes


class ConfigMaps:
    """A listener on the metadata of all ConfigMaps that keeps the content of a few."""

    def __init__(self, api: ApiServer, on_change: OnChange) -> None:
        self._api, self._on_change = api, on_change
        self._kept: dict[Place, Kept] = {}
        self._referred: dict[Place, frozenset[str]] = {}
        """Names that a model refers to, by its namespace and name."""

    async def read(
        self, namespace: str, names: Sequence[str], referrer: str
    ) -> dict[str, Mapping[str, Any]]:
        """Return the content of those that exist, and tell the referrer of changes from now on.

        Raises:
            OutsideUnavailable: one could not be read.
        """
        self.refer(namespace, referrer, names)
        found: dict[str, Mapping[str, Any]] = {}
        for name, kept in [(name, self._kept[namespace, name]) for name in names]:
            async with kept.reading:  # models that share one do not each ask for it
                if kept.is_stale:
                    await self._read(namespace, name, kept)
            if kept.content is not None:
                found[name] = kept.content
        return found

    def refer(self, namespace: str, referrer: str, names: Collection[str]) -> None:
        """Take in what a model refers to now; what nobody refers to any more is dropped."""
        before = self._referred.pop((namespace, referrer), frozenset())
        for name in before - set(names):
            kept = self._kept[namespace, name]
            kept.referrers.discard(referrer)
            if not kept.referrers:
                del self._kept[namespace, name]
        for name in names:
            self._kept.setdefault((namespace, name), Kept()).referrers.add(referrer)
        if names:
            self._referred[namespace, referrer] = frozenset(names)

    def saw(self, raw: Mapping[str, Any]) -> None:
        """Take in that a ConfigMap exists at a version."""
        metadata = raw["metadata"]
        place = (metadata["namespace"], metadata["name"])
        kept = self._kept.get(place)
        if kept and version_number(metadata["resourceVersion"]) > kept.resource_version:
            kept.changes += 1
            self._tell(place, kept)

    def gone(self, raw: Mapping[str, Any]) -> None:
        """Take in that a ConfigMap was deleted."""
        self._lost((raw["metadata"]["namespace"], raw["metadata"]["name"]))

    def listed(self, namespace: str, names: Collection[Place], version: int) -> None:
        """Take in that these were all there were at a version; "" means in all namespaces."""
        for place, kept in list(self._kept.items()):
            is_meant = namespace in {"", place[0]}
            if is_meant and place not in names and 0 < kept.resource_version <= version:
                self._lost(place)

    def _lost(self, place: Place) -> None:
        kept = self._kept.get(place)
        if kept:
            # It is read again rather than believed gone: it may have been made anew since.
            kept.changes += 1
            kept.resource_version = 0
            self._tell(place, kept)

    def _tell(self, place: Place, kept: Kept) -> None:
        for referrer in tuple(kept.referrers):
            self._on_change(place[0], referrer)

    async def _read(self, namespace: str, name: str, kept: Kept) -> None:
        changes = kept.changes
        call = Call(
            verb="get",
            resource=CONFIG_MAP.resource,
            method="GET",
            path=CONFIG_MAP.path(namespace, name),
        )
        try:
            raw = await self._api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code != 404:
                raise OutsideUnavailable(f"ConfigMap {name!r}: {refusal}") from refusal
            kept.content, kept.resource_version = None, 0
        else:
            kept.content = {key: raw[key] for key in ("data", "binaryData") if raw.get(key)}
            kept.resource_version = version_number(raw["metadata"]["resourceVersion"])
        kept.read_at_change = changes
