"""The node on this machine, as a cluster like the others."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from cluster import baseimage, charts, nodeimages, programs
from cluster.addons import MANIFESTS, Addons
from cluster.errors import ClusterError
from cluster.kubectl import Kubectl
from cluster.local import containerd, controlplane, imports, kubelet, node, processes
from cluster.local.layout import DNS_SERVICE_ADDRESS, NODE_ADDRESS, Layout, layout
from cluster.recipes import Recipe
from cluster.steps import say, step
from cluster.target import Addresses, addresses_at


@dataclass(frozen=True)
class LocalCluster:
    """One node from pinned sources; needs root and Linux, but no container engine."""

    name: str = "local"

    def up(self) -> None:
        files = layout()
        node.prepare(files)
        _build_and_fetch()
        with ThreadPoolExecutor() as pool:
            images = pool.submit(_containerd_with_images, files)
            pool.submit(controlplane.ensure, files).result()
            images.result()
        node.start(files)
        self._addons(files)

    def down(self) -> None:
        files = layout()
        if not node.remaining(files):
            say("nothing is running, and nothing is left")
            return
        with step("node taken down"):
            node.remove(files)
        if left := node.remaining(files):
            raise ClusterError(
                "still there: " + ", ".join(left) + ". Run `down` once more; "
                "what stays then is held by a process of another program"
            )

    def is_up(self) -> bool:
        return node.is_up(layout())

    def details(self) -> list[str]:
        daemons = processes.recorded(layout())
        return [
            f"{each.name}: process {each.pid} {'runs' if each.alive() else 'has ENDED'}"
            for each in daemons
        ] + [f"logs: {layout().logs}"]

    def kubeconfig(self) -> Path:
        return layout().kubeconfig

    def addresses(self) -> Addresses:
        return addresses_at(NODE_ADDRESS)

    def build(self, recipe: Recipe) -> str:
        if not processes.running(layout(), "containerd"):
            raise ClusterError("the local node is not running: `python3 -m cluster up` first")
        arguments = {"BASE": baseimage.ensure(), **recipe.build_args}
        return imports.build_and_load(layout(), replace(recipe, build_args=arguments))

    def _addons(self, files: Layout) -> None:
        addons = Addons(
            Kubectl(files.kubeconfig),
            nodeimages.PROMETHEUS.reference(),
            nodeimages.ENVOY.reference(),
            nodeimages.ENVOY_GATEWAY.reference(),
            {
                "COREDNS_IMAGE": nodeimages.COREDNS.reference(),
                "DNS_ADDRESS": DNS_SERVICE_ADDRESS,
                "FORWARD": _forward(),
            },
        )
        digest = _digest_of(addons)
        applied = files.state / "addons"
        if not applied.exists() or applied.read_text() != digest:
            addons.install()
            applied.write_text(digest)
        addons.wait()


def _build_and_fetch() -> None:
    """All programs and images: what waits for the compiler next to what waits for the network."""
    with ThreadPoolExecutor() as pool:
        fetched = pool.submit(_fetch)
        programs.kubernetes().ensure()
        programs.node().ensure()
        fetched.result()


def _fetch() -> None:
    programs.clients().ensure()
    charts.envoy_gateway()
    programs.envoy().ensure()
    if not imports.complete(layout()):
        for image in nodeimages.WITHOUT_BUILD:
            image.build()


def _containerd_with_images(files: Layout) -> None:
    containerd.ensure(files)
    imports.ensure_node_images(files)


def _forward() -> str:
    """Where names outside the cluster are looked up; nowhere, where the machine has no servers."""
    servers = kubelet.upstream_name_servers()
    return f"forward . {' '.join(servers)}" if servers else "# no name servers outside"


def _digest_of(addons: Addons) -> str:
    content = [file.read_bytes() for file in sorted(MANIFESTS.iterdir())]
    return hashlib.sha256(repr((content, addons)).encode()).hexdigest()
