"""A Deployment reduced to what decisions rest on: size, and why it has no pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serinus.adapters.kubernetes_pods import LONGEST_TROUBLE, condition_of, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSeen:
    """One Deployment."""

    size: int
    """Its `spec.replicas`."""
    trouble: str = ""
    """Why its pods are not made: a quota, an admission webhook, a service account that is gone."""


def read_workload(raw: Mapping[str, Any]) -> WorkloadSeen:
    """Return what decisions rest on."""
    replicas = raw["spec"].get("replicas")
    failure = condition_of(raw.get("status") or {}, "ReplicaFailure")
    return WorkloadSeen(
        size=1 if replicas is None else int(replicas),
        trouble=words_of(failure)[:LONGEST_TROUBLE] if failure.get("status") == "True" else "",
    )
