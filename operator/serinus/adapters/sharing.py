"""Ask once for all who want the same: requests under way are joined, fresh answers are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class _Entry(Generic[T]):
    task: asyncio.Task[T]
    stale_at: float = float("inf")
    """Time of the event loop; never while it is under way."""
    weight: int = 0


class Sharing(Generic[T]):
    """Answers by question, for as long as they are fresh and not too heavy together."""

    def __init__(
        self,
        *,
        fresh_seconds: float,
        failure_seconds: float,
        heaviest: int,
        weigh: Callable[[T], int],
    ) -> None:
        """Keep answers and failures for so long, and answers of so much weight together."""
        self._fresh_seconds = fresh_seconds
        self._failure_seconds = failure_seconds
        self._heaviest = heaviest
        self._weigh = weigh
        self._entries: dict[Hashable, _Entry[T]] = {}

    async def ask(self, question: Hashable, answer: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the answer to a question, asking only where nobody has just done so.

        Who stops waiting stops nobody else; failures are shared too.
        """
        self._forget()
        entry = self._entries.get(question)
        if entry is None:
            entry = _Entry(task=asyncio.get_running_loop().create_task(answer()))
            self._entries[question] = entry
            entry.task.add_done_callback(lambda task: self._settle(question, task))
        shared: Awaitable[T] = asyncio.shield(entry.task)
        return await shared

    def answer_to(self, question: Hashable) -> T | None:
        """Return the answer to a question that somebody has asked, None where there is none."""
        entry = self._entries.get(question)
        if entry is None or not entry.task.done() or entry.task.cancelled():
            return None
        return None if entry.task.exception() else entry.task.result()

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = [entry.task for entry in self._entries.values()]
        self._entries.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _settle(self, question: Hashable, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self._entries.pop(question, None)
            return
        failed = task.exception() is not None
        entry = self._entries.get(question)
        if entry is None:
            return
        seconds = self._failure_seconds if failed else self._fresh_seconds
        entry.stale_at = task.get_loop().time() + seconds
        entry.weight = 0 if failed else self._weigh(task.result())
        self._forget()

    def _forget(self) -> None:
        """Forget what is stale, then the oldest until the rest is light enough."""
        now = asyncio.get_running_loop().time()
        for question, entry in list(self._entries.items()):
            if entry.stale_at <= now:
                del self._entries[question]
        weight = sum(entry.weight for entry in self._entries.values())
        for question, entry in list(self._entries.items()):
            if weight <= self._heaviest:
                break
            if entry.weight:
                weight -= entry.weight
                del self._entries[question]
