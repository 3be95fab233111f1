"""The Deployment of one revision."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from math import ceil
from typing import Any

from serinus.render.metadata import Manifest, Owner, manifest
from serinus.resource.names import (
    RESTARTED_ANNOTATION,
    REVISION_LABEL,
    TRACK_LABEL,
    VERSION_LABEL,
    pod_labels,
    workload_name,
)
from serinus.resource.revision import Revision
from serinus.resource.spec import Spec


def deployment(
    owner: Owner, revision: Revision, spec: Spec, *, track: str, size: int, restart: str
) -> Manifest:
    """Return the Deployment; its template is the frozen one, with the restart it has to have."""
    content = {
        "spec": {
            "replicas": size,
            "selector": {"matchLabels": pod_labels(owner.name, revision.digest)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
            },
            "revisionHistoryLimit": 1,
            # To be shown only: what is decided rests on the spec's own.
            "progressDeadlineSeconds": _as_a_deadline(spec.rollout.progress_deadline),
            "template": _restarted(revision.pod_template, restart),
        }
    }
    labels = {
        REVISION_LABEL: revision.digest,
        VERSION_LABEL: revision.version,
        TRACK_LABEL: track,
    }
    name = workload_name(owner.name, revision.digest)
    return manifest(owner, "apps/v1", "Deployment", name, content, labels=labels)


def _as_a_deadline(seconds: float) -> int:
    """The nearest that the API server takes: a second at least, and what fits into 32 bits."""
    return max(1, min(ceil(seconds), 2**31 - 1))


def restart_of(before: str, restart_at: datetime | None, now: datetime) -> str:
    """Return which restart pods have to have: the one that is due, else what they had before.

    To take theirs away, because another is to come or none is asked for any more, would restart
    them.
    """
    is_due = restart_at is not None and now >= restart_at
    return restart_at.isoformat() if restart_at is not None and is_due else before


def _restarted(template: Any, restart: str) -> dict[str, Any]:
    copy: dict[str, Any] = deepcopy(dict(template))
    if restart:
        copy["metadata"].setdefault("annotations", {})[RESTARTED_ANNOTATION] = restart
    return copy
