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
from serinus.errors import ReferenceUnreadable

Place = tuple[str, str]
"""Namespace and name."""

NEVER_READ = -1


@dataclass(slots=True, kw_only=True)
class Kept:
    """One ConfigMap that somebody refers to."""

    referrers: set[str] = field(default_factory=set)
    content: Mapping[str, Any] | None = None
    """`data` and `binaryData`; None while there is no such ConfigMap."""
    version: int = NEVER_READ
    """The resourceVersion of what we know of it."""
    announced: int = 0
    """The newest that the watch told of."""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_stale(self) -> bool:
        """Whether it changed since it was read."""
        return self.announced > self.version


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
            ReferenceUnreadable: we are not let read one.
            OutsideUnavailable: one could not be read.
        """
        self.refer(namespace, referrer, names)
        found: dict[str, Mapping[str, Any]] = {}
        for name, kept in [(name, self._kept[namespace, name]) for name in names]:
            async with kept.reading:  # models that share one do not each ask for it
                while kept.is_stale:
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
        kept = self._kept.get(_place(raw))
        version = version_number(raw["metadata"]["resourceVersion"])
        if kept and version > max(kept.version, kept.announced):
            kept.announced = version
            if kept.version != NEVER_READ:  # else whoever wants it is about to read it
                self._tell(_place(raw), kept)

    def gone(self, raw: Mapping[str, Any]) -> None:
        """Take in that a ConfigMap was deleted, at a version of its own."""
        self._lost(_place(raw), version_number(raw["metadata"]["resourceVersion"]))

    def listed(self, namespace: str, names: Collection[Place], version: int) -> None:
        """Take in that these were all there were at a version; "" means in all namespaces."""
        for place, kept in list(self._kept.items()):
            if namespace in {"", place[0]} and place not in names and kept.content is not None:
                self._lost(place, version)

    def _lost(self, place: Place, version: int) -> None:
        kept = self._kept.get(place)
        if kept and version > kept.version != NEVER_READ:
            kept.content, kept.version = None, version
            self._tell(place, kept)

    def _tell(self, place: Place, kept: Kept) -> None:
        for referrer in tuple(kept.referrers):
            self._on_change(place[0], referrer)

    async def _read(self, namespace: str, name: str, kept: Kept) -> None:
        announced = kept.announced
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
                raise ReferenceUnreadable(f"ConfigMap {name!r}: {refusal}") from refusal
            # What was announced meanwhile was made anew, and is read in the next round.
            kept.content, kept.version = None, max(0, announced)
        else:
            kept.content = {key: raw[key] for key in ("data", "binaryData") if raw.get(key)}
            kept.version = version_number(raw["metadata"]["resourceVersion"])


def _place(raw: Mapping[str, Any]) -> Place:
    return raw["metadata"]["namespace"], raw["metadata"]["name"]
