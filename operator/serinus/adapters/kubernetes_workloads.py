"""A Deployment reduced to what decisions rest on: size, restart, and why it has no pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serinus.adapters.kubernetes_pods import LONGEST_TROUBLE, condition_of, words_of
from serinus.resource.names import RESTARTED_ANNOTATION


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSeen:
    """One Deployment."""

    size: int
    """Its `spec.replicas`."""
    trouble: str = ""
    """Why its pods are not made: a quota, an admission webhook, a service account that is gone."""
    restart: str = ""
    """The restart that its pod template names, "" for none."""


def read_workload(raw: Mapping[str, Any]) -> WorkloadSeen:
    """Return what decisions rest on."""
    spec, replicas = raw["spec"], raw["spec"].get("replicas")
    metadata = (spec.get("template") or {}).get("metadata") or {}
    failure = condition_of(raw.get("status") or {}, "ReplicaFailure")
    return WorkloadSeen(
        size=1 if replicas is None else int(replicas),
        trouble=words_of(failure)[:LONGEST_TROUBLE] if failure.get("status") == "True" else "",
        restart=(metadata.get("annotations") or {}).get(RESTARTED_ANNOTATION, ""),
    )
