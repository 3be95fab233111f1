"""Run the load generator: send, tell, stop on SIGTERM, and end with a summary."""

from __future__ import annotations

import asyncio
import os
import sys

from aiohttp import web

from demo.environment import SettingError
from demo.load.feed import Feed, print_line, print_lines
from demo.load.generator import Generator
from demo.load.rows import read_rows
from demo.load.sender import Sender, open_session
from demo.load.settings import LoadSettings
from demo.load.tally import Tally
from demo.stopping import stop_on_signal


async def generate(settings: LoadSettings, stop: asyncio.Event) -> None:
    """The summary can be asked for until SIGTERM comes, even when all is sent."""
    tally = Tally()
    feed = Feed(settings, tally)
    runner = web.AppRunner(feed.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        await send_all(settings, tally, feed, stop)
        if not settings.exit_when_done:
            await stop.wait()
    finally:
        await runner.cleanup()


async def send_all(settings: LoadSettings, tally: Tally, feed: Feed, stop: asyncio.Event) -> None:
    lines = asyncio.create_task(print_lines(feed))
    async with open_session(settings) as session:
        sender = Sender(session, settings.target_url)
        rows = read_rows(settings.rows_path, settings.protocol)
        await Generator(settings, rows, sender.send, tally).run(stop)
    lines.cancel()
    feed.finish()
    print_line(feed.summary())


async def run(settings: LoadSettings) -> None:
    await generate(settings, stop_on_signal())


def main() -> None:
    try:
        settings = LoadSettings.read(os.environ)
    except SettingError as error:
        sys.exit(str(error))
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
