"""What every kind of cluster can do, whichever it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cluster.addons import (
    GATEWAY_NAMESPACE,
    GATEWAY_NODE_PORT,
    MONITORING_NAMESPACE,
    PROMETHEUS_NODE_PORT,
)
from cluster.recipes import Recipe


@dataclass(frozen=True)
class Addresses:
    """Where the shared parts answer: seen from a pod, and seen from this machine."""

    gateway_in_cluster: str
    gateway: str
    prometheus_in_cluster: str
    prometheus: str


class Cluster(Protocol):
    """One cluster to try serinus on."""

    @property
    def name(self) -> str: ...

    def up(self) -> None:
        """Make it run, whatever state it is in; harmless when it does."""

    def down(self) -> None:
        """Take it away without a trace; harmless when it is not there."""

    def is_up(self) -> bool:
        """Whether it can be used as it is."""

    def details(self) -> list[str]:
        """What there is to tell about it, a line each."""

    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""

    def addresses(self) -> Addresses:
        """Where its gateway and its Prometheus answer."""

    def build(self, recipe: Recipe) -> str:
        """Build an image, bring it into the cluster, and return the name pods call it by."""


def addresses_at(host: str) -> Addresses:
    """The addresses when node ports answer at `host`."""
    return Addresses(
        gateway_in_cluster=f"http://public.{GATEWAY_NAMESPACE}.svc.cluster.local",
        gateway=f"http://{host}:{GATEWAY_NODE_PORT}",
        prometheus_in_cluster=f"http://prometheus.{MONITORING_NAMESPACE}.svc.cluster.local:9090",
        prometheus=f"http://{host}:{PROMETHEUS_NODE_PORT}",
    )
