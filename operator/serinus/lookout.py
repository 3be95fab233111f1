"""One lookout a resource: it looks, waits for a change or for its time, and looks again."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from serinus.errors import Conflict, OutsideUnavailable, SerinusError
from serinus.reconcile import World, let_go, reconcile
from serinus.resource.body import Body, Resource, bare, is_held, read_resource
from serinus.resource.names import GROUP

logger = logging.getLogger(__name__)

LOOK_WITHIN_SECONDS = 90.0
"""Time-outs and retries of a look's requests add up to less."""
AT_ONCE = 200
"""Looks under way: a look holds 50 KiB, and the last of too many would end in a time-out."""
LEAVE_WITHIN_SECONDS = 60.0
"""A deletion does not wait for us any longer than this."""
LONGEST_BACKOFF_SECONDS = 300.0
ROUTINE_JITTER = 0.05
"""Looks of what is steady drift apart by this share of their pause, by a second at most."""

Look = Callable[[Resource, World], Awaitable[float]]
Farewell = Callable[[Resource, World], Awaitable[None]]


class Outside(Protocol):
    """What looking needs besides the World that each look gets."""

    async def credentials(self) -> Mapping[str, Any]:
        """Return where the API server is and whom we are to it, as kopf.ConnectionInfo has it."""

    async def filled(self) -> None:
        """Wait until everything that is watched was seen once."""

    def newest(self, namespace: str, name: str) -> Body | None:
        """Return the newest body that is known of a resource."""

    def has_split(self, namespace: str, name: str) -> bool:
        """Return whether a canary has traffic and nothing is decided about it."""

    def deliver(self, body: Body) -> None:
        """Take in a body that kopf delivered."""

    async def refresh(self, namespace: str, name: str) -> None:
        """Read a resource anew."""

    async def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""

    def world(self, body: Body) -> World:
        """Return the World of one look that begins with this body."""

    async def all_told(self) -> None:
        """Wait a moment for what was told to be posted."""

    def looked(
        self, outcome: str, lag_seconds: float, duration_seconds: float, *, has_split: bool
    ) -> None:
        """Count a look, at a canary that had traffic or not."""

    def bug(self) -> None:
        """Count a failure of ours."""


