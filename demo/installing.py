"""Puts in place what the story needs: images, the operator by its chart, an empty namespace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from cluster.commands import attempt, run
from cluster.errors import ClusterError
from cluster.kubectl import Kubectl
from cluster.locks import only_one
from cluster.programs import path_of
from cluster.recipes import Recipe
from cluster.steps import step
from cluster.target import Cluster
from demo.manifests.templates import fill
from demo.names import NAMESPACE, OPERATOR_NAMESPACE, OPERATOR_RELEASE
from serinus.resource.names import FINALIZER, PLURAL

ROOT = Path(__file__).resolve().parents[1]
BUILD_SECONDS = 900.0
READY_SECONDS = 120
EMPTY_SECONDS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What pods have to say to get them."""

    operator: str
    demo: str


def build_images(cluster: Cluster) -> Images:
    """Tagged by what they are made of, so that a change of the source is a change of the pod."""
    with ThreadPoolExecutor() as pool:
        operator = pool.submit(_build, cluster, "serinus", ROOT, {})
        sdk = {"sdk": ROOT / "sdk" / "serinus_sdk"}
        demo = pool.submit(_build, cluster, "serinus-demo", ROOT / "demo", sdk)
        return Images(operator=operator.result(), demo=demo.result())


def _build(cluster: Cluster, name: str, context: Path, more: Mapping[str, Path]) -> str:
    recipe = Recipe(context / "Containerfile", context, f"{name}:any", more=more)
    return cluster.build(replace(recipe, tag=f"{name}:{recipe.digest()[:12]}"))


def prepare(cluster: Cluster, kubectl: Kubectl, images: Images) -> None:
    """The old stage is cleared while the operator is upgraded: both wait more than they work."""
    with ThreadPoolExecutor() as pool:
        cleared = pool.submit(clear, kubectl)
        install_operator(cluster, images.operator)
        cleared.result()
    kubectl.run("apply", "-f", "-", stdin=fill("namespace", namespace=NAMESPACE))


def install_operator(cluster: Cluster, image: str) -> None:
    """As docs/install.md says, and in place where it runs already."""
    repository, _, tag = image.rpartition(":")
    values = {
        "image.repository": repository,
        "image.tag": tag,
        "prometheus.url": cluster.addresses().prometheus_in_cluster,
        "prometheus.scrapeInterval": "2s",
        "log.format": "text",
    }
    settings = [f"--set-string={key}={value}" for key, value in values.items()]
    # A release that another process is busy with looks just like an interrupted one.
    with only_one(f"release-{cluster.name}"), step("operator installed"):
        _end_what_was_interrupted(cluster)
        run(
            [
                *_helm(cluster),
                "upgrade",
                "--install",
                OPERATOR_RELEASE,
                ROOT / "charts/serinus",
                "--create-namespace",
                "--wait",
                f"--timeout={READY_SECONDS}s",
                *settings,
            ],
            timeout_seconds=READY_SECONDS + 30.0,
        )


def _end_what_was_interrupted(cluster: Cluster) -> None:
    """Helm refuses to upgrade a release whose last upgrade never ended; the CRD stays."""
    told = attempt(
        [*_helm(cluster), "status", OPERATOR_RELEASE, "--output=json"], timeout_seconds=30.0
    )
    if told.returncode == 0 and json.loads(told.stdout)["info"]["status"].startswith("pending"):
        run([*_helm(cluster), "uninstall", OPERATOR_RELEASE], timeout_seconds=60.0)


def _helm(cluster: Cluster) -> list[str | Path]:
    return [
        path_of("helm"),
        f"--kubeconfig={cluster.kubeconfig()}",
        f"--namespace={OPERATOR_NAMESPACE}",
    ]


def clear(kubectl: Kubectl) -> None:
    """Take away what an earlier run left, the pods of its models included."""
    if not kubectl.get("namespace", NAMESPACE):
        return
    with step("what an earlier run left is cleared away"):
        if not _namespace_is_deleted(kubectl):
            _take_finalizers_away(kubectl)
            if not _namespace_is_deleted(kubectl):
                raise ClusterError(f"namespace {NAMESPACE} can't be deleted: see its status")


def _namespace_is_deleted(kubectl: Kubectl) -> bool:
    # The models first: in a namespace that is going, all that the operator writes is refused.
    where, limit = f"--namespace={NAMESPACE}", f"--timeout={EMPTY_SECONDS}s"
    kubectl.succeeds("delete", PLURAL, "--all", where, limit)
    return kubectl.succeeds(
        "delete", "namespace", NAMESPACE, "--ignore-not-found", f"--timeout={EMPTY_SECONDS}s"
    )


def _take_finalizers_away(kubectl: Kubectl) -> None:
    """No operator ever came to let them go: see docs/uninstall.md."""
    for found in kubectl.get(PLURAL, f"--namespace={NAMESPACE}").get("items", []):
        metadata = found["metadata"]
        left = [each for each in metadata.get("finalizers", []) if each != FINALIZER]
        kubectl.run(
            "patch",
            PLURAL,
            metadata["name"],
            f"--namespace={NAMESPACE}",
            "--type=merge",
            f"--patch={json.dumps({'metadata': {'finalizers': left}})}",
        )
