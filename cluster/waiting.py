"""Waits for something to become true, with a limit and a word for what was missing."""

import ssl
import time
import urllib.request
from collections.abc import Callable

from cluster.errors import ClusterError

POLL_SECONDS = 0.1


def until(
    done: Callable[[], bool],
    what: str,
    timeout_seconds: float,
    each_time: Callable[[], None] | None = None,
) -> None:
    """Poll until done; `each_time` may raise to end a wait that has become hopeless."""
    deadline = time.monotonic() + timeout_seconds
    while not done():
        if each_time is not None:
            each_time()
        if time.monotonic() > deadline:
            raise ClusterError(f"{what}: not within {timeout_seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def answers(url: str, ca_file: str | None = None, timeout_seconds: float = 2.0) -> bool:
    """Whether a GET is answered with success."""
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    # No proxy of the user's stands between this machine and itself.
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=timeout_seconds) as got:
            return bool(got.status == 200)
    except OSError:
        return False