@dataclass(slots=True, kw_only=True, eq=False)
class Lookout:
    """Looks after one resource: once a pause, and at once when something changed."""

    namespace: str
    name: str
    outside: Outside
    look: Look = reconcile
    tidy_up: Farewell = let_go
    due_at: float | None = None
    """When the next look is due; while one is under way, when that one was; none before all."""
    overran_seconds: float = 0.0
    """By how much the look before took longer than until the next one is due."""
    known: tuple[Any, ...] = ()
    """What of the resource a look is worth, as it was last delivered."""
    is_leaving: bool = False
    failures: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Shared by all; who has a canary with traffic does not wait for one."""

    def wake(self) -> None:
        """Have it look now."""
        if self.due_at is not None and not self.changed.is_set():
            self.due_at = min(self.due_at, time.monotonic())
        self.changed.set()

    def body(self) -> Body | None:
        """Return the resource as it is known."""
        return self.outside.newest(self.namespace, self.name)

    def overdue_seconds(self) -> float:
        """Return by how much a look is late."""
        if self.due_at is None or self.is_leaving:
            return 0.0
        return max(0.0, time.monotonic() - self.due_at)

    def deliver(self, body: Body) -> None:
        """Take in the resource as it is now; our own status writes wake nobody."""
        self.outside.deliver(body)
        metadata = body["metadata"]
        annotations = metadata.get("annotations") or {}
        ours = sorted(item for item in annotations.items() if item[0].startswith(f"{GROUP}/"))
        asked = metadata.get("generation"), metadata.get("deletionTimestamp")
        known = (*asked, is_held(body), ours)
        if known != self.known:
            self.known = known
            self.wake()

    async def keep_looking(self) -> None:
        """Look again and again until the resource goes away; no failure of a look ends it."""
        await self.outside.filled()
        self.due_at = time.monotonic()
        while not self.is_leaving:
            self.changed.clear()  # before looking, so that no change is lost
            async with self._place(), self.looking:
                began_at = time.monotonic()
                pause_seconds = await self.look_once()
            # What a look says is due is due from when it began: its writes make no step longer.
            since = time.monotonic() if self.failures else began_at
            if not self._has_split():  # a step would have to wait for another scrape
                pause_seconds += min(1.0, pause_seconds * ROUTINE_JITTER) * random.random()  # noqa: S311
            self.due_at, now = since + pause_seconds, time.monotonic()
            if self.due_at < now:
                self.overran_seconds = now - self.due_at if pause_seconds else 0.0
                self.due_at = now
            with suppress(TimeoutError):
                async with asyncio.timeout(self.due_at - time.monotonic()):
                    await self.changed.wait()

    def _place(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._has_split() else self.places

    def _has_split(self) -> bool:
        return self.outside.has_split(self.namespace, self.name)

    async def look_once(self) -> float:
        """Look, and return the seconds until the next look is due."""
        body = self.body()
        # Without the finalizer it could be gone before what we make is known to anybody.
        if body is None or self.is_leaving or not is_held(body):
            return LONGEST_BACKOFF_SECONDS
        began_at, has_split = time.monotonic(), self._has_split()
        lag_seconds, self.overran_seconds = self.overdue_seconds() + self.overran_seconds, 0.0
        outcome, pause_seconds = await self._try(body)
        self.failures = 0 if outcome == "ok" else self.failures + 1
        self.outside.looked(outcome, lag_seconds, time.monotonic() - began_at, has_split=has_split)
        return pause_seconds

    async def _try(self, body: Body) -> tuple[str, float]:
        try:
            async with asyncio.timeout(LOOK_WITHIN_SECONDS):
                return "ok", await self.look(read_resource(body), self.outside.world(body))
        except Conflict as conflict:
            logger.info("%s/%s: %s", self.namespace, self.name, conflict)
            return "conflict", await self._read_anew()
        except OutsideUnavailable as unavailable:
            logger.warning("%s/%s: %s", self.namespace, self.name, unavailable)
            return "unavailable", max(unavailable.retry_after_seconds or 0.0, self._backoff())
        except TimeoutError:
            logger.warning("%s/%s: a look took too long", self.namespace, self.name)
            return "unavailable", self._backoff()
        except SerinusError as failure:
            logger.warning("%s/%s: %s", self.namespace, self.name, failure)
            return "refused", self._backoff()
        except Exception:
            self.outside.bug()
            logger.exception("%s/%s: a look failed on %s", self.namespace, self.name, bare(body))
            return "bug", self._backoff()

    async def _read_anew(self) -> float:
        try:
            await self.outside.refresh(self.namespace, self.name)
        except OutsideUnavailable:
            return self._backoff()
        # The first conflict is ordinary; who keeps meeting them is in a race with somebody.
        return 0.0 if not self.failures else self._backoff()

    def _backoff(self) -> float:
        growing = min(LONGEST_BACKOFF_SECONDS, float(2 ** min(self.failures, 10)))
        return growing * random.uniform(0.5, 1.0)  # noqa: S311  # no secret depends on it

    async def leave(self) -> None:
        """Do what is left to do for a resource that goes away, for as long as that may take."""
        self.is_leaving = True
        try:
            async with asyncio.timeout(LEAVE_WITHIN_SECONDS), self.looking:
                await self._tidy_up()
        except TimeoutError:
            logger.warning("%s/%s: deleted, but not tidied up in time", self.namespace, self.name)

    async def _tidy_up(self) -> None:
        while body := self.body():
            try:
                await self.tidy_up(read_resource(body), self.outside.world(body))
            except SerinusError as failure:
                logger.warning("%s/%s: on deletion: %s", self.namespace, self.name, failure)
            except Exception:
                self.outside.bug()
                logger.exception("%s/%s: not tidied up: %s", self.namespace, self.name, bare(body))
            else:
                return
            self.failures += 1
            await asyncio.sleep(self._backoff())
