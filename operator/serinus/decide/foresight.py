"""Foresight: what the alarm saw and decided, so that the look it wakes works nothing out twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from serinus.decide.decision import Decision
from serinus.observe.snapshot import Children, Snapshot
from serinus.resource.body import Resource

FRESH_SECONDS = 1.0
"""A look that waits longer than this for its turn sees for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """One resource as it was seen, and what was decided about it."""

    resource_version: str
    seen: Snapshot
    decision: Decision

    def holds(self, resource: Resource, children: Children, now: datetime) -> bool:
        """Return whether it is still about this resource, its children, and of this moment.

        Whoever told of a change meanwhile woke the look that acts on this, and no other.
        """
        is_fresh = (now - self.seen.now).total_seconds() <= FRESH_SECONDS
        is_same = self.resource_version == resource.resource_version
        return is_fresh and is_same and self.seen.children == children


class Foresights:
    """A cache of this process, one a resource: a look that finds none sees for itself."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Foresight] = {}

    def keep(self, namespace: str, name: str, foresight: Foresight) -> None:
        """Take in what the next look would find."""
        self._known[namespace, name] = foresight

    def take(self, resource: Resource, children: Children, now: datetime) -> Foresight | None:
        """Return what was foreseen and forget it; None if that is not how it is any more."""
        foresight = self._known.pop((resource.namespace, resource.name), None)
        return foresight if foresight and foresight.holds(resource, children, now) else None

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        self._known.pop((namespace, name), None)
