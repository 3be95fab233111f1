"""The last decision on a resource: stable goes on serving without it."""

from __future__ import annotations

from serinus.decide.case import Case
from serinus.decide.decision import Decision
from serinus.observe.snapshot import Snapshot
from serinus.resource.spec import Spec
from serinus.resource.status import Memory, Phase


def leave_stable_serving(spec: Spec, memory: Memory, seen: Snapshot) -> Decision:
    """Return the decision that ends a rollout and keeps what serves."""
    memory = memory.model_copy(update={"rollout": None, "decision": None, "draining": ()})
    case = Case(spec=spec, memory=memory, seen=seen)
    message = "the resource is being deleted; stable is left serving"
    return case.decided(Phase.HEALTHY, "Orphaned", message, is_settled=True)
