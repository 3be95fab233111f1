"""What a person on call would look at first when the story went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cluster.addons import GATEWAY_NAMESPACE
from cluster.commands import attempt
from cluster.programs import path_of
from demo.names import MODEL, NAMESPACE, OPERATOR_LABELS, OPERATOR_NAMESPACE

MOST_LINES = 80
PATIENCE_SECONDS = 20.0

ENVOY_LABELS = "app.kubernetes.io/managed-by=envoy-gateway"
"""Of the gateways on the node: their logs have the requests that failed, with flags of Envoy."""

_OPERATOR = f"--namespace={OPERATOR_NAMESPACE}"
_GATEWAY = f"--namespace={GATEWAY_NAMESPACE}"


def looks(namespace: str, model: str) -> tuple[tuple[str, ...], ...]:
    where = f"--namespace={namespace}"
    return (
        ("get", "mlmd,deployments,pods", where, "--output=wide"),
        ("get", "mlmd", model, where, "--output=jsonpath={.status}"),
        ("get", "events", where, "--sort-by=.metadata.creationTimestamp"),
        ("get", "httproute", model, where, "--output=yaml"),
        ("logs", where, f"--selector=serinus.dev/model={model}", "--prefix", "--tail=10"),
        ("get", "pods", _OPERATOR, "--output=wide"),
        ("logs", _OPERATOR, f"--selector={OPERATOR_LABELS}", "--tail=60"),
        ("logs", _GATEWAY, f"--selector={ENVOY_LABELS}", "--container=envoy", "--tail=20"),
    )


def look_around(kubeconfig: Path, namespace: str = NAMESPACE, model: str = MODEL) -> Iterator[str]:
    kubectl: list[str | Path] = [path_of("kubectl"), f"--kubeconfig={kubeconfig}"]
    for look in looks(namespace, model):
        said = attempt([*kubectl, *look], timeout_seconds=PATIENCE_SECONDS)
        lines = (said.stdout + said.stderr).strip().splitlines()
        yield f"$ kubectl {' '.join(look)}"
        yield from (f"  {line}" for line in lines[-MOST_LINES:])
