"""Lanes: who looks and who asks for a long past don't wait for each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serinus.adapters.sharing import Sharing
from serinus.signals.series import Answer

THREADS = 4
"""Requests under way at once; each of them serves every model that needs it."""

FRESH_SECONDS = 15.0
"""The same question is about the same past, so its answer stays true; few ask for it later."""
FAILURE_SECONDS = 5.0
"""A thousand resources must not each find out by themselves that Prometheus is down."""
MOST_SAMPLES_KEPT = 500_000
"""About 35 MB: two points of the grid for 5,000 models, or each of them would ask for itself."""

PAST_FRESH_SECONDS = 900.0
"""Longer than most intervals: a look that was too early for it has it at the next one."""
PAST_FAILURE_SECONDS = 300.0
"""The past can be asked for again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Threads for questions of one kind, and what was answered."""

    threads: ThreadPoolExecutor
    sharing: Sharing[Answer]

    async def close(self) -> None:
        """End what is under way."""
        await self.sharing.close()
        self.threads.shutdown(wait=False, cancel_futures=True)


def lane_of_looks() -> Lane:
    """Return the lane of those who want to know what is going on now."""
    return _lane(THREADS, FRESH_SECONDS, FAILURE_SECONDS)


def lane_of_the_past() -> Lane:
    """Return the lane of those who ask for hours, and are in no hurry."""
    return _lane(1, PAST_FRESH_SECONDS, PAST_FAILURE_SECONDS)


def _lane(threads: int, fresh_seconds: float, failure_seconds: float) -> Lane:
    return Lane(
        threads=ThreadPoolExecutor(threads, thread_name_prefix="prometheus"),
        sharing=Sharing(
            fresh_seconds=fresh_seconds,
            failure_seconds=failure_seconds,
            heaviest=MOST_SAMPLES_KEPT,
            weigh=lambda answer: sum(len(series.samples) for series in answer),
        ),
    )
