"""The newest body of every resource, whoever brought it, and whether kopf still brings any."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from serinus.adapters.kubernetes_projections import version_number
from serinus.resource.body import has_split

Place = tuple[str, str]
"""Namespace and name."""

Body = Mapping[str, Any]


CONTENT = ("spec", "status")
"""All of a body but its name tags."""


class StoredBody(Mapping[str, Any]):
    """A body whose content is kept as text: as objects it takes six times as much.

    Who manages which field is not kept at all: it is half of a body, and none of our business.
    """

    __slots__ = ("_content", "_rest")

    def __init__(self, body: Body) -> None:
        """Take a copy of what is to be kept."""
        metadata = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
        rest = {name: part for name, part in body.items() if name not in CONTENT}
        self._rest = {**rest, "metadata": metadata}
        self._content = {
            name: json.dumps(body[name], separators=(",", ":")).encode()
            for name in CONTENT
            if name in body
        }

    def __getitem__(self, name: str) -> Any:
        """Return a part of the body, content as new objects each time."""
        text = self._content.get(name)
        return self._rest[name] if text is None else json.loads(text)

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the parts."""
        yield from (*self._rest, *self._content)

    def __len__(self) -> int:
        """Count the parts."""
        return len(self._rest) + len(self._content)

    def __repr__(self) -> str:
        """Show the body, as the log of a failure does."""
        return repr(dict(self))


class Resources:
    """Bodies of resources: the newest of what kopf delivered and what our own writes answered.

    It also listens to a watch of the resources' metadata of its own. A version that is announced
    there and never delivered means that kopf's watch is dead while kopf believes it alive
    (nolar/kopf#1276), and only a restart helps.
    """

    def __init__(self) -> None:
        self._newest: dict[Place, StoredBody] = {}
        self._splits: set[Place] = set()
        self._delivered: dict[Place, int] = {}
        self._announced: dict[Place, tuple[int, float]] = {}
        """Versions not delivered yet, and when they were announced."""
        self._delivery_began_at = math.inf

    def newest(self, namespace: str, name: str) -> Body | None:
        """Return the newest body known."""
        return self._newest.get((namespace, name))

    def has_split(self, namespace: str, name: str) -> bool:
        """Return whether a canary has traffic and nothing is decided, without reading its status.

        Each answer of Prometheus asks it of every resource.
        """
        return (namespace, name) in self._splits

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
            self._newest[_place(body)] = StoredBody(body)
            mark = self._splits.add if has_split(body) else self._splits.discard
            mark(_place(body))

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        self._newest.pop((namespace, name), None)
        self._splits.discard((namespace, name))
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


def _place(body: Body) -> Place:
    return body["metadata"]["namespace"], body["metadata"]["name"]


def _version(body: Body) -> int:
    return version_number(body["metadata"]["resourceVersion"])
