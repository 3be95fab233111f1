"""Chooses the cluster: by name, or by what this machine has."""

import os

from cluster import engines
from cluster.current import CurrentCluster
from cluster.errors import ClusterError
from cluster.kind import KindCluster
from cluster.local.provider import LocalCluster
from cluster.target import Cluster

VARIABLE = "CLUSTER"
NAMES = ("auto", "kind", "local", "current")


def chosen(name: str | None = None) -> Cluster:
    """The cluster called `name`, else the one $CLUSTER names, else what fits this machine."""
    wanted = name or os.environ.get(VARIABLE, "") or "auto"
    if wanted == "auto":
        # Never the current context: a demo must not land in somebody's real cluster.
        wanted = "kind" if engines.answering() else "local"
    if wanted == "kind":
        return KindCluster()
    if wanted == "local":
        return LocalCluster()
    if wanted == "current":
        return CurrentCluster()
    raise ClusterError(f"{VARIABLE}={wanted}: it is one of {', '.join(NAMES)}")
