"""A decision as a table's row shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serinus.decide.decision import Decision


def shown(decision: Decision, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a decision shows of all that a row expects; "says" is part of its message."""
    facts = _facts(decision)
    says = expected.get("says", "")
    facts["says"] = says if says in decision.message else decision.message
    return {name: facts[name] for name in expected}


def _facts(decision: Decision) -> dict[str, Any]:
    memory, split = decision.memory, decision.split
    return {
        "rule": decision.rule,
        "phase": decision.phase,
        "reason": decision.reason,
        "canary_gets": split.canary if split else None,
        "sizes": dict(decision.sizes),
        "look": decision.look_again_after_seconds,
        "stalled": decision.is_stalled,
        "settled": decision.is_settled,
        "told": [each.reason for each in decision.happenings],
        "warns": any(each.is_warning for each in decision.happenings),
        "stable": decision.stable,
        "canary": decision.canary,
        "rollout": memory.rollout,
        "decided": memory.decision and (str(memory.decision.kind), memory.decision.fate),
        "history": [(past.revision, past.fate) for past in memory.history],
        "draining": {gone.revision: gone.since for gone in memory.draining},
        "handled": memory.handled,
        **({f"rollout.{k}": v for k, v in dict(memory.rollout).items()} if memory.rollout else {}),
    }
