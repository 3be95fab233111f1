"""Sends a model its first requests, and listens for the kubelet's probe once all were answered.

It needs Python and nothing else. WARMUP is JSON: `port`, `requests` (path, body, contentType,
times), `timeoutSeconds`, `patienceSeconds`, and `probePort`.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

PAUSE_SECONDS = 1.0
LOOK_SECONDS = 2.0
LONGEST_WORDS = 150


def main() -> None:
    """Warm the model up, and again whenever it has been started anew."""
    # A container's first process is not ended by signals that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    plan = json.loads(os.environ["WARMUP"])
    while True:
        for request in plan["requests"]:
            for _ in range(request["times"]):
                until_answered(plan, request)
        tell(f"warm: {len(plan['requests'])} kinds of requests were answered")
        be_ready_while_it_lives(plan)
        tell("the model is gone")


def until_answered(plan: dict[str, Any], request: dict[str, Any]) -> None:
    """Send a request until the answer is good; give up on one that stays bad.

    A model that loads is waited for: it refuses connections, or answers 503.
    """
    bad_since: float | None = None
    while True:
        status, words = send(plan, request)
        if 200 <= status < 300:
            return
        if status in {0, 503}:
            bad_since = None
        else:
            bad_since = bad_since or time.monotonic()
            tell(words)
            if time.monotonic() - bad_since > plan["patienceSeconds"]:
                sys.exit(words)
        time.sleep(PAUSE_SECONDS)


def send(plan: dict[str, Any], request: dict[str, Any]) -> tuple[int, str]:
    """Return the answer's status, 0 for none, and what to say of a bad one."""
    body = request.get("body")
    method = "GET" if body is None else "POST"
    headers = {} if body is None else {"Content-Type": request["contentType"]}
    connection = http.client.HTTPConnection("localhost", plan["port"], plan["timeoutSeconds"])
    try:
        content = None if body is None else body.encode()
        connection.request(method, request["path"], content, headers)
        answer = connection.getresponse()
        said = " ".join(answer.read(1000).decode(errors="replace").split())[:LONGEST_WORDS]
    except (OSError, http.client.HTTPException):
        return 0, ""
    else:
        return answer.status, f"{method} {request['path']} answered {answer.status}: {said}"
    finally:
        connection.close()


def be_ready_while_it_lives(plan: dict[str, Any]) -> None:
    """Listen, which is what the probe asks, until nobody listens on the model's port."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    address = ("", plan["probePort"])
    with socket.create_server(address, family=family, dualstack_ipv6=both) as listener:
        listener.settimeout(LOOK_SECONDS)
        looked_at = time.monotonic()
        while True:
            with suppress(TimeoutError):
                listener.accept()[0].close()
            if time.monotonic() - looked_at >= LOOK_SECONDS:
                looked_at = time.monotonic()
                if not lives(plan["port"]):
                    return


def lives(port: int) -> bool:
    """Return whether somebody listens; who is too busy to answer does."""
    try:
        socket.create_connection(("localhost", port), timeout=LOOK_SECONDS).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return True


def tell(words: str) -> None:
    """Say something in the log."""
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    main()
