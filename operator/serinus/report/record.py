"""Decision records: what a decision was made from, so that an incident becomes a unit test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from serinus.decide.decision import Decision
from serinus.decide.rules import decide
from serinus.evidence.ledger import Ledger, read_ledger, write_ledger
from serinus.observe.snapshot import Children, Snapshot
from serinus.resource.body import Resource
from serinus.resource.defaults import written
from serinus.resource.objectives import in_force
from serinus.resource.revision import Wanted
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import Memory, Status

RECORD_FORMAT = 1
NO_TEMPLATE = {"spec": {"containers": [{"name": "left-out"}]}}
"""Templates may hold what is nobody's business, and no rule reads them."""

_SNAPSHOT = TypeAdapter(Snapshot)


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
        "seen": _SNAPSHOT.dump_python(_reduced(seen), mode="json"),
    }
    return json.dumps(content, separators=(",", ":"))


def replay_record(text: str) -> Decision:
    """Return what today's rules decide on a recorded case.

    Raises:
        ValueError: if the text is no record of this format.
    """
    content: Mapping[str, Any] = json.loads(text)
    if content.get("format") != RECORD_FORMAT:
        raise ValueError(f"no decision record of format {RECORD_FORMAT}")
    seen = _SNAPSHOT.validate_python(content["seen"])
    memory = Memory.model_validate_json(json.dumps(content["memory"]))
    seen = replace(seen, ledger=read_ledger(content["ledger"]))
    return decide(in_force(parse_spec(content["spec"]), seen.objectives), memory, seen)


def _reduced(seen: Snapshot) -> Snapshot:
    """Leave out what no rule looks at: manifests, templates and content of ConfigMaps."""
    children = seen.children
    wanted = seen.wanted
    return replace(
        seen,
        ledger=Ledger(),
        checkpoint=Ledger(),
        wanted=wanted and Wanted(digest=wanted.digest, version=wanted.version, template={}),
        children=Children(
            workload_sizes=children.workload_sizes,
            pods=children.pods,
            route=children.route,
            endpoints=children.endpoints,
        ),
    )
