"""What the cluster and the clients say, in the words of those who say it: status and tally."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from demo.load.outcome import Kind, Outcome
from demo.load.tally import Tally
from demo.names import FIRST, GOOD
from serinus.resource.status import (
    Fate,
    Phase,
    RevisionRecord,
    Rollout,
    ServingRevision,
    Status,
    Verdict,
    VerdictValue,
)

START = datetime(2030, 1, 1, tzinfo=UTC)
START_SECONDS = START.timestamp()


def record(version: str, fate: Fate, reason: str = "", message: str = "") -> RevisionRecord:
    return RevisionRecord(
        revision=f"r{version}",
        version=version,
        fate=fate,
        reason=reason,
        message=message,
        at=START,
    )


def rollout(version: str = GOOD, weight: int = 20, **changes: Any) -> Rollout:
    told: dict[str, Any] = {
        "revision": f"r{version}",
        "version": version,
        "started_at": START,
        "capacity_asked_at": START,
        "step_entered_at": START,
        "weight": weight,
    }
    return Rollout(**{**told, **changes})


def verdict(objective: str, value: VerdictValue) -> Verdict:
    return Verdict(objective=objective, verdict=value, message="2 of 60 null outputs")


def status(**changes: Any) -> Status:
    told: dict[str, Any] = {
        "observed_generation": 1,
        "phase": Phase.HEALTHY,
        "stable": ServingRevision(revision="rv1", version=FIRST, since=START),
        "stable_version": FIRST,
    }
    on_trial = changes.get("rollout")
    if on_trial is not None:
        told |= {
            "phase": Phase.PROGRESSING,
            "canary_version": on_trial.version,
            "weight": on_trial.weight,
            "step": "1/2",
        }
    return Status(**{**told, **changes})


def resource(told: Status | None = None, generation: int = 1) -> dict[str, Any]:
    content = (told or status()).model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"metadata": {"generation": generation}, "status": content}


def summary(
    answers: Mapping[str, int] | None = None,
    *,
    nulls: Mapping[str, int] | None = None,
    lost: int = 0,
    final: bool = False,
    at: float = START_SECONDS,
) -> dict[str, Any]:
    """What GET /summary of the load generator answers."""
    tally = Tally()
    for version, count in (answers or {}).items():
        for number in range(count):
            is_null = number < (nulls or {}).get(version, 0)
            prediction = None if is_null else 0.9
            tally.add(Outcome(at, 0.01, Kind.ANSWERED, 200, version, prediction, label=1))
    for _ in range(lost):
        tally.add(Outcome(at, 0.01, Kind.TRAFFIC_FAILURE, cause="reset"))
    tally.sent = tally.outcomes
    return {"at": at, "elapsed_seconds": 1.0, "final": final, **tally.summary()}


def event(reason: str, seconds: int, kind: str = "Normal") -> dict[str, Any]:
    """An event as core/v1 shows one that was written by events.k8s.io/v1."""
    moment = START.replace(second=seconds).isoformat().replace("+00:00", "Z")
    return {
        "metadata": {"creationTimestamp": moment},
        "eventTime": moment,
        "reason": reason,
        "message": f"{reason} happened",
        "type": kind,
    }
