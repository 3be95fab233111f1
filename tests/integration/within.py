"""Waiting in tests: until something is so, and no longer than it may take."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, what: Awaitable[T]) -> T:
    """Await something, and fail with a time-out if it takes longer."""
    async with asyncio.timeout(seconds):
        return await what


async def until(is_so: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds, and fail if it never does: a slow machine is no failure."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline, f"not so after {seconds} s"
        await asyncio.sleep(0.01)
