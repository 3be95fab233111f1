"""The resource's status: all that is remembered between ticks, and what people read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from serinus.errors import StatusUnreadable
from serinus.resource.calibration import Calibration
from serinus.resource.faults import told
from serinus.resource.told import Short, Text, Time, Told, format_time
from serinus.resource.verdict import ObjectiveInForce, PolicyInForce, Verdict, VerdictValue

__all__ = [
    "Calibration",
    "Condition",
    "Draining",
    "Fate",
    "Memory",
    "ObjectiveInForce",
    "Phase",
    "PolicyInForce",
    "RevisionRecord",
    "Rollout",
    "ServingRevision",
    "Status",
    "TerminalDecision",
    "TerminalKind",
    "Verdict",
    "VerdictValue",
    "format_time",
    "parse_status",
]


class Phase(StrEnum):
    """Where a resource stands, in one word."""

    PENDING = "Pending"
    """The first revision is not serving yet."""
    HEALTHY = "Healthy"
    """The wanted revision is stable and serves, or is to have no pods."""
    DEGRADED = "Degraded"
    """The wanted revision is stable, and none of its pods is ready."""
    PROGRESSING = "Progressing"
    """A canary is on its way."""
    PAUSED = "Paused"
    """A step waits for a duration or for a person."""
    SUSPENDED = "Suspended"
    """spec.paused: nothing is decided."""
    PROMOTING = "Promoting"
    ROLLING_BACK = "RollingBack"
    ROLLED_BACK = "RolledBack"
    """The wanted revision failed; stable serves."""
    INVALID = "Invalid"
    """The spec can't be followed; the last good state serves."""


class Fate(StrEnum):
    """How a revision's rollout ended."""

    INSTALLED = "Installed"
    PROMOTED = "Promoted"
    ROLLED_BACK = "RolledBack"
    ABORTED = "Aborted"
    SUPERSEDED = "Superseded"
    REVERTED = "Reverted"


class TerminalKind(StrEnum):
    """Decisions that are stored before they are performed and never taken twice."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


class TerminalDecision(Told):
    """A stored decision that a restart finishes and does not decide anew."""

    id: Short
    kind: TerminalKind
    revision: Short
    fate: Fate
    reason: Short
    message: Text
    at: Time


class ServingRevision(Told):
    """The revision that is stable."""

    revision: Short
    version: Short
    since: Time


class Rollout(Told):
    """One revision's way from canary to stable, so far."""

    revision: Short
    version: Short
    started_at: Time
    weight: int = 0
    """The weight decided last, in percent."""
    step: int = 0
    """Index of the step stood on or prepared for."""
    steps: int = 1
    step_entered_at: Time | None = None
    """When the step's weight was set; none before."""
    capacity_asked_at: Time
    """Since when pods are waited for (the progress deadline counts from here)."""
    evidence_since: Time | None = None
    """When the canary got its first traffic."""
    failing_since: dict[str, Time] = Field(default_factory=dict)
    """Since when queries fail, by the name of an objective that has something to say to that."""
    approved_step: int = -1
    revivals: int = 0
    """How often the canary lost all its pods and came back."""
    waited_seconds: float = 0.0
    """Time spent waiting for people, not counted in maxDuration."""
    waiting_since: Time | None = None

    @property
    def id(self) -> str:
        """Tell this rollout from another of the same revision, after a retry."""
        return f"{self.revision}/{format_time(self.started_at)}"


class RevisionRecord(Told):
    """What became of a revision."""

    revision: Short
    version: Short
    fate: Fate
    reason: Short
    message: Text
    at: Time


class Draining(Told):
    """A revision out of traffic whose pods finish their last requests."""

    revision: Short
    since: Time


class Condition(Told):
    """A kstatus condition."""

    type: Short
    status: Annotated[str, StringConstraints(pattern="^(True|False|Unknown)$")]
    reason: Short
    message: Text
    last_transition_time: Time
    observed_generation: int = 0


class Memory(Told):
    """The part of status that decisions are made from."""

    stable: ServingRevision | None = None
    rollout: Rollout | None = None
    decision: TerminalDecision | None = None
    history: Annotated[tuple[RevisionRecord, ...], Field(max_length=32)] = ()
    """Newest first."""
    draining: Annotated[tuple[Draining, ...], Field(max_length=32)] = ()
    handled: dict[str, Short] = Field(default_factory=dict)
    """Commands carried out, by name, as they were written in their annotation."""
    calibration: Calibration | None = None
    """How often the policy would have been wrong on stable's own past."""
    contents: dict[str, Annotated[tuple[Short, ...], Field(max_length=8)]] = Field(
        default_factory=dict
    )
    """Digests of the model's files that a revision's pods have had, by revision, newest last."""


class Status(Memory):
    """The whole status."""

    observed_generation: int = 0
    phase: Phase = Phase.PENDING
    message: Text = ""
    conditions: Annotated[
        tuple[Condition, ...],
        Field(
            max_length=8,
            json_schema_extra={
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["type"],
            },
        ),
    ] = ()
    stable_version: Short | None = None
    canary_version: Short | None = None
    weight: int = 0
    """The canary's share of traffic in percent."""
    step: Short | None = None
    """The step stood on, of how many: "2/4"."""
    objectives: Annotated[tuple[ObjectiveInForce, ...], Field(max_length=40)] = ()
    """What must hold, with templates and defaults."""
    policy: Annotated[tuple[PolicyInForce, ...], Field(max_length=20)] = ()
    """How a new revision is let in, with the cluster's defaults."""
    verdict: Short | None = None
    """The worst verdict in a word, for the printer column."""
    verdicts: Annotated[tuple[Verdict, ...], Field(max_length=40)] = ()
    as_of: Time | None = None
    """When the verdicts' numbers were these; they are written anew twice a minute at most."""
    replicas: int = 0
    """Stable's pods, without those that are going, as a Deployment counts them."""
    ready_replicas: int = 0
    selector: Short | None = None
    """Selector of the stable pods only, for the scale subresource."""

    def memory(self) -> Memory:
        """Return what decisions are made from."""
        return Memory.model_construct(
            **{name: getattr(self, name) for name in Memory.model_fields}
        )


def parse_status(raw: Mapping[str, Any] | None) -> Status:
    """Return the stored status, what is not known of it left out.

    Raises:
        StatusUnreadable: what decisions are made from can't be read, with the path of every fault.
    """
    written = dict(raw or {})
    try:
        return Status.model_validate(written)
    except ValidationError:
        # What is only told is told anew by the next look.
        remembered = {key: written[key] for key in REMEMBERED if key in written}
    try:
        return Status.model_validate(remembered)
    except ValidationError as invalid:
        faults = told(invalid, "status")
        raise StatusUnreadable(faults) from invalid


REMEMBERED = frozenset(field.alias or name for name, field in Memory.model_fields.items())
"""Fields of the status that decisions are made from, as they are written."""
