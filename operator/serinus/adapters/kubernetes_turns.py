"""Whose turn it is to send a request: what is urgent has places of its own, and goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

LONGEST_WAIT_SECONDS = 3.0
"""What is routine waits no longer than this for what is urgent: it may be urgent by now itself."""


class Turns:
    """Places for requests under way: some for what is urgent alone, some for all else.

    A thousand models that turn bad at once are a thousand routes to write; a status that is
    written in between makes the last of them late.
    """

    def __init__(self, *, routine: int, urgent: int) -> None:
        """Let so many requests of each kind be under way."""
        self._routine, self._urgent = asyncio.Semaphore(routine), asyncio.Semaphore(urgent)
        self._urgent_ones = 0
        self._calm = asyncio.Event()
        self._calm.set()

    @asynccontextmanager
    async def turn(self, *, is_urgent: bool) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        if is_urgent:
            async with self._first(), self._urgent:
                yield
            return
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
