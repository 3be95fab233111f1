"""Kubernetes in a container engine, by kind.

Written after kind's documentation and not tried where this was written: no container engine
could run there. The add-ons, charts and manifests are the ones of the local node, which is tried.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cluster import engines
from cluster.addons import GATEWAY_NODE_PORT, PROMETHEUS_NODE_PORT, Addons
from cluster.commands import run
from cluster.errors import ClusterError
from cluster.kubectl import Kubectl
from cluster.places import state_directory
from cluster.programs import path_of
from cluster.recipes import Recipe
from cluster.steps import say, step
from cluster.target import Addresses, addresses_at

NAME = "serinus"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class KindCluster:
    """One node in a container; its node ports answer on this machine's loopback."""

    name: str = "kind"

    def up(self) -> None:
        if not self.is_up():
            with step("kind create cluster"):
                self.kubeconfig().parent.mkdir(parents=True, exist_ok=True)
                self._kind(
                    "create",
                    "cluster",
                    "--config",
                    "-",
                    "--wait",
                    "180s",
                    "--kubeconfig",
                    str(self.kubeconfig()),
                    stdin=_settings(),
                )
        else:
            self._kind("export", "kubeconfig", "--kubeconfig", str(self.kubeconfig()))
        addons = Addons(Kubectl(self.kubeconfig()))
        addons.install()
        addons.wait()

    def down(self) -> None:
        if not self.is_up():
            say("there is no kind cluster of ours")
            return
        with step("kind delete cluster"):
            self._kind("delete", "cluster", "--kubeconfig", str(self.kubeconfig()))
        self.kubeconfig().unlink(missing_ok=True)

    def is_up(self) -> bool:
        listed = run([path_of("kind"), "get", "clusters"], env=_provider())
        return NAME in listed.split()

    def details(self) -> list[str]:
        return [f"kind cluster: {NAME}, by {_engine()}"]

    def kubeconfig(self) -> Path:
        return state_directory() / "kind.kubeconfig"

    def addresses(self) -> Addresses:
        return addresses_at(HOST)

    def build(self, recipe: Recipe) -> str:
        if not self.is_up():
            raise ClusterError("the kind cluster is not running: `python3 -m cluster up` first")
        reference = recipe.reference()
        with step(f"image {recipe.tag}"):
            build_with_engine(_engine(), recipe)
            with tempfile.TemporaryDirectory() as directory:
                # An archive serves both engines; `kind load docker-image` asks Docker alone.
                file = Path(directory) / "image.tar"
                run([_engine(), "save", "--output", file, reference])
                self._kind("load", "image-archive", str(file))
        return reference

    def _kind(self, verb: str, what: str, *flags: str, stdin: str | None = None) -> None:
        run([path_of("kind"), verb, what, "--name", NAME, *flags], env=_provider(), stdin=stdin)


def build_with_engine(engine: str, recipe: Recipe) -> None:
    """Build an image into the engine's own store; its own cache spares what is unchanged."""
    run(
        [
            engine,
            "build",
            "--tag",
            recipe.reference(),
            *recipe.arguments(),
            recipe.context,
        ]
    )


def _engine() -> str:
    if engine := engines.answering():
        return engine
    raise ClusterError("neither docker nor podman answers: start one, or use CLUSTER=local")


def _provider() -> dict[str, str]:
    return {"KIND_EXPERIMENTAL_PROVIDER": _engine()}


def _settings() -> str:
    ports = [
        {"containerPort": port, "hostPort": port, "listenAddress": HOST}
        for port in (GATEWAY_NODE_PORT, PROMETHEUS_NODE_PORT)
    ]
    nodes = [{"role": "control-plane", "extraPortMappings": ports}]
    return json.dumps({"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "nodes": nodes})
