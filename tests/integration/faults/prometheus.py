"""The HTTP face of a simulated Prometheus: raw samples, in a good mood or a bad one."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Any

from aiohttp import web

from tests.integration.control_plane import free_ports
from tests.integration.faults.traffic import Traffic

SLOW_SECONDS = 5.0


class Mood(Enum):
    """How it answers."""

    GOOD = auto()
    DOWN = auto()
    """Connections are cut."""
    SLOW = auto()
    EMPTY = auto()
    """No series at all."""
    NAN = auto()
    """Every value is no number."""


class PrometheusServer:
    """Answers `selector[window]` at a time, which is all that is asked with presets."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self.mood = Mood.GOOD
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer for as long as this lasts."""
        (self.port,) = free_ports(1)
        app = web.Application()
        app.router.add_get("/api/v1/query", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if self.mood is Mood.DOWN and request.transport is not None:
            request.transport.abort()
        if self.mood is Mood.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        query, until = request.query["query"], float(request.query["time"])
        result = [] if self.mood is Mood.EMPTY else self._result(query, until)
        data = {"resultType": "matrix", "result": result}
        return web.json_response({"status": "success", "data": data})

    def _result(self, query: str, until: float) -> list[dict[str, Any]]:
        selector, _, window = query.rpartition("[")
        since = until - float(window.removesuffix("ms]")) / 1000
        names = set(re.findall(r"model_[a-z_]+|^up", selector))
        found = []
        for (metric, pod, code), samples in self._traffic.stored.items():
            values = [[at, self._shown(value)] for at, value in samples if since < at <= until]
            if metric in names and values:
                labels = {"__name__": metric, "namespace": self._traffic.namespace, "pod": pod}
                found.append(
                    {"metric": labels | ({"code": code} if code else {}), "values": values}
                )
        return found

    def _shown(self, value: float) -> str:
        return "NaN" if self.mood is Mood.NAN else str(value)
