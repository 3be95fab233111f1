"""What the load generator tells: a line a second on stdout, and the whole of it over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable

from aiohttp import web

from demo.load.settings import LoadSettings
from demo.load.tally import Json, Tally

LINE_INTERVAL_SECONDS = 1.0


class Feed:
    """The tally with its times, for people and programs that watch."""

    def __init__(
        self, settings: LoadSettings, tally: Tally, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self.tally = tally
        self.wall_clock = wall_clock
        self.started = wall_clock()
        self.finished: float | None = None

    def finish(self) -> None:
        self.finished = self.wall_clock()

    def times(self) -> Json:
        now = self.wall_clock()
        elapsed_seconds = (self.finished or now) - self.started
        return {"at": round(now, 3), "elapsed_seconds": round(elapsed_seconds, 3)}

    def line(self) -> Json:
        return {**self.times(), "final": False, **self.tally.line()}

    def summary(self) -> Json:
        return {
            **self.times(),
            "final": self.finished is not None,
            "started": round(self.started, 3),
            "target_url": self.settings.target_url,
            "host_header": self.settings.host_header,
            "rate_per_second": self.settings.rate_per_second,
            **self.tally.summary(),
        }

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/healthz", self.handle_health)
        application.router.add_get("/summary", self.handle_summary)
        application.router.add_get("/recent", self.handle_recent)
        return application

    async def handle_health(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def handle_summary(self, _: web.Request) -> web.Response:
        return web.json_response(self.summary())

    async def handle_recent(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not since.isdecimal():
            raise web.HTTPBadRequest(text="since is the `next` of the answer before, or 0")
        return web.json_response(self.tally.since(int(since)))


async def print_lines(feed: Feed) -> None:
    while True:
        await asyncio.sleep(LINE_INTERVAL_SECONDS)
        print_line(feed.line())


def print_line(line: Json) -> None:
    print(json.dumps(line), file=sys.stdout, flush=True)
