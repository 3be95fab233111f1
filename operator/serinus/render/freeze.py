"""Freeze a revision: its pod template is rendered once, when it is first seen."""

from __future__ import annotations

from typing import Any

from serinus.render.model_files import with_files
from serinus.render.warmup import with_warmup
from serinus.resource.names import (
    METRICS_PATH_ANNOTATION,
    METRICS_PORT_ANNOTATION,
    config_copy_name,
    pod_labels,
)
from serinus.resource.references import rewrite_config_references
from serinus.resource.revision import Revision, Shows, Wanted
from serinus.resource.spec import Spec
from serinus.resource.storage import IMAGES, StorageImages
from serinus.servers.filling import filled, first_port, metrics_place

PRE_STOP_SLEEP_SECONDS = 5
"""Long enough for proxies to learn that the pod is going before it stops answering."""


def freeze(model: str, spec: Spec, wanted: Wanted, images: StorageImages = IMAGES) -> Revision:
    """Return the revision as it is stored; an operator upgrade renders it no second time."""
    whole = filled(
        wanted.template,
        spec.model.server,
        image=spec.model.image,
        served_name=spec.model.name,
        has_files=spec.model.uri is not None,
    )
    template = rewrite_config_references(whole, lambda name: _copied(model, wanted, name))
    metadata = template["metadata"] = template.get("metadata") or {}
    metadata["labels"] = {**(metadata.get("labels") or {}), **pod_labels(model, wanted.digest)}
    port, path = metrics_place(template, spec.model.server, spec.metrics.source)
    metadata["annotations"] = {
        METRICS_PORT_ANNOTATION: str(spec.metrics.port or port),
        METRICS_PATH_ANNOTATION: spec.metrics.path or path,
        **(metadata.get("annotations") or {}),
    }
    pod = with_files(template["spec"], spec.model, images)
    pod = template["spec"] = with_warmup(pod, spec.model.warmup, first_port(template), images)
    if pod.get("enableServiceLinks") is None:
        # A Service named like a model server would set variables that the server reads as its own.
        pod["enableServiceLinks"] = False
    sleep_seconds = _pre_stop_sleep_seconds(pod)
    pod["containers"] = [_serving(container, sleep_seconds) for container in pod["containers"]]
    copies = tuple(config_copy_name(model, wanted.digest, name) for name in wanted.config)
    return Revision(
        digest=wanted.digest,
        version=wanted.version,
        pod_template=template,
        config_names=copies,
        shows=Shows(server=spec.model.server, served_name=spec.model.name),
    )


def _copied(model: str, wanted: Wanted, name: str) -> str:
    # An optional ConfigMap that does not exist keeps its name, and stays absent.
    return config_copy_name(model, wanted.digest, name) if name in wanted.config else name


def _pre_stop_sleep_seconds(pod: dict[str, Any]) -> int:
    """Return how long to sleep; the API server refuses more than the pod's grace period."""
    grace = pod.get("terminationGracePeriodSeconds")
    return PRE_STOP_SLEEP_SECONDS if grace is None else min(PRE_STOP_SLEEP_SECONDS, int(grace))


def _serving(container: dict[str, Any], sleep_seconds: int) -> dict[str, Any]:
    """Add what a container needs to go without a lost request, or with its last words."""
    # What is written as null is not there, in Kubernetes as here.
    lifecycle = container.get("lifecycle") or {}
    if not lifecycle.get("preStop") and sleep_seconds > 0:
        lifecycle = {**lifecycle, "preStop": {"sleep": {"seconds": sleep_seconds}}}
    return {
        "terminationMessagePolicy": "FallbackToLogsOnError",  # so that events tell why it crashed
        **container,
        "lifecycle": lifecycle,
    }
