"""What all tests here share: a node with the operator on it, and the images of its models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cluster.commands import run
from cluster.kubectl import Kubectl
from cluster.programs import path_of
from cluster.providers import chosen
from cluster.target import Addresses
from demo.apiserver import ApiServer, api_server
from demo.installing import build_images, install_operator
from demo.names import OPERATOR_NAMESPACE
from tests.e2e.installed import Operator
from tests.e2e.proxied import Json, page

CLI_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The cluster and the ways to reach it."""

    kubeconfig: Path
    kubectl: Kubectl
    server: ApiServer
    addresses: Addresses
    image: str
    """Of the model servers and of the clients."""
    operator: Operator

    def helm(self, *words: str) -> str:
        where = [f"--kubeconfig={self.kubeconfig}", f"--namespace={OPERATOR_NAMESPACE}"]
        return run([path_of("helm"), *where, *words])

    def prometheus(self, query: str) -> list[Json]:
        """What the node's Prometheus answers now."""
        asked = f"{self.addresses.prometheus}/api/v1/query?query={quote(query)}"
        found: list[Json] = json.loads(page(asked))["data"]["result"]
        return found

    def serinus(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`kubectl serinus ...`, as a person types it."""
        return subprocess.run(
            [sys.executable, "-m", "serinus.cli", *words],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=CLI_SECONDS,
            check=False,
        )


@contextmanager
def prepared_node() -> Iterator[Node]:
    """The node of `make cluster`, with the operator installed by its chart."""
    cluster = chosen()
    images = build_images(cluster)
    install_operator(cluster, images.operator)
    kubectl = Kubectl(cluster.kubeconfig())
    with api_server(cluster.kubeconfig()) as server:
        operator = Operator(kubectl, server)
        operator.forget_older_counts()
        yield Node(
            kubeconfig=cluster.kubeconfig(),
            kubectl=kubectl,
            server=server,
            addresses=cluster.addresses(),
            image=images.demo,
            operator=operator,
        )
