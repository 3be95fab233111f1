"""Prometheus, asked off the event loop and once for all who want the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from prometheus_api_client import PrometheusApiClientException, PrometheusConnect

from serinus.adapters.prometheus_session import (
    PrometheusSettings,
    Refused,
    credentials,
    open_session,
    reason_of,
    retries,
)
from serinus.adapters.sharing import Sharing
from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.signals.series import KUBERNETES_LABELS, Answer, ScrapeLabels, Series

THREADS = 4
"""Requests under way at once; each of them serves every model that needs it."""
ATTEMPTS = 3

FRESH_SECONDS = 15.0
"""The same question is about the same past, so its answer stays true; few ask for it later."""
FAILURE_SECONDS = 5.0
"""A thousand resources must not each find out by themselves that Prometheus is down."""
MOST_SAMPLES_KEPT = 100_000
"""About 15 MB."""

LONG_SECONDS = 3600.0
"""Who asks for more is in no hurry: a thread of its own keeps nobody else waiting."""
PAST_FRESH_SECONDS = 60.0
PAST_FAILURE_SECONDS = 300.0
"""The past can be asked for again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    """Threads for questions of one kind, and what was answered."""

    threads: ThreadPoolExecutor
    sharing: Sharing[Answer]

    @classmethod
    def of(cls, threads: int, fresh_seconds: float, failure_seconds: float) -> _Lane:
        return cls(
            threads=ThreadPoolExecutor(threads, thread_name_prefix="prometheus"),
            sharing=Sharing(
                fresh_seconds=fresh_seconds,
                failure_seconds=failure_seconds,
                heaviest=MOST_SAMPLES_KEPT,
                weigh=lambda answer: sum(len(series.samples) for series in answer),
            ),
        )


class Prometheus:
    """The metrics reader."""

    def __init__(
        self,
        settings: PrometheusSettings,
        labels: ScrapeLabels = KUBERNETES_LABELS,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """Make no request yet; the session is opened by the first one."""
        self.on_answer: Callable[[], None] = lambda: None
        """Told of every new answer; set by whoever listens."""
        self._count = count
        self._timeout_seconds = settings.timeout_seconds
        self._labels = labels
        self._client = PrometheusConnect(
            url=settings.url.rstrip("/"),
            session=open_session(settings),
            auth=credentials(settings),
            retry=retries(),
            timeout=settings.timeout_seconds,
        )
        self._looks = _Lane.of(THREADS, FRESH_SECONDS, FAILURE_SECONDS)
        self._past = _Lane.of(1, PAST_FRESH_SECONDS, PAST_FAILURE_SECONDS)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return the raw samples of a series selector in the window that ends at a time.

        Raises:
            OutsideUnavailable: no answer, a partial one, or one that is no answer.
            QueryRefused: Prometheus can't evaluate it.
        """
        query = _range_query(selector, window_seconds)
        params = {"time": at.timestamp(), "timeout": f"{self._timeout_seconds:g}s"}
        return await self._once(
            ("raw", query, at),
            selector,
            lambda: self._client.custom_query(query, params=params),
            self._looks,
        )

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values on a grid of times, both ends included.

        Raises:
            OutsideUnavailable: no answer, a partial one, or one that is no answer.
            QueryRefused: Prometheus can't evaluate it.
        """
        # The library rounds times to seconds; parameters given by name win over its own.
        params = {
            "start": since.timestamp(),
            "end": until.timestamp(),
            "timeout": f"{self._timeout_seconds:g}s",
        }
        is_long = (until - since).total_seconds() > LONG_SECONDS
        return await self._once(
            ("evaluate", expression, since, until, step_seconds),
            expression,
            lambda: self._client.custom_query_range(
                expression, since, until, step=f"{step_seconds:g}", params=params
            ),
            self._past if is_long else self._looks,
        )

    def overheard(self, question: Hashable) -> tuple[Series, ...]:
        """Return the answer to a question that somebody has asked already.

        Raises:
            OutsideUnavailable: nobody has asked, or there is no answer yet.
        """
        answer = self._looks.sharing.answer_to(question)
        if answer is None:
            raise OutsideUnavailable("Prometheus was not asked yet")
        return answer

    async def close(self) -> None:
        """End what is under way and let go of the connections."""
        for lane in (self._looks, self._past):
            await lane.sharing.close()
            lane.threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _once(
        self, question: Hashable, query: str, request: Callable[[], Any], lane: _Lane
    ) -> tuple[Series, ...]:
        return await lane.sharing.ask(question, lambda: self._ask(query, request, lane))

    async def _ask(self, query: str, request: Callable[[], Any], lane: _Lane) -> Answer:
        try:
            answer = await self._asked(query, request, lane.threads)
        except QueryRefused:
            self._count("refused")
            raise
        except OutsideUnavailable:
            self._count("unavailable")
            raise
        self._count("answered")
        if lane is self._looks:  # the past is news to nobody
            self.on_answer()
        return answer

    async def _asked(
        self, query: str, request: Callable[[], Any], threads: ThreadPoolExecutor
    ) -> Answer:
        loop = asyncio.get_running_loop()
        # A server that drips its answer never runs into a time-out of the socket.
        deadline_seconds = ATTEMPTS * self._timeout_seconds
        try:
            async with asyncio.timeout(deadline_seconds):
                return await loop.run_in_executor(threads, self._answer, query, request)
        except TimeoutError as late:
            raise OutsideUnavailable(
                f"Prometheus did not answer within {deadline_seconds:g} s"
            ) from late

    def _answer(self, query: str, request: Callable[[], Any]) -> Answer:
        """Runs in a thread: the request, and reading an answer that may be large."""
        if not self._client.url:
            raise OutsideUnavailable("no Prometheus is configured")
        try:
            answer = read_answer(request())
        except Refused as refused:
            raise QueryRefused(query, str(refused)) from refused
        except (requests.JSONDecodeError, KeyError, TypeError, AttributeError) as failure:
            raise OutsideUnavailable("Prometheus' answer can't be read") from failure
        except (OSError, PrometheusApiClientException) as failure:
            raise OutsideUnavailable(reason_of(failure)) from failure
        except ValueError as failure:
            raise OutsideUnavailable("Prometheus' answer can't be read") from failure
        answer.of_pods("", "", self._labels)  # makes the directory here, off the event loop
        return answer


@dataclass(frozen=True, slots=True)
class Overhearing:
    """A metrics reader that asks nothing: it knows the answers that others were given."""

    prometheus: Prometheus

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples that somebody has asked for; see observe.measure.MetricsReader."""
        return self.prometheus.overheard(("raw", _range_query(selector, window_seconds), at))

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return values that somebody has asked for; see observe.measure.MetricsReader."""
        return self.prometheus.overheard(("evaluate", expression, since, until, step_seconds))


def _range_query(selector: str, window_seconds: float) -> str:
    return f"{selector}[{round(window_seconds * 1000)}ms]"


def read_answer(result: Sequence[Mapping[str, Any]]) -> Answer:
    """Return the series of a range vector as the HTTP API writes it.

    Native histograms carry no `values` and are left out.
    """
    texts: dict[str, str] = {}  # the same few values on thousands of series, kept once each
    return Answer(
        Series(
            labels={
                texts.setdefault(name, name): texts.setdefault(value, value)
                for name, value in one["metric"].items()
            },
            samples=tuple((float(time), float(value)) for time, value in one["values"]),
        )
        for one in result
        if "values" in one
    )
