"""All lookouts, by the uid of their resource and by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from serinus.lookout import AT_ONCE, Lookout, Outside
from serinus.resource.body import Body


class Operator:
    """Who looks after what, and wakes whom."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self._places = asyncio.Semaphore(AT_ONCE)
        self._by_uid: dict[str, Lookout] = {}
        self._by_name: dict[tuple[str, str], Lookout] = {}

    def lookouts(self) -> Collection[Lookout]:
        """Return all of them."""
        return self._by_uid.values()

    def wake(self, namespace: str, name: str) -> None:
        """Have a resource looked at now, if there is one of this name."""
        lookout = self._by_name.get((namespace, name))
        if lookout:
            lookout.wake()

    def overdue_seconds(self) -> float:
        """Return by how much the latest look is late."""
        return max((each.overdue_seconds() for each in self._by_uid.values()), default=0.0)

    def lookout(self, body: Body) -> Lookout:
        """Return the one who looks after a resource."""
        metadata, outside, places = body["metadata"], self.outside, self._places
        if metadata["uid"] not in self._by_uid:
            namespace, name = metadata["namespace"], metadata["name"]
            made = Lookout(namespace=namespace, name=name, outside=outside, places=places)
            self._by_uid[metadata["uid"]] = self._by_name[namespace, name] = made
        return self._by_uid[metadata["uid"]]

    async def forget(self, body: Body) -> None:
        """Take in that a resource is no more; a new one of its name may be there already."""
        gone = self._by_uid.pop(body["metadata"]["uid"], None)
        if gone and self._by_name.get((gone.namespace, gone.name)) is gone:
            del self._by_name[gone.namespace, gone.name]
            await self.outside.forget(gone.namespace, gone.name)
