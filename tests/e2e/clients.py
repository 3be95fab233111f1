"""Callers of a model, in a pod of their own, with an exact count of how each request ended."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import yaml

from demo.clients import read_last_words
from demo.load.rows import Protocol
from demo.manifests.templates import fill
from demo.names import LOAD_PORT
from demo.sights import Load, read_load
from tests.e2e.node import Node

LONGEST_SECONDS = 900
PATIENCE_SECONDS = 15
"""Longer than the gateway waits for a connection: a busy machine is slow, and loses nothing."""
ARRIVING_SECONDS = 60.0
LEAVING_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """They keep their connections, as real clients do: that is where shifts lose requests."""

    node: Node
    namespace: str
    pod: str

    def load(self) -> Load | None:
        pods = f"/api/v1/namespaces/{self.namespace}/pods"
        summary = self.node.server.get(f"{pods}/{self.pod}:{LOAD_PORT}/proxy/summary")
        return read_load(summary) if summary else None

    def counted(self) -> Load:
        load = self.load()
        assert load is not None, f"the clients in pod {self.pod} don't answer"
        return load

    def until_sent(self, requests: int, within_seconds: float = ARRIVING_SECONDS) -> Load:
        """Their count once they have sent so many requests more than now."""
        return self._until(requests + self._sent(), within_seconds)

    def _sent(self) -> int:
        load = self.load()
        return load.sent if load else 0

    def _until(self, sent: int, within_seconds: float) -> Load:
        deadline = time.monotonic() + within_seconds
        while True:
            load = self.load()
            if load is not None and load.sent >= sent:
                return load
            assert time.monotonic() < deadline, f"the clients sent too little: {load}"
            time.sleep(0.25)

    def leave(self) -> Load:
        """Their last words: every request still on its way has come back."""
        where = f"--namespace={self.namespace}"
        stop = "import os, signal; os.kill(1, signal.SIGTERM)"
        self.node.kubectl.run("exec", self.pod, where, "--", "python3", "-c", stop)
        gone = "--for=jsonpath={.status.phase}=Succeeded"
        self.node.kubectl.run(
            "wait", f"pod/{self.pod}", where, gone, f"--timeout={LEAVING_SECONDS}s"
        )
        return read_last_words(self.node.kubectl.run("logs", self.pod, where, "--tail=1"))


def clients_come(
    node: Node,
    namespace: str,
    url: str,
    *,
    host: str = "",
    pod: str = "load",
    rate_per_second: int = 60,
    protocol: Protocol = Protocol.FEATURES,
) -> Clients:
    """Start callers and wait until they get answers."""
    manifest = fill(
        "load",
        namespace=namespace,
        image=node.image,
        target_url=url,
        host_header=host,
        rate_per_second=rate_per_second,
        duration_seconds=LONGEST_SECONDS,
        new_connection_per_request="false",
    )
    made = next(each for each in yaml.safe_load_all(manifest) if each["kind"] == "Pod")
    made["metadata"]["name"] = pod
    made["spec"]["containers"][0]["env"] += [
        {"name": "TIMEOUT_SECONDS", "value": str(PATIENCE_SECONDS)},
        {"name": "PROTOCOL", "value": str(protocol)},
    ]
    node.kubectl.run("apply", "-f", "-", stdin=json.dumps(made))
    ready = ("--for=condition=Ready", f"--timeout={ARRIVING_SECONDS:g}s")
    node.kubectl.run("wait", f"pod/{pod}", f"--namespace={namespace}", *ready)
    clients = Clients(node=node, namespace=namespace, pod=pod)
    clients.until_sent(3 * rate_per_second)
    return clients


def lost(load: Load) -> dict[str, int]:
    """Requests that no version answered, by cause."""
    return dict(load.causes)
