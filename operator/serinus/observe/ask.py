"""Ask Prometheus: what it answers, and what fails; nothing is raised."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.observe.fetch import Answers, Fetch
from serinus.signals.series import Series

Failure = OutsideUnavailable | QueryRefused


class MetricsReader(Protocol):
    """What measuring needs of Prometheus."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return the raw samples of a series selector in the window that ends at a time.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
            QueryRefused: the query can't be evaluated.
        """

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values on a grid of times, both ends included.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
            QueryRefused: the query can't be evaluated.
        """


async def ask_all(
    metrics: MetricsReader, fetches: Sequence[Fetch]
) -> tuple[Answers, Mapping[Fetch, Failure]]:
    """Return what is answered, and what fails; failures of Prometheus are never raised."""
    replies = await asyncio.gather(*(_ask(metrics, fetch) for fetch in fetches))
    answers: dict[Fetch, Sequence[Series]] = {}
    failures: dict[Fetch, Failure] = {}
    for fetch, reply in zip(fetches, replies, strict=True):
        if isinstance(reply, Failure):
            failures[fetch] = reply
        else:
            answers[fetch] = reply
    return answers, failures


async def _ask(metrics: MetricsReader, fetch: Fetch) -> tuple[Series, ...] | Failure:
    until = datetime.fromtimestamp(fetch.until, UTC)
    try:
        if fetch.step_seconds is None:
            return await metrics.raw(fetch.query, fetch.window_seconds, until)
        since = datetime.fromtimestamp(fetch.until - fetch.window_seconds, UTC)
        return await metrics.evaluate(fetch.query, since, until, fetch.step_seconds)
    except (OutsideUnavailable, QueryRefused) as failure:
        return failure
