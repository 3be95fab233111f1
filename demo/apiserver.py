"""Asks the API server through `kubectl proxy`, so that any kubeconfig and any login will do."""

from __future__ import annotations

import json
import selectors
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote

from cluster.programs import path_of
from demo.errors import UnreachableError
from demo.names import LOAD_POD, LOAD_PORT, MODEL, NAMESPACE
from demo.sights import Json
from serinus.resource.names import API_VERSION, KIND, PLURAL

STARTING_SECONDS = 15.0
ANSWER_SECONDS = 5.0

_PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
_RESOURCE = f"/apis/{API_VERSION}/namespaces/{NAMESPACE}/{PLURAL}/{MODEL}"
_SUMMARY = f"{_PODS}/{LOAD_POD}:{LOAD_PORT}/proxy/summary"
_EVENTS = f"/api/v1/namespaces/{NAMESPACE}/events?fieldSelector=" + quote(
    f"involvedObject.kind={KIND},involvedObject.name={MODEL}"
)
# No proxy of the user's stands between this machine and its own loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class ApiServer:
    """The API server as plain JSON."""

    url: str

    def get(self, path: str) -> Json | None:
        """The answer; None for what does not exist, or does not answer yet behind it."""
        try:
            with _OPENER.open(f"{self.url}{path}", timeout=ANSWER_SECONDS) as answer:
                read: Json = json.load(answer)
                return read
        except urllib.error.HTTPError as refusal:
            if refusal.code in {404, 503}:
                return None
            raise UnreachableError(f"{path}: {refusal}") from refusal
        except (OSError, HTTPException, ValueError) as error:
            raise UnreachableError(f"{path}: {error}") from error

    def resource(self) -> Json | None:
        return self.get(_RESOURCE)

    def load_summary(self) -> Json | None:
        """The clients' counts, which the API server fetches from their pod."""
        return self.get(_SUMMARY)

    def events(self) -> Json:
        return self.get(_EVENTS) or {}

    def pods(self, namespace: str, labels: str) -> list[Json]:
        query = f"labelSelector={quote(labels)}"
        listed = self.get(f"/api/v1/namespaces/{namespace}/pods?{query}") or {}
        return list(listed.get("items", []))


@contextmanager
def api_server(kubeconfig: Path) -> Iterator[ApiServer]:
    command = [path_of("kubectl"), f"--kubeconfig={kubeconfig}", "proxy", "--port=0"]
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as proxy:
        try:
            yield ApiServer(f"http://{_address(proxy)}")
        finally:
            proxy.terminate()


def _address(proxy: subprocess.Popen[str]) -> str:
    """It says "Starting to serve on 127.0.0.1:40123" once it does."""
    said = ""
    with selectors.DefaultSelector() as selector:
        if proxy.stdout is not None:
            selector.register(proxy.stdout, selectors.EVENT_READ)
            said = proxy.stdout.readline() if selector.select(STARTING_SECONDS) else ""
    if " on " not in said:
        raise UnreachableError(f"`kubectl proxy` did not start: {said.strip() or 'not a word'}")
    return said.split()[-1]
