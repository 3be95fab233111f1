"""What was asked for last that could be followed, stored for when it can't be any more.

It lies beside a rollout's evidence: a bad canary waits neither for an edit nor for its operator.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from serinus.resource.body import NO_TEMPLATE
from serinus.resource.status import Memory

LONGEST_TEXT = 65_536
"""What evidence of the most objectives leaves free in a ConfigMap."""


def write_asked(raw_spec: Mapping[str, Any], memory: Memory) -> str:
    """Return a spec as it is stored for the rollout under way, "" without one or if it is long."""
    if memory.rollout is None:
        return ""
    content = {"rollout": memory.rollout.id, "spec": {**raw_spec, "template": NO_TEMPLATE}}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return text if len(text) <= LONGEST_TEXT else ""


def read_asked(text: str, memory: Memory) -> Mapping[str, Any] | None:
    """Return the spec that was stored for the rollout under way, None without a readable one."""
    try:
        content = json.loads(text)
        is_of_it = memory.rollout is not None and content["rollout"] == memory.rollout.id
        return dict(content["spec"]) if is_of_it else None
    except (ValueError, KeyError, TypeError):
        return None
