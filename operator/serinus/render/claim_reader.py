"""Who reads a claim again now and then: its files may be replaced while no pod starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from serinus.render.containers import Container
from serinus.render.metadata import Manifest, Owner, manifest
from serinus.render.model_files import VOLUME
from serinus.resource.names import (
    CONTENT_CONTAINER,
    REVISION_LABEL,
    VERSION_LABEL,
    pod_labels,
    reader_labels,
    reader_name,
)
from serinus.resource.revision import Revision
from serinus.resource.storage import Rereads

LONGEST_READING_SECONDS = 4 * 3600
"""A pod that finds no node, or no end, makes room for the next one after that."""
LATEST_START_SECONDS = 600
"""Without one, Kubernetes counts every start that was missed while its controllers were down."""

AS_THE_SERVERS = (
    "hostUsers",
    "imagePullSecrets",
    "nodeSelector",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccountName",
    "tolerations",
)
"""Of a pod's spec; no priority, which would drive others off their nodes to read a file."""

WITHOUT_A_MESH = {
    "labels": {"sidecar.istio.io/inject": "false"},
    "annotations": {"linkerd.io/inject": "disabled"},
}
"""A proxy beside a container that ends would keep the pod for ever."""


def claim_reader(owner: Owner, revision: Revision, rereads: Rereads) -> Iterator[Manifest]:
    """Make the CronJob of a revision whose files lie on a claim, if they are to be read.

    It goes with the resource in any case: it serves nobody, so there is nothing to be orphaned.
    """
    pod = revision.pod_template["spec"]
    reader = _reader_of(pod)
    if reader is None or rereads is Rereads.NEVER:
        return
    name = reader_name(owner.name, revision.digest)
    content = {
        "spec": {
            "schedule": _schedule(f"{owner.namespace}/{name}", rereads),
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": LATEST_START_SECONDS,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {"spec": _job(owner.name, revision.digest, pod, reader)},
        }
    }
    labels = {REVISION_LABEL: revision.digest, VERSION_LABEL: revision.version}
    yield manifest(
        replace(owner, is_owner=True), "batch/v1", "CronJob", name, content, labels=labels
    )


def _reader_of(pod: Mapping[str, Any]) -> Container | None:
    """The container that reads the files at a pod's start, where they outlive the pod."""
    on_claims = {
        each["name"] for each in pod.get("volumes") or () if each.get("persistentVolumeClaim")
    }
    for container in pod.get("initContainers") or ():
        if container["name"] == CONTENT_CONTAINER and VOLUME in on_claims:
            return dict(container)
    return None


def _schedule(name: str, rereads: Rereads) -> str:
    """Return a time of its own for each, so that not all claims are read at once."""
    minutes = int(sha256(name.encode()).hexdigest()[:8], 16) % (24 * 60)
    hour = minutes // 60 if rereads is Rereads.DAILY else "*"
    return f"{minutes % 60} {hour} * * *"


def _job(model: str, digest: str, pod: Mapping[str, Any], reader: Container) -> dict[str, Any]:
    labels = reader_labels(model, digest)
    metadata = {**WITHOUT_A_MESH, "labels": {**WITHOUT_A_MESH["labels"], **labels}}
    mounted = {mount["name"] for mount in reader["volumeMounts"]}
    spec = {
        **{key: pod[key] for key in AS_THE_SERVERS if pod.get(key) is not None},
        "affinity": _affinity(model, digest, pod),
        "automountServiceAccountToken": False,
        "containers": [reader],
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "volumes": [each for each in pod["volumes"] if each["name"] in mounted],
    }
    return {
        "backoffLimit": 0,
        "activeDeadlineSeconds": LONGEST_READING_SECONDS,
        "template": {"metadata": metadata, "spec": spec},
    }


def _affinity(model: str, digest: str, pod: Mapping[str, Any]) -> dict[str, Any]:
    """Only where the servers may be, and beside one: a claim may be for one node at a time."""
    on_nodes = (pod.get("affinity") or {}).get("nodeAffinity")
    beside = {
        "labelSelector": {"matchLabels": pod_labels(model, digest)},
        "topologyKey": "kubernetes.io/hostname",
    }
    preferred = [{"weight": 100, "podAffinityTerm": beside}]
    among_pods = {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
    return {"nodeAffinity": on_nodes, **among_pods} if on_nodes else among_pods
