"""What a person on call would look at first when the story went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cluster.commands import attempt
from cluster.programs import path_of
from demo.names import MODEL, NAMESPACE, OPERATOR_LABELS, OPERATOR_NAMESPACE

MOST_LINES = 80
PATIENCE_SECONDS = 20.0

_MODEL = f"--namespace={NAMESPACE}"
_OPERATOR = f"--namespace={OPERATOR_NAMESPACE}"
LOOKS: tuple[tuple[str, ...], ...] = (
    ("get", "mlmd,deployments,pods", _MODEL, "--output=wide"),
    ("get", "mlmd", MODEL, _MODEL, "--output=jsonpath={.status}"),
    ("get", "events", _MODEL, "--sort-by=.lastTimestamp"),
    ("get", "httproute", MODEL, _MODEL, "--output=yaml"),
    ("logs", _MODEL, f"--selector=serinus.dev/model={MODEL}", "--prefix", "--tail=10"),
    ("get", "pods", _OPERATOR, "--output=wide"),
    ("logs", _OPERATOR, f"--selector={OPERATOR_LABELS}", "--tail=60"),
)


def look_around(kubeconfig: Path) -> Iterator[str]:
    kubectl: list[str | Path] = [path_of("kubectl"), f"--kubeconfig={kubeconfig}"]
    for look in LOOKS:
        said = attempt([*kubectl, *look], timeout_seconds=PATIENCE_SECONDS)
        lines = (said.stdout + said.stderr).strip().splitlines()
        yield f"$ kubectl {' '.join(look)}"
        yield from (f"  {line}" for line in lines[-MOST_LINES:])
