"""What was asked for last of each resource that could be followed, for when it can't any more.

A cache of this process: who starts anew in the middle of such an edit waits for the next one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class LastAsked:
    """Valid specs of all resources with a rollout under way, as text: objects take far more."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def of(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return the last spec of a resource that could be followed, as it was written."""
        text = self._texts.get((namespace, name))
        return None if text is None else dict(json.loads(text))

    def keep(self, namespace: str, name: str, raw_spec: Mapping[str, Any]) -> None:
        """Take in a spec that can be followed."""
        self._texts[namespace, name] = json.dumps(raw_spec, separators=(",", ":"))

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more, or that nothing of it is on its way."""
        self._texts.pop((namespace, name), None)
