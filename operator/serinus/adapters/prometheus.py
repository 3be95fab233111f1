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

from serinus.adapters.aws_keys import NO_IDENTITY, AwsIdentity
from serinus.adapters.prometheus_lanes import Lane, lane_of_looks, lane_of_the_past
from serinus.adapters.prometheus_login import login_of
from serinus.adapters.prometheus_session import Refused, open_session, reason_of, retries
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.signals.histogram import read_histogram
from serinus.signals.series import Answer, Packed, ScrapeLabels, Series

ATTEMPTS = 3
LONG_SECONDS = 3600.0
"""Who asks for more is in no hurry."""


class Prometheus:
    """One Prometheus, as every tenant of it that is asked for."""

    def __init__(
        self,
        settings: PrometheusSettings,
        identity: AwsIdentity = NO_IDENTITY,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """Make no request yet; a session is opened by the first one."""
        self.on_answer: Callable[[Answer, ScrapeLabels], None] = lambda _answer, _labels: None
        """Told every new answer, and which labels say whose it is; set by whoever listens."""
        self.settings = settings
        self._count = count
        self._login = login_of(settings, identity)
        self._clients: dict[str, PrometheusConnect] = {}
        self._looks = lane_of_looks()
        self._past = lane_of_the_past()

    def _client(self, tenant: str) -> PrometheusConnect:
        if tenant not in self._clients:
            self._clients[tenant] = PrometheusConnect(
                url=self.settings.url.rstrip("/"),
                session=open_session(self.settings, tenant, self._login),
                auth=self._login,
                retry=retries(),
                timeout=self.settings.timeout,
            )
        return self._clients[tenant]

    async def raw(
        self, selector: str, window_seconds: float, at: datetime, tenant: str = ""
    ) -> tuple[Series, ...]:
        """Return the raw samples of a series selector in the window that ends at a time.

        Raises:
            OutsideUnavailable: no answer, a partial one, or one that is no answer.
            QueryRefused: Prometheus can't evaluate it.
        """
        query, client = _range_query(selector, window_seconds), self._client(tenant)
        params = {"time": at.timestamp(), "timeout": f"{self.settings.timeout:g}s"}
        return await self._once(
            ("raw", query, at, tenant),
            selector,
            lambda: client.custom_query(query, params=params),
            self._looks,
        )

    async def evaluate(
        self,
        expression: str,
        since: datetime,
        until: datetime,
        step_seconds: float,
        tenant: str = "",
    ) -> tuple[Series, ...]:
        """Return an expression's values on a grid of times, both ends included.

        Raises:
            OutsideUnavailable: no answer, a partial one, or one that is no answer.
            QueryRefused: Prometheus can't evaluate it.
        """
        client = self._client(tenant)
        # The library rounds times to seconds; parameters given by name win over its own.
        params = {
            "start": since.timestamp(),
            "end": until.timestamp(),
            "timeout": f"{self.settings.timeout:g}s",
        }
        is_long = (until - since).total_seconds() > LONG_SECONDS
        return await self._once(
            ("evaluate", expression, since, until, step_seconds, tenant),
            expression,
            lambda: client.custom_query_range(
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
            await lane.close()
        for client in self._clients.values():
            client.close()

    async def _once(
        self, question: Hashable, query: str, request: Callable[[], Any], lane: Lane
    ) -> tuple[Series, ...]:
        return await lane.sharing.ask(question, lambda: self._ask(query, request, lane))

    async def _ask(self, query: str, request: Callable[[], Any], lane: Lane) -> Answer:
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
            self.on_answer(answer, self.settings.labels)
        return answer

    async def _asked(
        self, query: str, request: Callable[[], Any], threads: ThreadPoolExecutor
    ) -> Answer:
        loop = asyncio.get_running_loop()
        # A server that drips its answer never runs into a time-out of the socket.
        deadline_seconds = ATTEMPTS * self.settings.timeout
        try:
            async with asyncio.timeout(deadline_seconds):
                return await loop.run_in_executor(threads, self._answer, query, request)
        except TimeoutError as late:
            raise OutsideUnavailable(
                f"Prometheus did not answer within {deadline_seconds:g} s"
            ) from late

    def _answer(self, query: str, request: Callable[[], Any]) -> Answer:
        """Runs in a thread: the request, and reading an answer that may be large."""
        if not self.settings.url:
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
        answer.of_pods(
            "", "", self.settings.labels
        )  # makes the directory here, off the event loop
        return answer


@dataclass(frozen=True, slots=True)
class AsTenant:
    """A metrics reader that asks for one tenant's series; "" for what the settings say."""

    prometheus: Prometheus
    tenant: str

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples; see observe.measure.MetricsReader."""
        return await self.prometheus.raw(selector, window_seconds, at, self.tenant)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values; see observe.measure.MetricsReader."""
        return await self.prometheus.evaluate(expression, since, until, step_seconds, self.tenant)


@dataclass(frozen=True, slots=True)
class Overhearing:
    """A metrics reader that asks nothing: it knows the answers that others were given."""

    prometheus: Prometheus
    tenant: str

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples that somebody has asked for; see observe.measure.MetricsReader."""
        query = _range_query(selector, window_seconds)
        return self.prometheus.overheard(("raw", query, at, self.tenant))

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return values that somebody has asked for; see observe.measure.MetricsReader."""
        return self.prometheus.overheard(
            ("evaluate", expression, since, until, step_seconds, self.tenant)
        )


def _range_query(selector: str, window_seconds: float) -> str:
    return f"{selector}[{round(window_seconds * 1000)}ms]"


def read_answer(result: Sequence[Mapping[str, Any]]) -> Answer:
    """Return the series of a range vector as the HTTP API writes it.

    A series that is scraped as a native histogram has no `values`, or other ones from before.
    """
    texts: dict[str, str] = {}  # the same few values on thousands of series, kept once each
    return Answer(
        Series(
            labels={
                texts.setdefault(name, name): texts.setdefault(value, value)
                for name, value in one["metric"].items()
            },
            samples=Packed((float(time), float(value)) for time, value in one.get("values", ())),
            histograms=tuple(
                (float(time), read_histogram(raw)) for time, raw in one.get("histograms", ())
            ),
        )
        for one in result
        if "values" in one or "histograms" in one
    )
