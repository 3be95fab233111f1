"""ASGI middleware: counts prediction requests by status and time, and shows the metrics."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from time import perf_counter
from typing import Any

from serinus_sdk.monitor import Monitor
from serinus_sdk.watching import CALLER_LEFT, COUNTED_BY_MIDDLEWARE

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


def _path_of(scope: Scope) -> str:
    """Return a request's path as the application knows it, without what a proxy took off."""
    path: str = scope.get("path", "")
    root: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


class _Answer:
    """An answer on its way to the caller, who may leave before it begins."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._has_begun, self._can_break = False, True
        self.code = 500
        """What raises before it answers is answered by the server: with 500."""

    async def receive(self) -> Message:
        """Pass on what comes of the caller."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.is_left()
        return message

    def is_left(self) -> None:
        """Nobody waits for it any more: what becomes of it is no fault of the model's."""
        self._can_break = False
        if not self._has_begun:
            self._has_begun, self.code = True, CALLER_LEFT

    async def send(self, message: Message) -> None:
        """Pass a part of it on."""
        if message["type"] == "http.response.start" and not self._has_begun:
            self._has_begun, self.code = True, message["status"]
        try:
            await self._send(message)
        except Exception:  # the caller is gone, which is no fault of the model's
            self._can_break = False
            raise
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._can_break = False

    def breaks(self) -> None:
        """It has raised: a stream that is not whole has failed, whatever status it began with."""
        if self._can_break:
            self.code = 500


class MonitoringMiddleware:
    """Counts requests to the paths that predict; probes and the rest pass by uncounted."""

    def __init__(
        self,
        app: Application,
        monitor: Monitor,
        paths: Collection[str] | str,
        metrics_path: str | None = "/metrics",
    ) -> None:
        """Set it up.

        Args:
            app: what answers.
            monitor: of the model behind it.
            paths: that predict; one that ends in / stands for all that is below it.
            metrics_path: where the metrics are shown; None where something else shows them.

        Raises:
            ValueError: a path that no request could have.
        """
        paths = [paths] if isinstance(paths, str) else paths
        if strange := [path for path in paths if not path.startswith("/")]:
            raise ValueError(f"paths begin with /: {', '.join(strange)}")
        self._app, self._monitor, self._metrics_path = app, monitor, metrics_path
        self._exact = frozenset(paths)
        self._below = tuple(path for path in paths if path.endswith("/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = _path_of(scope) if scope["type"] == "http" else ""
        if path and path == self._metrics_path:
            await self._show(send)
        elif path in self._exact or path.startswith(self._below):
            await self._count(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, answer = perf_counter(), _Answer(receive, send)
        count = self._monitor.record_request
        token = COUNTED_BY_MIDDLEWARE.set((*COUNTED_BY_MIDDLEWARE.get(), count))
        try:
            await self._app(scope, answer.receive, answer.send)
        except CancelledError:
            answer.is_left()
            raise
        except Exception:
            answer.breaks()
            raise
        finally:
            COUNTED_BY_MIDDLEWARE.reset(token)
            count(answer.code, perf_counter() - started)

    async def _show(self, send: Send) -> None:
        headers = [(b"content-type", CONTENT_TYPE)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._monitor.exposition()})
