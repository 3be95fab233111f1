"""The newest body of every resource, whoever brought it, and whether kopf still brings any."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from typing import Any

from serinus.adapters.kubernetes_projections import version_number

Place = tuple[str, str]
"""Namespace and name."""

Body = Mapping[str, Any]


class Resources:
    """Bodies of resources: the newest of what kopf delivered and what our own writes answered.

    It also listens to a watch of the resources' metadata of its own. A version that is announced
    there and never delivered means that kopf's watch is dead while kopf believes it alive
    (nolar/kopf#1276), and only a restart helps.
    """

    def __init__(self) -> None:
        self._newest: dict[Place, Body] = {}
        self._delivered: dict[Place, int] = {}
        self._announced: dict[Place, tuple[int, float]] = {}
        """Versions not delivered yet, and when they were announced."""
        self._delivery_began_at = math.inf

    def newest(self, namespace: str, name: str) -> Body | None:
        """Return the newest body known."""
        return self._newest.get((namespace, name))

    def bodies(self) -> Collection[Body]:
        """Return the newest body of every resource."""
        return self._newest.values()

    def deliver(self, body: Body) -> None:
        """Take in what kopf's watch brought."""
        place, version = _place(body), _version(body)
        self._delivered[place] = max(version, self._delivered.get(place, 0))
        if self._announced.get(place, (0, 0.0))[0] <= version:
            self._announced.pop(place, None)
        self.learn(body)

    def learn(self, body: Body) -> None:
        """Take in a body that a request of our own answered with."""
        known = self._newest.get(_place(body))
        # Versions grow over all objects of a kind: late news of a namesake that is gone are old.
        if known is None or _version(body) >= _version(known):
            self._newest[_place(body)] = without_managers(body)

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        self._newest.pop((namespace, name), None)
        self._delivered.pop((namespace, name), None)
        self._announced.pop((namespace, name), None)

    def expect_delivery(self) -> None:
        """Take in that kopf is at work from now on; before, it owed nothing."""
        self._delivery_began_at = time.monotonic()

    def undelivered_seconds(self) -> float:
        """Return for how long kopf has owed us the version it owes us longest."""
        longest = min((since for _, since in self._announced.values()), default=math.inf)
        return max(0.0, time.monotonic() - max(longest, self._delivery_began_at))

    def saw(self, raw: Body) -> None:
        """Take in the metadata of a resource from our own watch."""
        place, version = _place(raw), _version(raw)
        if version > self._delivered.get(place, 0):
            since = self._announced.get(place, (0, time.monotonic()))[1]
            self._announced[place] = (version, since)

    def gone(self, raw: Body) -> None:
        """Take in from our own watch that a resource was deleted: kopf owes nothing for it."""
        self._announced.pop(_place(raw), None)

    def listed(self, namespace: str, names: Collection[Place], _version: int) -> None:
        """Take in that these were all there were: nothing is owed for the others."""
        for place in [*self._announced]:
            if namespace in {"", place[0]} and place not in names:
                self._announced.pop(place)


def without_managers(body: Body) -> Body:
    """Leave out who manages which field: half of a body, and none of our business."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    return {**body, "metadata": metadata}


def _place(body: Body) -> Place:
    return body["metadata"]["namespace"], body["metadata"]["name"]


def _version(body: Body) -> int:
    return version_number(body["metadata"]["resourceVersion"])
