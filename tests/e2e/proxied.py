"""The API server through `kubectl proxy`: pages, writes, and watches that note arrival times."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import SHUT_RDWR
from typing import Any

Json = dict[str, Any]

ANSWER_SECONDS = 10.0
WATCH_SECONDS = 300.0

# No proxy of the user's stands between this machine and its own loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def page(url: str) -> str:
    with _OPENER.open(url, timeout=ANSWER_SECONDS) as answer:
        text: str = answer.read().decode()
        return text


def send(url: str, method: str, body: Json | None = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, method=method, headers={"Content-Type": "application/json"}
    )
    with _OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
        answer.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A change and when this machine heard of it."""

    at_seconds: float
    type: str
    body: Json


@dataclass
class Stream:
    """Everything that a watch has brought so far."""

    seen: list[Seen] = field(default_factory=list)

    def first(self, is_it: Callable[[Seen], bool], within_seconds: float) -> Seen:
        deadline = time.monotonic() + within_seconds
        while True:
            for each in tuple(self.seen):
                if is_it(each):
                    return each
            assert time.monotonic() < deadline, f"the watch told of no such change: {self.types()}"
            time.sleep(0.01)

    def types(self) -> list[str]:
        return [f"{each.type} {each.body['metadata']['name']}" for each in self.seen]

    def read(self, answer: HTTPResponse) -> None:
        with suppress(OSError, HTTPException, ValueError):  # its end is ours
            while line := answer.readline():
                at_seconds = time.monotonic()
                event = json.loads(line)
                self.seen.append(
                    Seen(at_seconds=at_seconds, type=event["type"], body=event["object"])
                )


@contextmanager
def watching(server_url: str, path: str) -> Iterator[Stream]:
    """Watch a list from its present state on; `path` carries the selectors."""
    connection = HTTPConnection(server_url.removeprefix("http://"), timeout=WATCH_SECONDS)
    mark = "&" if "?" in path else "?"
    connection.request("GET", f"{path}{mark}watch=1")
    stream = Stream()
    reader = threading.Thread(target=stream.read, args=(connection.getresponse(),), daemon=True)
    reader.start()
    try:
        yield stream
    finally:
        connection.sock.shutdown(SHUT_RDWR)
        reader.join(ANSWER_SECONDS)
        connection.close()
