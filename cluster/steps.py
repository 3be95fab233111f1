"""Progress on standard error: a line a step with its seconds, signs of life on long ones."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 30.0
_started = time.monotonic()


def say(text: str) -> None:
    """One line, with the seconds since the program was called."""
    print(f"[{time.monotonic() - _started:6.1f}s] {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str, quiet_below_seconds: float = 0.0) -> Iterator[None]:
    """Tell when a step begins to be long and when it has ended, and how long it took."""
    began = time.monotonic()
    over = threading.Event()

    def heartbeat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            say(f"... {text}: {time.monotonic() - began:.0f} s so far")

    threading.Thread(target=heartbeat, daemon=True).start()
    try:
        yield
    except BaseException:
        say(f"{text}: failed after {time.monotonic() - began:.1f} s")
        raise
    finally:
        over.set()
    took_seconds = time.monotonic() - began
    if took_seconds >= quiet_below_seconds:
        say(f"{text}: {took_seconds:.1f} s")
