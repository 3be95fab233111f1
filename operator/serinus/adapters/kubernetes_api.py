"""The API server: requests with time-outs and retries, answers as plain JSON, streams as events.

Configuration, authentication, TLS and connections are the official client's; its generated models
are left out, since a pod costs 31 KiB as one of them and a few fields of it are all we keep.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration

from serinus.adapters.kubernetes_answers import passes
from serinus.adapters.kubernetes_json import read_json
from serinus.adapters.kubernetes_turns import Turns
from serinus.errors import OutsideUnavailable

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_WATCH = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 5.0
"""Who is told to wait longer gives up for now; the daemon looks again when the time has come."""

FAREWELL_SECONDS = 0.1
NETWORK_ERRORS = (aiohttp.ClientError, OSError, TimeoutError)

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Count = Callable[[str, str, str], None]
"""Told of each request: RBAC's verb, RBAC's resource, and the status code or "error"."""


class ApiRefusal(Exception):
    """The API server said no, in its own words; nothing is gained by asking again."""

    def __init__(self, status_code: int, reason: str, message: str) -> None:
        super().__init__(f"{status_code} {reason}: {message}")
        self.status_code, self.reason, self.message = status_code, reason, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, safe to send twice."""

    verb: str
    """The verb that RBAC grants: get, list, watch, create, update, patch, delete."""
    resource: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = JSON
    accept: str = JSON
    is_urgent: bool = False
    """Whether it goes before all that is routine."""
    needs_address: bool = False
    """Whether the API server gives out a cluster IP for it, which it does one by one."""

    @property
    def url(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


class ApiServer:
    """Two connection pools to one API server: a bounded one for requests, one for streams."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        routine_requests: int = 24,
        urgent_requests: int = 16,
        request_timeout_seconds: float = 30.0,
        count: Count = lambda _verb, _resource, _code: None,
        write_seconds: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """Send writes for as many seconds from now as `write_seconds` says, each time it is asked.

        It is asked right before a request leaves, and whoever waits for a connection for longer
        than that waits in vain: no write leaves after the time that it was meant for.
        """
        self.configuration = configuration
        self.turns = Turns(routine=routine_requests, urgent=urgent_requests)
        configuration.connection_pool_maxsize = routine_requests + urgent_requests
        self._requests = ApiClient(configuration)
        # Streams are as many as there are kinds and namespaces; they must not starve the writes.
        configuration.connection_pool_maxsize = 0
        self._streams = ApiClient(configuration)
        self._timeout = aiohttp.ClientTimeout(total=request_timeout_seconds, sock_connect=10)
        self._count, self._write_seconds = count, write_seconds

    async def close(self) -> None:
        """Close all connections."""
        await self._requests.close()
        await self._streams.close()
        # What was cut in the middle of a TLS handshake ends a little later, and nobody tells when.
        await asyncio.sleep(FAREWELL_SECONDS)

    async def call(self, call: Call) -> Any:
        """Send a request, again where that may help, and return the answer's JSON.

        Raises:
            ApiRefusal: the API server said no for good (4xx).
            OutsideUnavailable: no answer, 429 or 5xx, and still so after some attempts.
        """
        for attempt in range(ATTEMPTS):
            try:
                return await self._attempt(call)
            except OutsideUnavailable as unavailable:
                wait = max(unavailable.retry_after_seconds or 0.0, pause_seconds(attempt))
                was_slow = isinstance(unavailable.__cause__, TimeoutError)
                if attempt == ATTEMPTS - 1 or was_slow or wait > LONGEST_WAIT_SECONDS:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    async def _attempt(self, call: Call) -> Any:
        async with (
            self.turns.turn(is_urgent=call.is_urgent, needs_address=call.needs_address),
            self._answer(self._requests, call, self._timeout) as answer,
        ):
            try:
                return read_json(await answer.read())
            except (*NETWORK_ERRORS, ValueError) as error:
                raise _unavailable(call, error) from error

    @asynccontextmanager
    async def stream(
        self, call: Call, silence_seconds: float
    ) -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
        """Open a watch and give its events; a longer silence counts as a broken connection.

        Raises:
            ApiRefusal: the API server said no (4xx).
            OutsideUnavailable: no answer, 429, 5xx, or a connection that broke.
        """
        within = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence_seconds)
        async with self._answer(self._streams, call, within) as answer:
            yield _events(call, answer)

    @asynccontextmanager
    async def _answer(
        self, client: ApiClient, call: Call, within: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        response = await self._send(client, call, within)
        try:
            self._count(call.verb, call.resource, str(response.status))
            if response.status >= 400:
                raise await _refusal(call, response)
            yield response
        finally:
            _hang_up(response)

    async def _send(
        self, client: ApiClient, call: Call, within: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        headers = {"Accept": call.accept, "Content-Type": call.content_type}
        headers["User-Agent"] = "serinus"
        token = await self.configuration.get_api_key_with_prefix("BearerToken", "authorization")
        if token:
            headers["Authorization"] = token
        url = self.configuration.host + call.url
        if call.method in WRITES:
            within = self._within_the_time_to_write(call, within)
        try:
            answer = await client.rest_client.request(
                call.method, url, headers=headers, body=call.body, _request_timeout=within
            )
        except NETWORK_ERRORS as error:
            self._count(call.verb, call.resource, "error")
            raise _unavailable(call, error) from error
        response: aiohttp.ClientResponse = answer.response
        return response

    def _within_the_time_to_write(
        self, call: Call, within: aiohttp.ClientTimeout
    ) -> aiohttp.ClientTimeout:
        left = self._write_seconds()
        if left <= 0:
            what = f"{call.verb} {call.resource}: held back, the Lease is not renewed"
            raise OutsideUnavailable(what)
        return aiohttp.ClientTimeout(
            total=within.total,
            sock_connect=within.sock_connect,
            connect=None if left == math.inf else left,
        )


def pause_seconds(attempt: int) -> float:
    """Return how long to wait before the next attempt: doubling, with full jitter."""
    return random.uniform(0.5, 1.0) * 0.2 * float(2**attempt)  # noqa: S311  # no secret depends on it


def _hang_up(response: aiohttp.ClientResponse) -> None:
    if response.content.at_eof():
        response.release()
        return
    # A stream that is left before its end is cut: a TLS farewell would wait for the other side.
    transport = response.connection.transport if response.connection else None
    if transport:
        transport.abort()
    response.close()


def _unavailable(call: Call, error: Exception) -> OutsideUnavailable:
    words = str(error) or type(error).__name__  # many time-outs say nothing
    return OutsideUnavailable(f"{call.verb} {call.resource}: {words}")


async def _events(call: Call, answer: aiohttp.ClientResponse) -> AsyncIterator[Mapping[str, Any]]:
    try:
        async for line in answer.content:
            if line.strip():
                yield read_json(line)
    except (*NETWORK_ERRORS, ValueError) as error:
        raise _unavailable(call, error) from error


async def _refusal(call: Call, answer: aiohttp.ClientResponse) -> ApiRefusal | OutsideUnavailable:
    try:
        text = (await answer.read()).decode(errors="replace")
    except NETWORK_ERRORS as error:
        return _unavailable(call, error)
    try:
        status = read_json(text)
        reason, message = status.get("reason") or answer.reason, status.get("message") or text
    except (ValueError, AttributeError):
        reason, message = answer.reason, text.strip()
    if passes(answer.status, str(message)):
        what = f"{call.verb} {call.resource}: the API server answered {answer.status}: {message}"
        return OutsideUnavailable(what, _retry_after_seconds(answer))
    return ApiRefusal(answer.status, str(reason), str(message))


def _retry_after_seconds(answer: aiohttp.ClientResponse) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
