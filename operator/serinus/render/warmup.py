"""The container that warms a model up: while it has not, the pod is not ready."""

from __future__ import annotations

import json
from typing import Any

from serinus.render.containers import CONFINED, placed
from serinus.render.programs import program
from serinus.resource.storage import StorageImages
from serinus.resource.warmup import Warmup, WarmupRequest

WARMER = "model-warmup"
PROBE_PORT = 9466


def with_warmup(
    pod: dict[str, Any], warmup: Warmup | None, first_port: int, images: StorageImages
) -> dict[str, Any]:
    """Return a pod's spec with a native sidecar, whose readiness is part of the pod's own.

    What is written for a container of its name wins.
    """
    if warmup is None:
        return pod
    before = list(pod.get("initContainers") or ())
    warmer = _warmer(warmup, first_port, images)
    return {**pod, "initContainers": placed(before, warmer, at=len(before))}


def _warmer(warmup: Warmup, first_port: int, images: StorageImages) -> dict[str, Any]:
    plan = {
        "port": warmup.port or first_port,
        "requests": [_request(each) for each in warmup.requests],
        "timeoutSeconds": warmup.timeout,
        "patienceSeconds": warmup.patience,
        "probePort": PROBE_PORT,
    }
    # The kubelet makes one dollar of two, and would look for a variable behind a single one.
    text = json.dumps(plan, separators=(",", ":"), ensure_ascii=False).replace("$(", "$$(")
    return {
        "name": WARMER,
        "image": images.warmup,
        "restartPolicy": "Always",
        "command": ["python3", "-c", program("warmup.py")],
        "env": [{"name": "WARMUP", "value": text}],
        "readinessProbe": {"tcpSocket": {"port": PROBE_PORT}, "periodSeconds": 2},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "securityContext": CONFINED,
    }


def _request(request: WarmupRequest) -> dict[str, Any]:
    return request.model_dump(mode="json", by_alias=True, exclude_none=True)
