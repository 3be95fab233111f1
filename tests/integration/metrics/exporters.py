"""Pods that show metrics as a model server does, and whose truth is known."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from tests.integration.metrics.server import Target

SCRAPED_WITHIN_SECONDS = 60.0

EDGES = ("0.1", "0.5", "1", "+Inf")


@dataclass
class Pod:
    """One pod: what its process shows now, and what it has counted in all its lives."""

    name: str
    counters: dict[str, float] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    truth: dict[str, float] = field(default_factory=dict)
    is_reachable: bool = True
    late_seconds: float = 0.0
    """How long a scrape waits for what it is told, which is as of then."""

    def serve(self, count: int, errors: int = 0, slow: int = 0) -> None:
        """Count requests, some of them failing, some of them taking 0.7 s."""
        self._add('model_requests_total{code="200"}', count - errors)
        if errors:  # a label value appears with its first event
            self._add('model_requests_total{code="503"}', errors)
        for edge in EDGES:
            within = count - (slow if float(edge) < 0.7 else 0)
            self._add(f'model_request_duration_seconds_bucket{{le="{edge}"}}', within)

    def restart(self) -> None:
        """Start the process again: its counters are gone."""
        self.counters = {}

    def _add(self, series: str, count: float) -> None:
        for numbers in (self.counters, self.truth):
            numbers[series] = numbers.get(series, 0.0) + count

    @property
    def exposition(self) -> tuple[str, bytes] | None:
        if not self.is_reachable:
            return None
        time.sleep(self.late_seconds)
        return "text/plain; version=0.0.4", self.text.encode()

    @property
    def text(self) -> str:
        names = {series.split("{")[0] for series in self.counters}
        histogram = "model_request_duration_seconds"
        types = [f"# TYPE {name} counter" for name in sorted(names) if histogram not in name]
        shown = {**self.counters, **self.gauges}
        lines = [f"# TYPE {histogram} histogram", *types]
        return "\n".join([*lines, *(f"{series} {shown[series]}" for series in shown)]) + "\n"


class Shown(Protocol):
    """Whatever shows metrics."""

    @property
    def exposition(self) -> tuple[str, bytes] | None:
        """Content type and body, None where it can't be reached."""


@dataclass
class Pods:
    """All of them behind one port, a path each."""

    pods: Mapping[str, Shown]
    server: ThreadingHTTPServer = field(init=False)
    thread: threading.Thread = field(init=False)
    scrapes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """So many, by path and by who came."""

    def start(self) -> None:
        pods, scrapes = self.pods, self.scrapes

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shown = pods[self.path.removeprefix("/")].exposition
                kind, body = shown or ("text/plain", b"")
                # A traceback in a thread parses source: not in two at once with CPython 3.11.
                with suppress(ConnectionError):
                    self.send_response(503 if shown is None else 200)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    scrapes[self.path, self.headers.get("User-Agent", "")] += 1

            def log_message(self, *args: object) -> None:
                """Scrapes are many."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def rest(self, scrapes: int) -> None:
        """Wait until every Prometheus has come to every pod so often, on whatever machine."""
        deadline = time.monotonic() + SCRAPED_WITHIN_SECONDS
        wanted = {one: count + scrapes for one, count in list(self.scrapes.items())}
        while any(self.scrapes[one] < count for one, count in wanted.items()):
            assert time.monotonic() < deadline, f"not {wanted}, but {self.scrapes}"
            time.sleep(0.02)

    @property
    def targets(self) -> tuple[Target, ...]:
        address = f"127.0.0.1:{self.server.server_port}"
        return tuple(
            Target(address, f"/{name}", {"namespace": "prod", "pod": name, "instance": name})
            for name in self.pods
        )
