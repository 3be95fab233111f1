"""Events on a resource, as `kubectl describe` shows them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from serinus.decide.decision import Happening
from serinus.resource.names import API_VERSION, GROUP, KIND

LONGEST_NOTE = 1024
"""Bytes the API server takes for an event's message; it counts UTF-8."""


AT_ONCE = {False: 30, True: 5}
"""Events of one reason on one resource, warnings or not: a rollout has 30 steps at most."""
ANOTHER_EVERY_SECONDS = 300.0


class Restraint:
    """Which events are told: what comes and goes at every look is in the log, and here sometimes.

    The measure is that of client-go's spam filter: some at once, and then one every five minutes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent_until: dict[tuple[str, str], float] = {}
        """When all that was told is forgotten, by uid and reason."""

    def allows(self, uid: str, happening: Happening) -> bool:
        """Return whether it may be told, and count it if so."""
        now, key = self._clock(), (uid, happening.reason)
        self._spent_until = {k: until for k, until in self._spent_until.items() if until > now}
        until = self._spent_until.get(key, now) + ANOTHER_EVERY_SECONDS
        if until - now > AT_ONCE[happening.is_warning] * ANOTHER_EVERY_SECONDS:
            return False
        self._spent_until[key] = until
        return True


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
