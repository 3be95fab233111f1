"""One list-and-watch: what a collection holds, and from then on every change of it.

A stream that has gone silent looks like one on which nothing happens. The API server sends a
bookmark every minute, so a longer silence ends the stream, and it is taken up where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serinus.adapters.kubernetes_api import (
    JSON,
    METADATA_LIST,
    METADATA_WATCH,
    ApiRefusal,
    ApiServer,
    Call,
)
from serinus.adapters.kubernetes_kinds import SECRET, Kind
from serinus.adapters.kubernetes_projections import version_number
from serinus.errors import OutsideUnavailable

logger = logging.getLogger(__name__)

PAGE = 100
"""Objects a list request: one page of each watch is in memory at a time, 50 times its text."""
LONGEST_PAUSE_SECONDS = 10.0
"""Between attempts while the API server does not answer."""
REFUSED_PAUSE_SECONDS = 30.0
"""Between attempts where it says no: a right or a CRD is missing, and a person has to act."""
STREAM_SECONDS = (300, 600)
"""Each stream ends by itself after a while, at random, so that not all begin anew at once."""


class Listener(Protocol):
    """Who is told what a collection holds."""

    def saw(self, raw: Mapping[str, Any], /) -> None:
        """Take in an object that is there, or is there again."""

    def gone(self, raw: Mapping[str, Any], /) -> None:
        """Take in an object that was deleted, or does not match any more."""

    def listed(self, namespace: str, names: Collection[tuple[str, str]], version: int, /) -> None:
        """Take in that these, by namespace and name, were all there were at a version.

        The namespace is the only one that was listed, or "" for all.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What is watched: a kind, maybe in one namespace, maybe only some of it."""

    kind: Kind
    namespace: str = ""
    """The only namespace; "" for all."""
    selector: Mapping[str, str] | None = None
    """labelSelector or fieldSelector, as in the query."""
    is_metadata_only: bool = False

    def __str__(self) -> str:
        """Say it as a person would."""
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind.resource}{where}"

    @property
    def right(self) -> str:
        """What is to be granted where we are refused it."""
        whose = f"a Role in namespace {self.namespace}" if self.namespace else "a ClusterRole"
        which = " of trackSecrets.names" if self.kind is SECRET else ""
        return (
            f"{whose} has to let the operator's service account list and watch "
            f"{self.kind.resource}{which}, as the chart of this version does"
        )


class Watch:
    """Keeps a listener told, for ever, whatever happens to the connection."""

    def __init__(
        self,
        api: ApiServer,
        collected: Collected,
        listener: Listener,
        *,
        silence_seconds: float = 70.0,
        count_bug: Callable[[], None] = lambda: None,
    ) -> None:
        self.collected = collected
        self.trouble = ""
        """Why nothing is known at present, in words, "" when all is well."""
        self.is_absent = False
        """Whether the API server does not know the kind at all."""
        self.is_refused = False
        """Whether the API server says no to us, for want of a right."""
        self._api, self._listener = api, listener
        self._silence_seconds, self._count_bug = silence_seconds, count_bug
        self._filled, self._answered = asyncio.Event(), asyncio.Event()
        self._heard_at = self._busy_at = time.monotonic()
        self._failures = 0

    @property
    def is_filled(self) -> bool:
        """Whether the collection was listed once, or is known not to exist."""
        return self._filled.is_set()

    async def filled(self) -> None:
        """Wait until the collection was listed once."""
        await self._filled.wait()

    async def answered(self) -> None:
        """Wait until the collection was listed once, or was refused."""
        await self._answered.wait()

    def age_seconds(self) -> float:
        """Return how long ago the API server was last heard of, bookmarks included."""
        return time.monotonic() - self._heard_at

    def idle_seconds(self) -> float:
        """Return how long ago anything was heard or tried; long means stuck."""
        return time.monotonic() - self._busy_at

    async def run(self) -> None:
        """List and watch for ever."""
        while True:
            try:
                version = await self._list()
                while True:
                    version = await self._follow(version)
            except (ApiRefusal, OutsideUnavailable) as failure:
                await self._pause(failure)
            except Exception as bug:  # a dead watch would blind us for good
                self._count_bug()
                logger.exception("%s: watching failed", self.collected)
                await self._pause(bug)

    async def _list(self) -> str:
        names: set[tuple[str, str]] = set()
        version, token = await self._list_page("", names)
        while token:
            # A list that goes on for minutes stays true to the version it began with.
            _, token = await self._list_page(token, names)
        self._listener.listed(self.collected.namespace, names, version_number(version))
        self._filled.set()
        self._answered.set()
        return str(version)

    async def _list_page(self, token: str, names: set[tuple[str, str]]) -> tuple[str, str]:
        """Take a page in, and note who is on it; return its version and the next one's token."""
        page = await self._api.call(self._call("list", {"limit": str(PAGE), "continue": token}))
        self._heard()
        for raw in page["items"] or ():  # null for an empty list of metadata
            self._listener.saw(raw)
            names.add((raw["metadata"].get("namespace", ""), raw["metadata"]["name"]))
        return page["metadata"]["resourceVersion"], page["metadata"].get("continue", "")

    async def _follow(self, version: str) -> str:
        """Watch from a version until the stream ends; return the version to go on from."""
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(random.randint(*STREAM_SECONDS)),  # noqa: S311
        }
        try:
            async with self._api.stream(
                self._call("watch", query), self._silence_seconds
            ) as events:
                self._heard()
                async for event in events:
                    self._heard()
                    version = self._take_in(event)
        except OutsideUnavailable as failure:
            # What was listed is still good: only the connection is made anew.
            await self._pause(failure)
        await asyncio.sleep(random.uniform(0.0, 0.2))  # noqa: S311
        return version

    def _take_in(self, event: Mapping[str, Any]) -> str:
        """Tell the listener and return the version to go on from."""
        raw: Mapping[str, Any] = event["object"]
        what: str = event["type"]
        match what:
            case "ADDED" | "MODIFIED":
                self._listener.saw(raw)
            case "DELETED":
                self._listener.gone(raw)
            case "ERROR":
                code, reason = raw.get("code", 0), raw.get("reason", "")
                raise ApiRefusal(code, reason, raw.get("message", ""))
            case _:  # a bookmark: nothing but a version
                pass
        return str(raw["metadata"]["resourceVersion"])

    def _call(self, verb: str, query: Mapping[str, str]) -> Call:
        metadata_only = METADATA_LIST if verb == "list" else METADATA_WATCH
        chosen = {**(self.collected.selector or {}), **query}
        return Call(
            verb=verb,
            resource=self.collected.kind.resource,
            method="GET",
            path=self.collected.kind.path(self.collected.namespace),
            query={key: value for key, value in chosen.items() if value},
            accept=metadata_only if self.collected.is_metadata_only else JSON,
        )

    def _heard(self) -> None:
        if self.trouble:
            logger.info("%s: watching again", self.collected)
        self.trouble, self._failures = "", 0
        self.is_absent = self.is_refused = False
        self._heard_at = self._busy_at = time.monotonic()

    async def _pause(self, failure: Exception) -> None:
        """Remember and tell why nothing is heard, and wait before the next attempt."""
        self._busy_at = time.monotonic()
        code = failure.status_code if isinstance(failure, ApiRefusal) else 0
        self.is_absent, self.is_refused = code == 404, code == 403
        trouble = f"{failure}; {self.collected.right}" if self.is_refused else str(failure)
        if trouble != self.trouble:
            logger.warning("%s: %s", self.collected, trouble)
        self.trouble = trouble
        if self.is_refused:
            self._answered.set()
        if self.is_absent:
            self._listener.listed(self.collected.namespace, (), sys.maxsize)
            self._filled.set()
        growing = min(LONGEST_PAUSE_SECONDS, 0.1 * 2**self._failures)
        self._failures += 1
        # 410 says that our version is forgotten: listing anew is all it takes.
        longest = REFUSED_PAUSE_SECONDS if 400 <= code < 500 and code != 410 else growing
        asked = getattr(failure, "retry_after_seconds", None) or 0.0
        await asyncio.sleep(max(asked, longest * random.uniform(0.5, 1.0)))  # noqa: S311
