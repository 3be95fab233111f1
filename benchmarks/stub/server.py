"""The stub's HTTP side: /api/v1/query on loopback, by the clock of the trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from benchmarks.stub.answer import answer
from serinus.signals.series import Series

Clock = Callable[[], float]


def application(
    series: Sequence[Series], now: Clock, *, starts_at: float | None = None
) -> web.Application:
    """Return the stub; where a start is given, the trace is moved to begin then.

    Nothing after the time asked for is told, so a program on a live clock sees the trace grow.
    """
    moved = series if starts_at is None else _moved(series, starts_at)

    async def query(request: web.Request) -> web.Response:
        asked = await _asked(request)
        try:
            at = min(now(), _time(asked["time"])) if "time" in asked else now()
            found = answer(moved, asked.get("query", ""), at)
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


def _moved(series: Sequence[Series], starts_at: float) -> tuple[Series, ...]:
    by = starts_at - min(one.samples[0][0] for one in series)
    return tuple(
        Series(labels=one.labels, samples=tuple((at + by, value) for at, value in one.samples))
        for one in series
    )
