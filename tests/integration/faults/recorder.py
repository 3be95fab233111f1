"""The API server's own account: every version of every object in a namespace, in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_kinds import MODEL_DEPLOYMENT, OWNED, POD, Kind
from serinus.errors import OutsideUnavailable

Object = dict[str, Any]
Key = tuple[str, str]
"""Kind and name."""

EVENT = Kind(name="Event", prefix="/apis/events.k8s.io/v1", plural="events")
RECORDED = (MODEL_DEPLOYMENT, *OWNED, POD, EVENT)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One object as it was from one version of the store on; without a body it was gone."""

    version: int
    """resourceVersion: all kinds share one sequence."""
    key: Key
    body: Object | None = field(repr=False)


class Recorder:
    """Watches everything in a namespace; `live` is now, `changes` is how it came about."""

    def __init__(self, api: ApiServer, namespace: str) -> None:
        self._api, self._namespace = api, namespace
        self.live: dict[Key, Object] = {}
        self.changes: list[Change] = []
        self._seen: dict[Key, int] = {}
        self._heard: dict[str, int] = {}
        """By kind, up to which version nothing was missed."""
        self._moved = asyncio.Condition()

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        """Watch for as long as this lasts."""
        tasks = [asyncio.create_task(self._follow(kind)) for kind in RECORDED]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def of_kind(self, kind: str) -> list[Object]:
        """Return the objects of a kind that there are now."""
        return [body for key, body in self.live.items() if key[0] == kind]

    async def until(self, is_so: Callable[[], object], seconds: float) -> None:
        """Wait until something is so.

        Raises:
            TimeoutError: it is not in time.
        """
        async with asyncio.timeout(seconds), self._moved:
            await self._moved.wait_for(is_so)

    async def moved(self) -> None:
        """Wait for the next change."""
        async with self._moved:
            await self._moved.wait()

    async def _follow(self, kind: Kind) -> None:
        while True:
            try:
                version = await self._list(kind)
                await self._watch(kind, version)
            except (ApiRefusal, OutsideUnavailable):
                await asyncio.sleep(0.2)  # the API server is away, as some tests want it

    async def _list(self, kind: Kind) -> str:
        page = await self._page(kind, {})
        version = str(page["metadata"]["resourceVersion"])
        for body in await self._missed(kind, int(version)):
            await self._take_in(kind, body, is_there=True)
        there = set()
        for body in page["items"]:
            body["kind"] = kind.name
            there.add((kind.name, body["metadata"]["name"]))
            await self._take_in(kind, body, is_there=True)
        for key in [key for key in self.live if key[0] == kind.name and key not in there]:
            gone = {"metadata": {"name": key[1], "resourceVersion": version}}
            await self._take_in(kind, gone, is_there=False)
        self._heard[kind.name] = int(version)
        return version

    async def _missed(self, kind: Kind, until: int) -> list[Object]:
        """Return what objects were while nothing was heard of them, oldest first.

        An API server that was away has forgotten what it would have told, and etcd has not: what
        was written twice meanwhile would seem to have been written late.
        """
        missed: list[Object] = []
        since = self._heard.get(kind.name, until)
        while until > since:
            at = {"resourceVersion": str(until), "resourceVersionMatch": "Exact"}
            bodies = (await self._page(kind, at))["items"]
            newer = [body for body in bodies if _version(body) > since]
            missed += [{**body, "kind": kind.name} for body in newer]
            until = max(map(_version, newer), default=since + 1) - 1
        return sorted(missed, key=_version)

    async def _page(self, kind: Kind, query: Mapping[str, str]) -> Any:
        path = kind.path(self._namespace)
        call = Call(verb="list", resource="", method="GET", path=path, query=query)
        return await self._api.call(call)

    async def _watch(self, kind: Kind, version: str) -> None:
        query = {"watch": "1", "resourceVersion": version}
        path = kind.path(self._namespace)
        call = Call(verb="watch", resource="", method="GET", path=path, query=query)
        async with self._api.stream(call, silence_seconds=600) as events:
            async for event in events:
                if event["type"] == "ERROR":
                    return
                await self._take_in(kind, event["object"], is_there=event["type"] != "DELETED")
                self._heard[kind.name] = _version(event["object"])

    async def _take_in(self, kind: Kind, body: Mapping[str, Any], *, is_there: bool) -> None:
        metadata = body["metadata"]
        key, version = (kind.name, metadata["name"]), _version(body)
        if version <= self._seen.get(key, 0):
            return
        self._seen[key] = version
        found = dict(body) if is_there else None
        self.changes.append(Change(version=version, key=key, body=found))
        async with self._moved:
            if found is not None:
                self.live[key] = found
            else:
                self.live.pop(key, None)
            self._moved.notify_all()


def _version(body: Mapping[str, Any]) -> int:
    return int(body["metadata"]["resourceVersion"])
