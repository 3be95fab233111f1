"""The user's own cluster, used as it is: nothing is installed into it, nothing removed."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from cluster import engines
from cluster.addons import GATEWAY_NAMESPACE, MONITORING_NAMESPACE
from cluster.commands import run
from cluster.errors import ClusterError
from cluster.kind import build_with_engine
from cluster.kubectl import Kubectl
from cluster.recipes import Recipe
from cluster.steps import say, step
from cluster.target import Addresses

REGISTRY = "SERINUS_REGISTRY"


@dataclass(frozen=True)
class CurrentCluster:
    """Whatever the user's kubeconfig points at."""

    name: str = "current"

    def up(self) -> None:
        if not self.is_up():
            raise ClusterError(
                f"the cluster of {self.kubeconfig()} does not answer: "
                "see `kubectl config current-context`"
            )
        say("this is your own cluster: nothing is installed into it")

    def down(self) -> None:
        say("this is your own cluster: nothing is taken from it")

    def is_up(self) -> bool:
        return Kubectl(self.kubeconfig()).succeeds("get", "--raw", "/readyz")

    def details(self) -> list[str]:
        kubectl = Kubectl(self.kubeconfig())
        return [f"context: {kubectl.run('config', 'current-context').strip()}"]

    def kubeconfig(self) -> Path:
        given = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
        return Path(given) if given else Path.home() / ".kube" / "config"

    def addresses(self) -> Addresses:
        """Where they would be if they were installed as in the other clusters."""
        gateway = f"http://public.{GATEWAY_NAMESPACE}.svc.cluster.local"
        prometheus = f"http://prometheus.{MONITORING_NAMESPACE}.svc.cluster.local:9090"
        return Addresses(
            os.environ.get("SERINUS_GATEWAY_IN_CLUSTER", gateway),
            os.environ.get("SERINUS_GATEWAY", gateway),
            os.environ.get("SERINUS_PROMETHEUS_IN_CLUSTER", prometheus),
            os.environ.get("SERINUS_PROMETHEUS", prometheus),
        )

    def build(self, recipe: Recipe) -> str:
        registry = os.environ.get(REGISTRY, "")
        if not registry:
            raise ClusterError(
                f"set {REGISTRY} to a registry that your cluster pulls from and "
                "that you may push to, such as registry.example.com/team"
            )
        name = recipe.tag.rpartition("/")[2]
        pushed = replace(recipe, tag=f"{registry.rstrip('/')}/{name}")
        with step(f"image {pushed.tag}, built and pushed"):
            _build_and_push(pushed)
        return pushed.reference()


def _build_and_push(recipe: Recipe) -> None:
    engine = engines.answering()
    if engine:
        build_with_engine(engine, recipe)
        run([engine, "push", recipe.reference()])
    elif shutil.which("buildah"):
        run(["buildah", "bud", "--tag", recipe.reference(), *recipe.arguments(), recipe.context])
        run(["buildah", "push", recipe.reference()])
    else:
        raise ClusterError("no docker, podman or buildah to build an image with: install one")
