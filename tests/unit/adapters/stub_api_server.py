"""An API server of a few lines: it answers what a test tells it to, and remembers what it got."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from kubernetes.aio.client import Configuration

from serinus.adapters.kubernetes_api import ApiServer

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StubApiServer:
    """Answers each request with the next of its answers, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)

    def connect(self, timeout_seconds: float = 60.0) -> ApiServer:
        """By default a machine that is busy elsewhere for a second is no reason to give up."""
        return ApiServer(Configuration(host=self.url), request_timeout_seconds=timeout_seconds)


@asynccontextmanager
async def stub_api_server() -> AsyncIterator[StubApiServer]:
    stub = StubApiServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield stub
    finally:
        await runner.cleanup()


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON."""

    async def send(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return send


def refuse(status: int, reason: str, message: str = "", **headers: str) -> Answer:
    """Answer with a Status, as the API server does."""
    return answer({"reason": reason, "message": message, "code": status}, status, **headers)


def stream(*events: dict[str, Any], then: Callable[[], Awaitable[Any]] | None = None) -> Answer:
    """Answer a watch with these events, and then with whatever comes to pass before the end."""

    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for event in events:
            await response.write(json.dumps(event).encode() + b"\n")
        if then:
            await then()
        return response

    return send
