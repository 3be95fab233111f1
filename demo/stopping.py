"""Both programs of the image stop the same way: when the kubelet, or a person, says so."""

from __future__ import annotations

import asyncio
import signal


def stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
