"""Send one row and say what became of it."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from demo.load.outcome import Kind, Outcome
from demo.load.rows import Row
from demo.load.settings import LoadSettings

VERSION_HEADER = "x-model-version"


def open_session(settings: LoadSettings) -> aiohttp.ClientSession:
    """Keep-alive as real clients have it, since that is where shifting traffic loses requests."""
    headers = {"Content-Type": "application/json"}
    if settings.host_header:
        headers["Host"] = settings.host_header
    connector = aiohttp.TCPConnector(
        limit=settings.max_in_flight, force_close=settings.new_connection_per_request
    )
    timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers)


@dataclass(frozen=True)
class Sender:
    """One client with a pool of connections."""

    session: aiohttp.ClientSession
    target_url: str
    wall_clock: Callable[[], float] = time.time

    async def send(self, row: Row) -> Outcome:
        at, started = self.wall_clock(), time.perf_counter()
        try:
            async with self.session.post(self.target_url, data=row.body) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError
            latency_seconds = time.perf_counter() - started
            return Outcome(at, latency_seconds, Kind.TRAFFIC_FAILURE, cause=cause_of(error))
        latency_seconds = time.perf_counter() - started
        version = response.headers.get(VERSION_HEADER)
        return judge(at, latency_seconds, response.status, version, body, row.label)


def judge(
    at: float, latency_seconds: float, status: int, version: str | None, body: bytes, label: int
) -> Outcome:
    """An answer without a version came from the way: a proxy, or a server that is not ours."""
    answer = read_answer(body) if status == 200 else None
    version = version or (answer.version if answer else None)
    if version is None:
        cause = f"status-{status}"
        return Outcome(at, latency_seconds, Kind.TRAFFIC_FAILURE, status, cause=cause)
    if answer is None:
        cause = "unreadable-answer" if status == 200 else f"status-{status}"
        return Outcome(at, latency_seconds, Kind.MODEL_ERROR, status, version, cause=cause)
    return Outcome(at, latency_seconds, Kind.ANSWERED, status, version, answer.prediction, label)


@dataclass(frozen=True)
class Answer:
    """What a model server said, and, where it says so, which version it has."""

    prediction: float | None
    version: str | None = None


def read_answer(body: bytes) -> Answer | None:
    """The demo's own answers and those of V2 are told apart by their fields; None: neither."""
    try:
        said = json.loads(body)
        is_v2 = "outputs" in said
        prediction = said["outputs"][0]["data"][0] if is_v2 else said["prediction"]
        version = said.get("model_version" if is_v2 else "version")
        return Answer(None if prediction is None else float(prediction), version or None)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def cause_of(error: Exception) -> str:
    """A word to count by; the order matters, since a timeout to connect is a client error too."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name-not-found"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "disconnected"
    number = getattr(error, "errno", None)
    if number == errno.ECONNREFUSED:
        return "refused"
    if number in (errno.ECONNRESET, errno.EPIPE):
        return "reset"
    return type(error).__name__
