"""The stub's HTTP side: /api/v1/query on loopback, by the clock of the trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from benchmarks.stub.answer import answer
from benchmarks.stub.trace import moved
from serinus.signals.series import Series

Clock = Callable[[], float]


def application(
    series: Sequence[Series], now: Clock, *, starts_at: float | None = None
) -> web.Application:
    """Return the stub; where a start is given, the trace is moved to begin then.

    Nothing after the time asked for is told, so a program on a live clock sees the trace grow.
    """
    trace = series if starts_at is None else moved(series, starts_at)

    async def query(request: web.Request) -> web.Response:
        asked = await _asked(request)
        try:
            at = min(now(), _time(asked["time"])) if "time" in asked else now()
            found = answer(trace, asked.get("query", ""), at)
        except ValueError as error:
            refusal = {"status": "error", "errorType": "bad_data", "error": str(error)}
            return web.json_response(refusal, status=400)
        return web.json_response({"status": "success", "data": found})

    app = web.Application()
    app.add_routes([web.get("/api/v1/query", query), web.post("/api/v1/query", query)])
    return app


async def _asked(request: web.Request) -> dict[str, str]:
    """Clients may ask by either method."""
    form: dict[str, Any] = dict(await request.post()) if request.method == "POST" else {}
    return {**request.query, **{name: str(value) for name, value in form.items()}}


def _time(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
