"""Events wait here to be posted, behind what looks do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal
from serinus.adapters.kubernetes_turns import line_up_since
from serinus.errors import OutsideUnavailable

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]

LOOKS_FIRST_SECONDS = 10.0
"""Looks that begin this long after an event was told still go before it, later ones do not."""
MOST_WAITING = 5000
"""Of more the oldest are left out: the log has them all."""


class EventQueue:
    """Events that wait to be posted, in the order in which they were told.

    What looks do goes before: who waits for a route to be written need not wait for what is told
    of another. What is lost with the process stays in the log, and in status and its history.
    """

    def __init__(self, post: Callable[[Event], Awaitable[None]]) -> None:
        self._post = post
        self._waiting = deque[tuple[float, Event]](maxlen=MOST_WAITING)
        self._is_there, self._is_empty = asyncio.Event(), asyncio.Event()
        self._is_empty.set()

    def add(self, event: Event) -> None:
        """Have an event posted."""
        self._waiting.append((time.monotonic(), event))
        self._is_empty.clear()
        self._is_there.set()

    async def emptied(self) -> None:
        """Wait until all that was added is posted, or given up."""
        await self._is_empty.wait()

    async def keep_posting(self) -> None:
        """Post what there is, one by one, for ever."""
        while True:
            await self._is_there.wait()
            while self._waiting:
                told_at, event = self._waiting.popleft()
                line_up_since(told_at + LOOKS_FIRST_SECONDS)
                await self._try(event)
            self._is_there.clear()
            self._is_empty.set()

    async def _try(self, event: Event) -> None:
        try:
            await self._post(event)
        except (ApiRefusal, OutsideUnavailable) as lost:
            where = event["involvedObject"]
            place = f"{where['namespace']}/{where['name']}"
            logger.warning("%s: the event %s was not taken: %s", place, event["reason"], lost)
