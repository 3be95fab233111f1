"""A Deployment in a few words: how large, restarted when, and why its pods are not made."""

from typing import Any

import pytest

from serinus.adapters.kubernetes_workloads import WorkloadSeen, read_workload

QUOTA = 'pods "fraud-1" is forbidden: exceeded quota: gpus, requested: 1, used: 4, limited: 4'


def failing(status: str) -> dict[str, Any]:
    condition = {"type": "ReplicaFailure", "status": status, "reason": "FailedCreate"}
    available = {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable"}
    return {"conditions": [available, {**condition, "message": QUOTA}]}


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ({"spec": {}}, WorkloadSeen(size=1)),
        ({"spec": {"replicas": 0}}, WorkloadSeen(size=0)),
        (
            {"spec": {"replicas": 3}, "status": failing("True")},
            WorkloadSeen(size=3, trouble=f"FailedCreate: {QUOTA}"),
        ),
        ({"spec": {"replicas": 3}, "status": failing("False")}, WorkloadSeen(size=3)),
        (
            {
                "spec": {
                    "replicas": 3,
                    "template": {
                        "metadata": {"annotations": {"serinus.dev/restarted-at": "noon"}}
                    },
                }
            },
            WorkloadSeen(size=3, restart="noon"),
        ),
    ],
    ids=["one by default", "none", "refused pods", "refused no more", "restarted"],
)
def test_what_a_deployment_tells(raw: dict[str, Any], seen: WorkloadSeen) -> None:
    assert read_workload(raw) == seen
