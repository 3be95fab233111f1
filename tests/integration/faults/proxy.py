"""A proxy between one operator and the API server: it numbers writes and lets faults in."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

from tests.integration.control_plane import ControlPlane, free_ports

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PASSED_ON = ("Authorization", "Accept", "Content-Type", "User-Agent")
PASSED_BACK = ("Content-Type", "Retry-After")
PLURALS = {
    "httproutes": "HTTPRoute",
    "deployments": "Deployment",
    "services": "Service",
    "controllerrevisions": "ControllerRevision",
    "configmaps": "ConfigMap",
    "cronjobs": "CronJob",
    "events": "Event",
    "mlmodeldeployments": "MLModelDeployment",
}


@dataclass(frozen=True, kw_only=True)
class Write:
    """One write of the operator's, numbered from 1 in the order of arrival."""

    number: int
    method: str
    kind: str
    name: str
    part: str
    """The subresource, "" for the object itself."""
    query: str
    content_type: str
    body: Any = field(repr=False)
    by: str = ""
    """The operator it came from."""

    def __str__(self) -> str:
        return f"{self.method} {self.kind}/{self.name}{self.part and '/' + self.part}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an API server says, or a fault in its place."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Forward = Callable[[], Awaitable[Answer]]
Gate = Callable[[Write, Forward], Awaitable[Answer | None]]
"""What becomes of a write; without an answer the connection is cut."""


async def open_gate(_write: Write, forward: Forward) -> Answer | None:
    """Let everything through."""
    return await forward()


def everything(_request: web.Request) -> bool:
    """Hold back whatever comes."""
    return True


class Proxy:
    """Plain HTTP on loopback towards one operator, TLS towards the API server."""

    def __init__(self, plane: ControlPlane, by: str = "") -> None:
        self._plane, self.by = plane, by
        self.gate: Gate = open_gate
        self.refusal: Answer | None = None
        """Given in place of any answer, to reads and writes alike."""
        self.streams_opened = 0
        self.silent_until = 0
        """The first so many watches stay open and bring nothing any more."""
        self._is_cut: Callable[[web.Request], bool] | None = None
        self._mended = asyncio.Event()
        self._streams: set[asyncio.Task[Any]] = set()
        self.writes: list[Write] = []
        self.port = 0

    def fall_silent(self) -> None:
        """Have all watches that are open bring nothing any more, and stay open."""
        self.silent_until = self.streams_opened

    @property
    def url(self) -> str:
        """Where the operator finds it."""
        return f"http://127.0.0.1:{self.port}"

    def cut_off(self, which: Callable[[web.Request], bool] = everything) -> None:
        """Let no packet through, either way; what was sent arrives late, once this is over."""
        self._is_cut = which
        self._mended.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._is_cut = None
        self._mended.set()

    async def mended(self) -> None:
        """Wait until nothing is held back."""
        if self._is_cut is not None:
            await self._mended.wait()

    async def _passable(self, request: web.Request) -> None:
        if self._is_cut is not None and self._is_cut(request):
            await self._mended.wait()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Forward for as long as this lasts."""
        trust = ssl.create_default_context(cafile=str(self._plane.certificate_authority))
        connector = TCPConnector(ssl=trust, limit=0)
        (self.port,) = free_ports(1)
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        async with ClientSession(connector=connector, timeout=ClientTimeout(total=None)) as client:
            self._client = client
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", self.port).start()
                yield
            finally:
                for stream in self._streams:
                    stream.cancel()
                await asyncio.gather(*self._streams, return_exceptions=True)
                await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self.refusal is not None:
            return _response(self.refusal)
        try:
            body = await request.read()
            # Numbered as it was sent, whenever it arrives. A renewal of the Lease decides
            # nothing, and would shift all numbers.
            write = None
            if request.method in WRITES and "/leases" not in request.path:
                write = _write(len(self.writes) + 1, request, body, self.by)
                self.writes.append(write)
            await self._passable(request)
            if request.query.get("watch"):
                return await self._stream(request)
            answer = await self._pass(request, body, write)
            await self._passable(request)
        except (ClientError, ConnectionError, TimeoutError):
            answer = None
        if answer is None:
            return _cut(request)
        return _response(answer)

    async def _pass(self, request: web.Request, body: bytes, write: Write | None) -> Answer | None:
        async def forward() -> Answer:
            async with self._send(request, body) as answer:
                return Answer(
                    status=answer.status, body=await answer.read(), headers=_headers_of(answer)
                )

        return await (forward() if write is None else self.gate(write, forward))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.streams_opened += 1
        number = self.streams_opened
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)  # who was killed leaves it open, and aiohttp forgets it
        task.add_done_callback(self._streams.discard)
        async with self._send(request, b"") as answer:
            response = web.StreamResponse(status=answer.status, headers=_headers_of(answer))
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await self._passable(request)
                if number > self.silent_until:
                    await response.write(chunk)
            return response

    def _send(self, request: web.Request, body: bytes) -> Any:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = f"{self._plane.url}{request.raw_path}"
        return self._client.request(
            request.method, URL(url, encoded=True), data=body or None, headers=headers
        )


def _headers_of(answer: ClientResponse) -> dict[str, str]:
    return {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


def _cut(request: web.Request) -> web.StreamResponse:
    """Leave no answer, not even an empty one."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _write(number: int, request: web.Request, body: bytes, by: str) -> Write:
    parts = [part for part in request.path.split("/") if part]
    tail = parts[parts.index("namespaces") + 2 :] if "namespaces" in parts else parts[-1:]
    content = json.loads(body) if body else {}
    name = tail[1] if len(tail) > 1 else content.get("reason", "")
    return Write(
        number=number,
        method=request.method,
        kind=PLURALS.get(tail[0], tail[0]),
        name=name,
        part=tail[2] if len(tail) > 2 else "",
        query=request.query_string,
        content_type=request.content_type,
        body=content,
        by=by,
    )
