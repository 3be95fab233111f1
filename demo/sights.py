"""What one look at the cluster shows: the resource's status, the clients' counts, the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from serinus.resource.status import Fate, RevisionRecord, Status, parse_status

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one version answered the clients."""

    requests: int
    null_outputs: int
    model_errors: int
    first_seen: float
    last_seen: float
    p99_seconds: float

    @property
    def bad(self) -> int:
        return self.null_outputs + self.model_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The clients' own count of what they sent and what came back."""

    at: float = 0.0
    sent: int = 0
    skipped: int = 0
    failures: int = 0
    """Requests that no version answered: lost on the way."""
    causes: Mapping[str, int] = field(default_factory=dict)
    served: Mapping[str, Served] = field(default_factory=dict)
    is_final: bool = False

    def by(self, version: str) -> Served:
        return self.served.get(version, NOTHING_SERVED)


NOTHING_SERVED = Served(
    requests=0, null_outputs=0, model_errors=0, first_seen=0.0, last_seen=0.0, p99_seconds=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Everything seen in one look."""

    at: float
    generation: int = 0
    status: Status = field(default_factory=Status)
    load: Load | None = None

    @property
    def is_up_to_date(self) -> bool:
        """Whether the status speaks of the spec as it is now."""
        return 0 < self.generation <= self.status.observed_generation

    def fate_of(self, version: str) -> Fate | None:
        record = self.record_of(version)
        return record.fate if record else None

    def record_of(self, version: str) -> RevisionRecord | None:
        return next((past for past in self.status.history if past.version == version), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event, as the operator told it."""

    at: float
    reason: str
    message: str
    is_warning: bool = False


def read_sight(at: float, resource: Json | None, summary: Json | None) -> Sight:
    resource = resource or {}
    return Sight(
        at=at,
        generation=int(resource.get("metadata", {}).get("generation", 0)),
        status=parse_status(resource.get("status")),
        load=read_load(summary) if summary else None,
    )


def read_load(summary: Json) -> Load:
    failures = summary["traffic_failures"]
    return Load(
        at=float(summary["at"]),
        sent=int(summary["sent"]),
        skipped=int(summary["skipped"]),
        failures=int(failures["total"]),
        causes=dict(failures["by_cause"]),
        served={name: _served(counts) for name, counts in summary["versions"].items()},
        is_final=bool(summary["final"]),
    )


def _served(counts: Json) -> Served:
    return Served(
        requests=int(counts["requests"]),
        null_outputs=int(counts["null_outputs"]),
        model_errors=int(counts["model_errors"]),
        first_seen=float(counts["first_seen"]),
        last_seen=float(counts["last_seen"]),
        p99_seconds=float(counts["latency_seconds"]["p99"]),
    )


def read_events(listed: Json) -> list[Told]:
    """The events in the order in which they happened."""
    return sorted((_told(event) for event in listed.get("items", [])), key=lambda told: told.at)


def _told(event: Json) -> Told:
    moment = event.get("eventTime") or event.get("firstTimestamp")
    return Told(
        at=_seconds(moment or event["metadata"]["creationTimestamp"]),
        reason=event.get("reason") or "",
        message=event.get("message") or "",
        is_warning=event.get("type") == "Warning",
    )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
