"""Decision records: what a decision was made from, so that an incident becomes a unit test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from serinus.decide.decision import Decision
from serinus.decide.rules import decide
from serinus.evidence.ledger import Ledger, read_ledger, write_ledger
from serinus.observe.snapshot import Children, Snapshot
from serinus.resource.body import NO_TEMPLATE, Resource
from serinus.resource.defaults import written
from serinus.resource.objectives import in_force
from serinus.resource.revision import Wanted
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import Memory, Phase, Status

RECORD_FORMAT = 1

_SNAPSHOT = TypeAdapter(Snapshot)
_WORKED_OUT = {"ledger": {"sums"}, "checkpoint": {"sums"}}
"""What follows from the rest, and is no part of the format."""


def is_transition(status: Status, decision: Decision) -> bool:
    """Return whether a decision says something that the one before did not."""
    reason = next((c.reason for c in status.conditions if c.type == "Ready"), "")
    weight = decision.memory.rollout.weight if decision.memory.rollout else 0
    before = (status.phase, reason, status.weight, status.decision)
    return before != (decision.phase, decision.reason, weight, decision.memory.decision)


def write_record(
    resource: Resource, spec: Spec, memory: Memory, seen: Snapshot, decision: Decision
) -> str:
    """Return all that a decision rests on, and what it was, as one line of JSON."""
    content = {
        "format": RECORD_FORMAT,
        "rule": decision.rule,
        "phase": decision.phase,
        "reason": decision.reason,
        "message": decision.message,
        # With the policy in force: the cluster's defaults may be others when it is replayed.
        "spec": {**resource.raw_spec, "template": NO_TEMPLATE, "rollout": written(spec.rollout)},
        "memory": memory.model_dump(mode="json", by_alias=True, exclude_none=True),
        "ledger": write_ledger(seen.ledger),
        "seen": _SNAPSHOT.dump_python(_reduced(seen), mode="json", exclude=_WORKED_OUT),
    }
    return json.dumps(content, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a decision was made from, read back."""

    raw_spec: Mapping[str, Any]
    """As it was written, the template left out."""
    memory: Memory
    seen: Snapshot
    rule: str
    """Which rule decided then."""
    phase: Phase
    message: str

    @property
    def is_terminal(self) -> bool:
        """Whether this is the look that took the decision to promote or to roll back."""
        return self.memory.decision is None and self.phase in (Phase.PROMOTING, Phase.ROLLING_BACK)


def read_record(text: str) -> Record:
    """Return a decision record.

    Raises:
        ValueError: if the text is no record of this format.
    """
    content: Mapping[str, Any] = json.loads(text)
    if content.get("format") != RECORD_FORMAT:
        raise ValueError(f"no decision record of format {RECORD_FORMAT}")
    seen = _SNAPSHOT.validate_python(content["seen"])
    return Record(
        raw_spec=content["spec"],
        memory=Memory.model_validate_json(json.dumps(content["memory"])),
        seen=replace(seen, ledger=read_ledger(content["ledger"])),
        rule=content["rule"],
        phase=Phase(content["phase"]),
        message=content["message"],
    )


def replay_record(text: str) -> Decision:
    """Return what today's rules decide on a recorded case.

    Raises:
        ValueError: if the text is no record of this format.
    """
    record = read_record(text)
    spec = in_force(parse_spec(record.raw_spec), record.seen.objectives)
    return decide(spec, record.memory, record.seen)


def _reduced(seen: Snapshot) -> Snapshot:
    """Leave out what no rule looks at: manifests, templates and content of ConfigMaps."""
    children = seen.children
    wanted = seen.wanted
    return replace(
        seen,
        ledger=Ledger(),
        checkpoint=Ledger(),
        captured=None,
        last_asked="",
        recovered={},
        wanted=wanted and Wanted(digest=wanted.digest, version=wanted.version, template={}),
        children=Children(
            workload_sizes=children.workload_sizes,
            workload_troubles=children.workload_troubles,
            pods=children.pods,
            route=children.route,
            endpoints=children.endpoints,
        ),
    )
