"""A server on loopback that answers as it is told, and remembers what it was asked."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    held: threading.Event | None = None
    """Nothing is answered before this is set."""
    held_path: str = ""
    """The only path of which that holds; of all without."""


def success(*series: dict[str, Any], **more: Any) -> Reply:
    data = {"resultType": "matrix", "result": list(series)}
    return Reply({"status": "success", "data": data, **more})


def failure(status: int, kind: str, words: str) -> Reply:
    return Reply({"status": "error", "errorType": kind, "error": words}, status)


@dataclass
class Stub:
    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    """One a request; the last one for all that follow."""
    asked: list[dict[str, str]] = field(default_factory=list)
    credentials: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    """As they arrived, names in small letters."""
    targets: list[str] = field(default_factory=list)
    """Path and query as they arrived."""
    forms: list[dict[str, str]] = field(default_factory=list)
    """What was posted, as a form."""
    bodies: list[str] = field(default_factory=list)
    """What was posted."""


@contextmanager
def serving(*replies: Reply, tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Stub]:
    stub = Stub(replies=list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            question = {name: values[0] for name, values in parse_qs(address.query).items()}
            stub.asked.append({"path": address.path, **question})
            stub.credentials.append(self.headers.get("Authorization"))
            stub.headers.append({name.lower(): value for name, value in self.headers.items()})
            stub.targets.append(self.path)
            reply = stub.replies.pop(0) if len(stub.replies) > 1 else stub.replies[0]
            time.sleep(reply.delay_seconds)
            if reply.held and reply.held_path in {"", address.path}:
                reply.held.wait()
            is_text = isinstance(reply.body, str)
            body = (reply.body if is_text else json.dumps(reply.body)).encode()
            # A traceback in a thread parses source: not in two at once with CPython 3.11.
            with suppress(ConnectionError):
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            stub.bodies.append(content)
            stub.forms.append({name: values[0] for name, values in parse_qs(content).items()})
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Tests have their own words."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stub.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
