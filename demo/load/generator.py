"""An open loop: requests leave on time, however slowly the answers come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from demo.load.outcome import Outcome
from demo.load.rows import Row
from demo.load.settings import LoadSettings
from demo.load.tally import Tally

Send = Callable[[Row], Awaitable[Outcome]]


class Generator:
    """Sends the rows round and round until the time is over or someone says stop."""

    def __init__(
        self, settings: LoadSettings, rows: Sequence[Row], send: Send, tally: Tally
    ) -> None:
        self.settings = settings
        self.rows = rows
        self.send = send
        self.tally = tally
        self.in_flight: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        rate = self.settings.rate_per_second
        started = time.monotonic()
        for number in range(round(rate * self.settings.duration_seconds)):
            await self._until(started + number / rate)
            if stop.is_set():
                break
            self._start(self.rows[number % len(self.rows)])
        if self.in_flight:  # their time is bounded by the timeout of a request
            await asyncio.wait(self.in_flight)

    @staticmethod
    async def _until(due: float) -> None:
        """At most until it is due; a generator that is late catches up and drops no request."""
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _start(self, row: Row) -> None:
        """One that finds no place counts as skipped: never as sent late, never in silence."""
        if len(self.in_flight) >= self.settings.max_in_flight:
            self.tally.skipped += 1
            return
        self.tally.sent += 1
        task = asyncio.create_task(self._send(row))
        self.in_flight.add(task)
        task.add_done_callback(self.in_flight.discard)

    async def _send(self, row: Row) -> None:
        self.tally.add(await self.send(row))
