"""Events on a resource, as `kubectl describe` shows them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from serinus.decide.decision import Happening
from serinus.resource.names import API_VERSION, GROUP, KIND

LONGEST_NOTE = 1024
"""Bytes the API server takes for an event's message; it counts UTF-8."""


def event_of(
    namespace: str, name: str, uid: str, happening: Happening, instance: str
) -> dict[str, Any]:
    """Return the manifest of an event that is told now."""
    now = datetime.now(UTC)
    second = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": namespace, "name": f"{name}.{uuid.uuid4().hex[:16]}"},
        "eventTime": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "firstTimestamp": second,
        "lastTimestamp": second,
        "count": 1,
        "type": "Warning" if happening.is_warning else "Normal",
        "reason": happening.reason[:128],
        "action": happening.reason[:128],
        "message": happening.message.encode()[:LONGEST_NOTE].decode(errors="ignore"),
        "reportingComponent": f"{GROUP}/operator",
        "reportingInstance": instance[:128],
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "namespace": namespace,
            "name": name,
            "uid": uid,
        },
    }
