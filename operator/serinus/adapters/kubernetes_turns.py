"""Whose turn it is to send a request: what is urgent has places of its own, and goes first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from contextvars import ContextVar
from heapq import heappop, heappush
from itertools import count

LONGEST_WAIT_SECONDS = 3.0
"""What is routine waits no longer than this for what is urgent: it may be urgent by now itself."""
ADDRESSES_AT_ONCE = 4
"""Enough for the API server to find the next one waiting when it has given out a cluster IP."""

_looks_since: ContextVar[float] = ContextVar("looks_since", default=0.0)


def begin_look() -> None:
    """Have the requests of this task line up by now, the time at which its look begins.

    A thousand looks that take turns request by request all end when the last one does, which is
    later than a look may take; one after the other, most of them end early.
    """
    _looks_since.set(time.monotonic())


def line_up_since(moment: float) -> None:
    """Have the requests of this task line up by a time of the monotonic clock."""
    _looks_since.set(moment)


class Places:
    """So many at once; who waits is let in by when its look began, what is no look's first."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def __aenter__(self) -> None:
        """Wait for a place."""
        if self._free:
            self._free -= 1
            return
        granted = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (_looks_since.get(), next(self._numbers), granted))
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():  # it was let in at the same moment
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Let the next one in."""
        self._leave()

    def _leave(self) -> None:
        while self._waiting:
            *_, granted = heappop(self._waiting)
            if not granted.done():
                granted.set_result(None)
                return
        self._free += 1


class Turns:
    """Places for requests under way: some for what is urgent alone, some for all else.

    A thousand models that turn bad at once are a thousand routes to write; a status that is
    written in between makes the last of them late. And a thousand new Services wait for each other
    in the API server, which gives out one cluster IP after the other: all but a few wait here,
    where they take no place from what could go on, and no time from a request's.
    """

    def __init__(self, *, routine: int, urgent: int, addresses: int = ADDRESSES_AT_ONCE) -> None:
        """Let so many be under way; of those that are routine, so many for an address."""
        self._routine, self._urgent = Places(routine), Places(urgent)
        self._addresses = Places(addresses)
        self._urgent_ones = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @asynccontextmanager
    async def turn(self, *, is_urgent: bool, needs_address: bool = False) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        if is_urgent:
            async with self._first(), self._urgent:
                yield
            return
        async with self._addresses if needs_address else nullcontext():
            await self.calm()
            async with self._routine:
                yield

    async def calm(self) -> None:
        """Wait until nothing urgent is under way, but not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await self._calm.wait()

    @asynccontextmanager
    async def _first(self) -> AsyncIterator[None]:
        self._urgent_ones += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._urgent_ones -= 1
            if not self._urgent_ones:
                self._calm.set()
